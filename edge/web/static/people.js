// Enrolment: pictures from files, by drag and drop, and from two cameras; each is examined as soon as it is there.

import { send, statusIcon } from "./ui.js";
import { BrowserCamera, TerminalCamera } from "./people_camera.js";
import { MOST_PICTURES, overlay, smaller } from "./people_pictures.js";

const form = document.getElementById("enrol");
const list = document.getElementById("verdicts");
const input = document.getElementById("pictures");
const save = document.getElementById("save");
const said = document.getElementById("said");
const alike = document.getElementById("alike");
const allow = form.querySelector('input[name="allow"]');

let pictures = []; // { name, blob, address, verdict }
let round = 0; // of examinations: an answer to an older one is of no use
let waiting = null;

function leaveButton(text) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button quiet small icon-only leave-out";
  made.title = text;
  made.setAttribute("aria-label", text);
  made.append(document.getElementById("leave-icon").content.cloneNode(true));
  return made;
}

function shape(picture) {
  const item = document.createElement("li");
  const figure = document.createElement("figure");
  figure.className = "picture";
  const image = document.createElement("img");
  image.src = picture.address;
  image.alt = picture.name;
  figure.append(image);
  const text = document.createElement("div");
  const verdict = picture.verdict;
  item.className = verdict?.kind ?? "idle";
  if (verdict) figure.append(overlay(verdict));
  const line = document.createElement("p");
  line.className = `status ${verdict?.kind ?? "idle"}`;
  line.append(statusIcon(verdict?.kind ?? "idle"), document.createElement("span"));
  line.lastChild.textContent = verdict ? verdict.text : list.dataset.checking;
  text.append(line);
  if (verdict?.nearest && !verdict.alike) {
    const nearest = document.createElement("p");
    nearest.className = "small muted";
    nearest.textContent = list.dataset.nearest
      .replace("{name}", () => verdict.nearest.name)
      .replace("{percent}", () => verdict.nearest.percent);
    text.append(nearest);
  }
  const away = leaveButton(`${list.dataset.remove}: ${picture.name}`);
  away.addEventListener("click", () => leaveOut(picture));
  item.append(figure, text, away);
  return item;
}

function render() {
  list.replaceChildren(...pictures.map(shape));
  const good = pictures.some((one) => one.verdict?.outcome === "accepted");
  const possible = good || pictures.some((one) => one.verdict?.code === "looks_like_another" && allow.checked);
  save.setAttribute("aria-disabled", String(!possible));
}

function showAlike(people) {
  alike.hidden = people.length === 0 && !allow.checked;
  const words = document.getElementById("alike-names");
  if (people.length) {
    const named = people.map(({ name, percent }) =>
      words.dataset.shape.replace("{name}", () => name).replace("{percent}", () => percent),
    );
    words.textContent = named.join(document.documentElement.lang === "ja" ? "、" : ", ");
  }
}

function complain(text) {
  said.textContent = text;
  said.hidden = !text;
}

function leaveOut(picture) {
  URL.revokeObjectURL(picture.address);
  pictures = pictures.filter((one) => one !== picture);
  render();
  examine();
}

async function add(blob, name) {
  if (pictures.length >= MOST_PICTURES) return;
  const picture = { name, blob: null, address: "", verdict: null };
  try {
    picture.blob = await smaller(blob);
  } catch {
    complain(`${name}: ${list.dataset.unreadable}`);
    return;
  }
  picture.address = URL.createObjectURL(picture.blob);
  pictures.push(picture);
  complain("");
  render();
  examine();
}

function examine() {
  clearTimeout(waiting);
  round += 1;
  if (!pictures.length) return showAlike([]);
  waiting = setTimeout(ask, 120, round);
}

function body(extra = {}) {
  const sent = new FormData();
  for (const one of pictures) sent.append("pictures", one.blob, one.name);
  for (const [key, value] of Object.entries(extra)) sent.append(key, value);
  return sent;
}

