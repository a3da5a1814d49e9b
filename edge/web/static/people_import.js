// A bulk import: the browser reads the list and the pictures, and sends one person after the other through the same
// door as the form does. Each row has its own report; what is wrong with one row keeps no other back.

import { send, statusIcon } from "./ui.js";
import { people } from "./people_csv.js";
import { MOST_PICTURES, smaller } from "./people_pictures.js";
import { entries } from "./people_zip.js";

const place = document.getElementById("import");
const part = (name) => document.getElementById(`import-${name}`);
const PICTURE = /\.(jpe?g|png|webp)$/i;
const MOST_PICTURE = 24 * 1024 * 1024; // bytes of one, before the browser makes it smaller
const MOST_LIST = 8 * 1024 * 1024;
const SHOWN = 500; // rows of the report on the page; all are in the list to be taken away
const TRIES = 4;

const words = Object.fromEntries(
  [...part("words").content.querySelectorAll("[data-key]")].map((one) => [one.dataset.key, one.textContent]),
);
const say = (key, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, () => value), words[key] ?? key);

let rows = [];
let running = false;
let report = [];

function problem(text) {
  part("problem").textContent = text;
  part("problem").hidden = !text;
}

// A file of an archive, a folder or a choice, all alike: { path, refused, read(most) }.
async function opened(files) {
  const found = [];
  for (const file of files) {
    const path = (file.webkitRelativePath || file.name).normalize("NFC");
    if (/\.zip$/i.test(path)) {
      for (const one of await entries(file)) {
        found.push({ path: one.name.normalize("NFC"), refused: one.refused, read: one.read });
      }
      continue;
    }
    const read = async (most) => {
      if (file.size > most) throw new Error("too_large");
      return file;
    };
    found.push({ path, refused: "", read });
  }
  return found.filter((one) => !/(^|\/)(__MACOSX|\.)/.test(one.path));
}

const folded = (path) => path.toLowerCase();

// Give each row its pictures: by the paths that the list names, beside the list or from the top.
function withPictures(listed, files, base) {
  const pictures = files.filter((one) => PICTURE.test(one.path));
  const byPath = new Map(pictures.map((one) => [folded(one.path), one]));
  const within = (folder) => pictures.filter((one) => folded(one.path).startsWith(folded(folder)));
  const wanted = (name) => {
    const plain = name.replaceAll("\\", "/").normalize("NFC");
    if (plain.split("/").includes("..") || plain.startsWith("/")) return { refused: "name_path", name };
    for (const full of [base + plain, plain]) {
      const one = byPath.get(folded(full));
      if (one) return one;
      const folder = full.endsWith("/") ? full : `${full}/`;
      const many = within(folder);
      if (many.length) return many;
    }
    return { refused: "picture_missing", name };
  };
  return listed.map((row) => ({ ...row, files: row.pictures.flatMap(wanted) }));
}

// Without a list, each folder is a person, called as the folder is.
function byFolders(files) {
  const folders = new Map();
  for (const one of files) {
    if (!PICTURE.test(one.path) && !one.refused) continue;
    const parts = one.path.split("/");
    const name = parts.length > 1 ? parts[parts.length - 2] : one.path.replace(PICTURE, "");
    folders.set(name, [...(folders.get(name) ?? []), one]);
  }
  const empty = { employee_number: "", groups: [], valid_from: "", valid_until: "", refused: "" };
  return [...folders].map(([name, found], line) => ({ ...empty, line: line + 1, name, files: found }));
}

async function choose(files) {
  if (running || !files.length) return;
  problem("");
  part("start").disabled = true;
  part("found").textContent = say("reading");
  try {
    const found = await opened(files);
    const list = found.filter((one) => /\.csv$/i.test(one.path)).sort((a, b) => a.path.length - b.path.length)[0];
    if (list?.refused) throw new Error(list.refused);
    if (list) {
      const base = list.path.slice(0, list.path.lastIndexOf("/") + 1);
      const buffer = await (await list.read(MOST_LIST)).arrayBuffer();
      rows = withPictures(people(buffer), found, base);
    } else rows = byFolders(found);
    const pictures = rows.reduce((sum, row) => sum + row.files.filter((one) => !one.refused).length, 0);
    part("found").textContent = rows.length ? say("found", { people: rows.length, pictures }) : "";
    if (!rows.length) problem(say("nothing"));
    part("start").disabled = rows.length === 0;
  } catch (error) {
    rows = [];
    part("found").textContent = "";
    problem(say(words[error.message] ? error.message : "unreadable"));
  }
}

async function pictureOf(one) {
  if (one.refused) throw new Error(one.refused);
  const blob = await one.read(MOST_PICTURE);
  try {
    return await smaller(blob);
  } catch {
    throw new Error("picture_unreadable");
  }
}

