// The dashboard while somebody looks: the door and the health are asked for every few seconds, events come by
// themselves, and the buttons of the door answer in place. Without scripts the page works by reloading it.

import { send, toast } from "./ui.js";

const EVERY = 2500; // milliseconds
const page = document.querySelector(".dashboard");

// Put new markup where it differs, and keep the focus where it was.
function patch(place, markup) {
  if (!place || place.dataset.markup === markup) return;
  const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.innerHTML = markup;
  place.dataset.markup = markup;
  if (focused) document.getElementById(focused)?.focus();
}

async function look() {
  const answer = await fetch(page.dataset.now, { headers: { Accept: "application/json" } });
  if (answer.status === 401 || answer.redirected) return location.reload();
  if (!answer.ok) throw new Error(`${answer.status}`);
  const found = await answer.json();
  for (const name of ["standing", "tiles", "counts"]) patch(document.getElementById(name), found[name]);
  for (const [door, markup] of Object.entries(found.doors)) patch(document.getElementById(`door-${door}`), markup);
}

let timer = 0;

async function turn() {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    await look();
    page.classList.remove("stale");
  } catch {
    page.classList.add("stale"); // the terminal does not answer: what is shown may be old
  }
  timer = setTimeout(turn, EVERY);
}

document.addEventListener("visibilitychange", turn);
document.addEventListener("edge:happened", () => {
  clearTimeout(timer);
  timer = setTimeout(turn, 100); // several events of one moment are one look
});
timer = setTimeout(turn, EVERY);

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-door]");
  if (!form) return;
  event.preventDefault();
  const button = event.submitter;
  button?.setAttribute("aria-busy", "true");
  try {
    const address = button?.getAttribute("formaction") ?? form.getAttribute("action");
    const said = await send(address, new FormData(form));
    toast(said.line);
  } catch (error) {
    toast(error.message, "bad");
  } finally {
    button?.removeAttribute("aria-busy");
    form.closest("dialog")?.close();
    turn();
  }
});
