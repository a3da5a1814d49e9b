// What every page has: menus that close, questions before acts, buttons that are pressed once, notes in a corner.
// Other scripts import { toast, send, statusIcon } from "./ui.js".

const LASTS = 7000; // milliseconds a good note stays; a bad one stays until it is closed

export function statusIcon(kind) {
  const shape = document.querySelector(`#status-icons`)?.content.querySelector(`[data-kind="${kind}"] svg`);
  return shape ? shape.cloneNode(true) : document.createElement("span");
}

export function toast(text, kind = "ok") {
  const note = document.getElementById("toast-shape").content.firstElementChild.cloneNode(true);
  note.classList.add(kind);
  note.querySelector("svg").replaceWith(statusIcon(kind));
  note.querySelector("p").textContent = text;
  note.querySelector("button").addEventListener("click", () => note.remove());
  document.getElementById("toasts").append(note);
  if (kind === "ok" || kind === "info") setTimeout(() => note.remove(), LASTS);
  return note;
}

// What is said where the terminal said nothing itself: its server refused, or nothing came back.
function sentence(status) {
  const { lost, tooLarge, later, failed } = document.getElementById("toast-shape").dataset;
  return { 0: lost, 413: tooLarge, 502: later, 503: later, 504: later }[status] ?? failed;
}

async function asked(address, whole) {
  return fetch(address, whole).catch((cause) => {
    throw new Error(sentence(0), { cause });
  });
}

// Where somebody has to log in or give the password again before this is answered; empty where nobody has to.
function loginFor(answer, said) {
  if (answer.redirected && new URL(answer.url).pathname.startsWith("/login")) return answer.url;
  if (answer.status === 401) return `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
  return said.again ?? "";
}

// Send a form's data or an object to one of the page's own routes; returns the JSON of the answer, or throws an
// Error with the line to be shown. Where the login ran out, or the password is asked for again, the browser goes
// there; with `leave` false it stays on the page, and the Error has status 401.
export async function send(address, body = {}, { leave = true } = {}) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const plain = body instanceof FormData || body instanceof Blob;
  if (!plain) headers["Content-Type"] = "application/json";
  const whole = { method: "POST", headers, body: plain ? body : JSON.stringify(body) };
  let answer = await asked(address, whole);
  // Whoever gives the password in another tab gets a new cookie, which what was under way does not have yet.
  if (answer.status === 401) answer = await asked(address, whole);
  const said = await answer.json().catch(() => ({}));
  const login = loginFor(answer, said);
  if (login && leave) {
    location.assign(login);
    return new Promise(() => {});
  }
  if (answer.ok && !login) return said;
  throw Object.assign(new Error(said.line ?? sentence(answer.status)), { status: login ? 401 : answer.status, said });
}

function openDialog(button) {
  const dialog = document.getElementById(button.dataset.opens);
  if (!dialog) return false;
  dialog.showModal();
  return true;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener && openDialog(opener)) event.preventDefault();
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (event.target.closest("[data-prints]")) print();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A filter is sent as soon as it is changed; typed text only by Enter.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && event.target.type !== "search" && event.target.type !== "text") form.requestSubmit();
});

// A form is sent once: a second press of its button does nothing until the page comes back.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get" || form.method === "dialog" || "repeats" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector('[aria-busy="true"]')?.removeAttribute("aria-busy");
  }
});

document.querySelector(".tabs > [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

for (const first of document.querySelectorAll('[aria-invalid="true"]')) {
  first.focus();
  break;
}
