// The live picture with the faces in it, and what happens, on any page that has a place for them:
//   <figure class="picture" data-live-picture> … <p data-live-note></p></figure>   the picture
//   <ol data-live-feed data-last="17" data-listed="12">                            events, newest first
// Other scripts listen on document for "edge:look" (faces in view) and "edge:happened" (an event), and call
// stop() and start() of startLive(…).

const STALE = 3000; // milliseconds without a look after which the picture is said to be gone
const AGAIN = 8000; // milliseconds until the next try where as many look as may
const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

// A face's box with its label above it, inside of the picture.
function faceShape(face, look, unit) {
  const [left, top, width, height] = face.box;
  const group = shape("g", { class: `live-face ${face.kind}` });
  group.append(shape("rect", { class: `overlay-box ${face.kind}`, x: left, y: top, width, height, rx: unit / 2 }));
  if (!face.text) return group;
  const size = unit * 1.5;
  const letters = [...face.text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e7f ? 1 : 0.56), 0);
  const wide = letters * size + size;
  const x = Math.max(Math.min(left + width / 2 - wide / 2, look.width - wide), 0);
  const above = top - size * 1.9;
  const y = above > 0 ? above : Math.min(top + height + size * 0.3, look.height - size * 1.7);
  group.append(shape("rect", { class: "live-label", x, y, width: wide, height: size * 1.6, rx: size / 3 }));
  group.append(
    shape("text", { class: "live-text", x: x + wide / 2, y: y + size * 1.15, "font-size": size, "text-anchor": "middle" }, face.text),
  );
  return group;
}

const SHAPE = "edge-picture-shape"; // of the last picture, so that the next page leaves room for it

function remembered() {
  try {
    return localStorage.getItem(SHAPE);
  } catch {
    return null; // a browser that keeps nothing
  }
}

function remember(shape) {
  try {
    localStorage.setItem(SHAPE, shape);
  } catch {
    return;
  }
}

class LivePicture {
  constructor(figure) {
    this.figure = figure;
    this.shape = remembered() ?? "";
    if (this.shape) figure.style.aspectRatio = this.shape;
    this.note = figure.querySelector("[data-live-note]") ?? figure.querySelector(".picture-note");
    this.image = figure.querySelector("img") ?? document.createElement("img");
    this.image.alt = figure.getAttribute("aria-label") ?? "";
    this.image.hidden = true;
    this.overlay = shape("svg", { "aria-hidden": "true", preserveAspectRatio: "xMidYMid meet" });
    this.overlay.classList.add("live-overlay");
    figure.prepend(this.image, this.overlay);
    this.waiting = null;
    this.loading = null;
    this.image.addEventListener("load", () => this.shown());
    this.image.addEventListener("error", () => (this.loading = null));
  }

  look(look) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.gone(), STALE);
    this.waiting = look;
    if (!this.loading) this.fetch();
  }

  fetch() {
    this.loading = this.waiting;
    this.waiting = null;
    this.image.src = `${this.figure.dataset.livePicture || "/live/picture.jpg"}?n=${this.loading.number}`;
  }

  shown() {
    const look = this.loading;
    this.loading = null;
    if (!look) return;
    this.image.hidden = false;
    if (this.note) this.note.hidden = true;
    this.fit(`${look.width} / ${look.height}`);
    this.overlay.setAttribute("viewBox", `0 0 ${look.width} ${look.height}`);
    const unit = Math.max(look.width, look.height) / 60;
    this.overlay.replaceChildren(...look.faces.map((face) => faceShape(face, look, unit)));
    if (this.waiting) this.fetch();
  }

  fit(shape) {
    if (shape === this.shape) return;
    this.shape = shape;
    this.figure.style.aspectRatio = shape;
    remember(shape);
  }

  gone() {
    this.loading = this.waiting = null;
    this.image.hidden = true;
    this.overlay.replaceChildren();
    if (this.note) this.note.hidden = false;
    document.dispatchEvent(new CustomEvent("edge:look", { detail: null }));
  }
}

class LiveFeed {
  constructor(list) {
    this.list = list;
    this.listed = Number(list.dataset.listed || 12);
    this.empty = document.getElementById(`${list.id}-empty`);
  }

  add({ seq, markup }) {
    if (!markup || this.list.querySelector(`[data-seq="${seq}"]`)) return;
    const shelf = document.createElement("template");
    shelf.innerHTML = markup;
    this.list.prepend(shelf.content);
    while (this.list.children.length > this.listed) this.list.lastElementChild.remove();
    if (this.empty) this.empty.hidden = true;
  }
}

export function startLive({ pictures = [], feed = null, after = "" } = {}) {
  const shown = pictures.map((figure) => new LivePicture(figure));
  const list = feed ? new LiveFeed(feed) : null;
  let last = after || feed?.dataset.last || "";
  let source = null;
  let timer = 0;
  let stopped = false;

  function open() {
    clearTimeout(timer);
    if (source || stopped || document.hidden) return;
    const asked = new URLSearchParams({ after: last });
    if (!shown.length) asked.set("pictures", "0");
    source = new EventSource(`/live/stream?${asked}`);
    source.addEventListener("look", (event) => {
      const look = JSON.parse(event.data);
      for (const one of shown) one.look(look);
      document.dispatchEvent(new CustomEvent("edge:look", { detail: look }));
    });
    source.addEventListener("happened", (event) => {
      const told = JSON.parse(event.data);
      last = String(told.seq);
      list?.add(told);
      document.dispatchEvent(new CustomEvent("edge:happened", { detail: told }));
    });
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return; // it comes back by itself
      close();
      timer = setTimeout(open, AGAIN);
    });
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  open();
  return {
    stop: () => ((stopped = true), close()),
    start: () => ((stopped = false), open()),
  };
}

const pictures = [...document.querySelectorAll("[data-live-picture]:not([data-live-manual])")];
const feed = document.querySelector("[data-live-feed]");
if (pictures.length || feed) startLive({ pictures, feed });
