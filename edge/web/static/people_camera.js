// Pictures by the terminal's own camera, with guidance from what it sees, and by the camera of this device.

import { startLive } from "./live.js";
import { asJpeg } from "./people_pictures.js";

const STEADY = 700; // milliseconds a good face stays before a picture is taken by itself
const APART = 1600; // milliseconds between two such pictures: somebody turns meanwhile
const BY_ITSELF = 3; // pictures

export class TerminalCamera {
  // `take(blob, name)` gets each picture.
  constructor(panel, take) {
    this.panel = panel;
    this.take = take;
    this.guidance = panel.querySelector("#guidance");
    this.button = panel.querySelector("#take-still");
    this.auto = panel.querySelector('input[name="auto"]');
    this.taken = 0;
    this.good = 0;
    this.last = 0;
    this.busy = false;
    this.live = null;
    this.button.addEventListener("click", () => this.still());
    document.addEventListener("edge:look", (event) => this.look(event.detail));
  }

  open() {
    if (this.live) this.live.start();
    else this.live = startLive({ pictures: [this.panel.querySelector("[data-live-picture]")] });
  }

  close() {
    this.live?.stop();
  }

  look(look) {
    const faces = look?.faces ?? [];
    const words = this.guidance.dataset;
    const good = faces.length === 1 && faces[0].good;
    const text =
      faces.length === 0 ? words.wait : faces.length > 1 ? words.one : good ? words.good : faces[0].text;
    if (this.guidance.textContent !== text) this.guidance.textContent = text;
    this.guidance.classList.toggle("ok", good);
    this.guidance.classList.toggle("warn", faces.length > 0 && !good);
    const now = performance.now();
    if (!good) this.good = 0;
    else if (!this.good) this.good = now;
    const due = this.good && now - this.good > STEADY && now - this.last > APART;
    if (due && this.auto?.checked && this.taken < BY_ITSELF && !this.panel.hidden) this.still();
  }

  async still() {
    if (this.busy) return;
    this.busy = true;
    this.last = performance.now();
    this.button.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(this.button.dataset.from);
      if (!answer.ok) return;
      this.taken += 1;
      await this.take(await answer.blob(), `${this.button.dataset.name} ${this.taken}`);
    } finally {
      this.button.removeAttribute("aria-busy");
      this.busy = false;
    }
  }
}

function letGo(stream) {
  for (const track of stream.getTracks()) track.stop();
}

export class BrowserCamera {
  constructor(panel, take) {
    this.video = panel.querySelector("#viewfinder");
    this.note = panel.querySelector("#viewfinder-note");
    this.button = panel.querySelector("#take-frame");
    this.take = take;
    this.taken = 0;
    this.turn = 0; // of openings and closings: what an older one waited for is let go
    this.button.addEventListener("click", () => this.frame());
  }

  async open() {
    const text = this.note.querySelector("p");
    text.textContent = text.dataset.plain;
    this.turn += 1;
    const mine = this.turn;
    try {
      const wanted = { video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 960 } }, audio: false };
      const stream = await navigator.mediaDevices.getUserMedia(wanted);
      if (mine !== this.turn) return letGo(stream); // another source was chosen while the browser asked
      this.stream = stream;
      this.video.srcObject = stream;
      await this.video.play();
      if (mine !== this.turn) return;
      this.note.hidden = true;
      this.button.disabled = false;
    } catch {
      if (mine !== this.turn) return;
      text.textContent = text.dataset.denied;
      this.note.hidden = false;
      this.button.disabled = true;
    }
  }

  close() {
    this.turn += 1;
    if (this.stream) letGo(this.stream);
    this.stream = null;
    this.video.srcObject = null;
    this.note.hidden = false;
    this.button.disabled = true;
  }

  async frame() {
    const canvas = document.createElement("canvas");
    canvas.width = this.video.videoWidth;
    canvas.height = this.video.videoHeight;
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    this.taken += 1;
    await this.take(await asJpeg(canvas), `${this.button.dataset.name} ${this.taken}`);
  }
}
