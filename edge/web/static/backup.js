// A backup that is put back is sent in pieces: it may be far larger than what one request may carry.

import { send, toast } from "./ui.js";

const form = document.getElementById("restore-form");
const progress = document.getElementById("restore-progress");
let sent = false;

form.addEventListener("submit", async (event) => {
  if (sent) return;
  event.preventDefault();
  event.stopPropagation(); // the form is sent a second time, without its file
  const input = document.getElementById("restore-file");
  const file = input.files[0];
  const piece = Number(form.dataset.piece);
  const button = event.submitter;
  button?.setAttribute("aria-busy", "true");
  progress.hidden = false;
  try {
    for (let offset = 0; offset === 0 || offset < file.size; offset += piece) {
      await send(`${form.dataset.part}?offset=${offset}`, file.slice(offset, offset + piece));
      progress.value = Math.min((offset + piece) / file.size, 1);
    }
    input.disabled = true;
    sent = true;
    form.requestSubmit();
  } catch (error) {
    toast(error.message, "bad");
    progress.hidden = true;
  } finally {
    button?.removeAttribute("aria-busy");
  }
});