function take(report, judged) {
  report.pictures.forEach((verdict, place) => (judged[place].verdict = verdict));
  render();
  showAlike(report.alike);
}

async function ask(mine) {
  const judged = [...pictures];
  list.setAttribute("aria-busy", "true");
  try {
    const report = await send(
      form.dataset.examine,
      body({ person: form.dataset.person, allow: allow.checked ? "1" : "" }),
    );
    if (mine === round) take(report, judged);
  } catch (error) {
    if (mine !== round) return;
    if (error.said?.pictures) take(error.said, judged);
    else complain(error.message);
  } finally {
    if (mine === round) list.removeAttribute("aria-busy");
  }
}

function showErrors(errors) {
  for (const old of form.querySelectorAll(".field.wrong")) {
    old.classList.remove("wrong");
    old.querySelector(".error")?.remove();
    old.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
  }
  for (const [name, text] of Object.entries(errors)) {
    const field = form.querySelector(`.field [name="${name}"]`);
    if (!field) {
      complain(text);
      continue;
    }
    const line = document.createElement("p");
    line.className = "error";
    line.id = `field-${name}-error`;
    line.append(statusIcon("bad"), text);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", line.id);
    field.closest(".field").classList.add("wrong");
    field.closest(".field").append(line);
    field.focus();
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  delete form.dataset.sent;
  if (save.getAttribute("aria-busy") === "true" && save.dataset.busy) return;
  if (save.getAttribute("aria-disabled") === "true") return complain(save.dataset.none);
  save.dataset.busy = "yes";
  save.setAttribute("aria-busy", "true");
  complain("");
  const sent = new FormData(form);
  sent.delete("pictures");
  sent.delete("auto");
  for (const one of pictures) sent.append("pictures", one.blob, one.name);
  const judged = [...pictures];
  try {
    const answer = await send(location.pathname, sent);
    location.assign(answer.location);
    return;
  } catch (error) {
    complain(error.message);
    showErrors(error.said?.errors ?? {});
    if (error.said?.report) take(error.said.report, judged);
  }
  delete save.dataset.busy;
  save.removeAttribute("aria-busy");
});

async function takeChosen() {
  const files = [...input.files];
  input.value = "";
  for (const file of files) await add(file, file.name);
}

input.addEventListener("change", takeChosen);

allow.addEventListener("change", examine);

for (const kind of ["dragover", "drop"]) {
  addEventListener(kind, (event) => event.preventDefault()); // a picture that is dropped beside opens no page
}
const drop = form.querySelector(".drop");
for (const kind of ["dragenter", "dragover"]) form.addEventListener(kind, () => drop.classList.add("over"));
for (const kind of ["dragleave", "drop"]) form.addEventListener(kind, () => drop.classList.remove("over"));
form.addEventListener("drop", async (event) => {
  event.preventDefault();
  for (const file of [...(event.dataTransfer?.files ?? [])]) await add(file, file.name);
});

const panels = Object.fromEntries([...form.querySelectorAll("[data-panel]")].map((one) => [one.dataset.panel, one]));
const cameras = {
  terminal: panels.terminal && new TerminalCamera(panels.terminal, add),
  browser: new BrowserCamera(panels.browser, add),
};

form.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-source]");
  if (!chosen) return;
  for (const one of form.querySelectorAll("[data-source]")) one.setAttribute("aria-pressed", String(one === chosen));
  for (const [name, panel] of Object.entries(panels)) {
    const wanted = name === chosen.dataset.source;
    if (panel.hidden === !wanted) continue;
    panel.hidden = !wanted;
    if (wanted) cameras[name]?.open();
    else cameras[name]?.close();
  }
});

addEventListener("pagehide", () => cameras.browser.close());
document.body.classList.add("with-scripts");
render();
takeChosen(); // somebody may have been quicker than this script