// Return { kind, text, pictures, id } of one row.
async function bring(row) {
  if (row.refused) return { kind: "bad", text: say(row.refused) };
  const sent = new FormData();
  const notes = [];
  let count = 0;
  for (const one of row.files.slice(0, MOST_PICTURES)) {
    try {
      sent.append("pictures", await pictureOf(one), (one.path ?? "").split("/").pop());
      count += 1;
    } catch (error) {
      notes.push(`${one.name ?? one.path}: ${say(words[error.message] ? error.message : "damaged")}`);
    }
  }
  if (!count) return { kind: "bad", text: notes[0] ?? say("row_pictures"), pictures: notes };
  sent.append("name", row.name);
  sent.append("external_id", row.employee_number);
  for (const group of row.groups) sent.append("groups", group);
  sent.append("valid_from", row.valid_from);
  sent.append("valid_until", row.valid_until);
  sent.append("quiet", "1");
  return { notes, ...(await post(sent)) };
}

async function post(sent) {
  for (let tried = 1; ; tried += 1) {
    try {
      const answer = await send(place.dataset.add, sent, { leave: false }); // the report would be lost
      const good = answer.report.pictures.filter((one) => one.outcome === "accepted").length;
      return { kind: "ok", text: say("enrolled", { count: good }), id: answer.id, pictures: judged(answer.report) };
    } catch (error) {
      if (error.status === 503 && tried < TRIES) {
        await new Promise((done) => setTimeout(done, 1000 * tried)); // others enrol at the same time
        continue;
      }
      if (error.status === 401 || error.status === 403 || error.status === undefined) throw error;
      return refusal(error);
    }
  }
}

function refusal(error) {
  const { errors = {}, report: told } = error.said ?? {};
  if (errors.external_id) return { kind: "warn", text: errors.external_id };
  const first = Object.values(errors)[0];
  if (first) return { kind: "bad", text: first };
  const pictures = told ? judged(told) : [];
  return { kind: "bad", text: told?.pictures[0]?.text ?? error.message, pictures };
}

const judged = (told) => told.pictures.filter((one) => one.outcome !== "accepted").map((one) => `${one.source}: ${one.text}`);

function cell(row, label, ...content) {
  const made = document.createElement(label === words.row ? "th" : "td");
  made.dataset.label = label;
  made.append(...content);
  row.append(made);
  return made;
}

function show(row, found) {
  const line = document.createElement("tr");
  cell(line, words.row, String(row.line)).scope = "row";
  const name = document.createElement(found.id ? "a" : "span");
  name.textContent = row.name;
  if (found.id) name.href = place.dataset.person.replace("ID", encodeURIComponent(found.id));
  cell(line, words.name, name);
  const status = document.createElement("span");
  status.className = `status ${found.kind}`;
  status.append(statusIcon(found.kind), document.createElement("span"));
  status.lastChild.textContent = found.text;
  cell(line, words.result, status);
  const notes = [...(found.pictures ?? []), ...(found.notes ?? [])].filter((text) => !text.endsWith(found.text));
  const last = cell(line, words.pictures, notes.join(" / "));
  if (!notes.length) last.className = "empty-cell";
  if (part("body").children.length < SHOWN) part("body").append(line);
}

function sums() {
  const kinds = { ok: 0, warn: 0, bad: 0 };
  for (const one of report) kinds[one.found.kind] += 1;
  part("sums").textContent = say("sums", kinds);
}

async function run() {
  running = true;
  report = [];
  part("body").replaceChildren();
  for (const [name, hidden] of Object.entries({ run: false, rows: false, stop: false, report: true })) part(name).hidden = hidden;
  part("start").disabled = true;
  problem("");
  try {
    for (const row of rows) {
      if (!running) break;
      const found = await bring(row);
      report.push({ row, found });
      show(row, found);
      part("bar").value = report.length / rows.length;
      part("count").textContent = say("count", { done: report.length, all: rows.length });
      sums();
    }
  } catch (error) {
    problem(say("stopped", { why: error.message }));
  }
  running = false;
  part("stop").hidden = true;
  part("report").hidden = report.length === 0;
  part("start").disabled = rows.length === 0;
}

function download() {
  const quote = (text) => `"${String(text ?? "").replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;
  const lines = [
    ["row", "name", "employee_number", "result", "text", "pictures", "id"],
    ...report.map(({ row, found }) => [
      ...[row.line, row.name, row.employee_number, found.kind, found.text],
      ...[[...(found.pictures ?? []), ...(found.notes ?? [])].join(" / "), found.id],
    ]),
  ];
  const text = `\ufeff${lines.map((line) => line.map(quote).join(",")).join("\r\n")}\r\n`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = "import.csv";
  link.click();
  URL.revokeObjectURL(link.href);
}

for (const name of ["files", "folder"]) {
  part(name).addEventListener("change", async (event) => {
    const files = [...event.target.files];
    await choose(files);
    event.target.value = "";
  });
}
const drop = part("drop");
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, () => drop.classList.add("over"));
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => choose([...(event.dataTransfer?.files ?? [])]));
part("start").addEventListener("click", run);
part("stop").addEventListener("click", () => (running = false));
part("report").addEventListener("click", download);
addEventListener("beforeunload", (event) => running && event.preventDefault());
