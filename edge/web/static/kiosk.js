// The screen beside the door: shows what the terminal says, and hands it keys and PINs. It decides nothing.
const body = document.body;
const part = (id) => document.getElementById(id);
const SILENCE = 12000; // ms without a word from the terminal, which speaks every few seconds
const PATIENCE = 15000; // ms in which a begun PIN is forgotten again
const GRACE = 2000; // ms for which a connection may be gone before it is said: it is made anew every few minutes
const LONGEST = 12; // digits

let source = null;
let told = ""; // number of the last event that the terminal told of
let faltered = null; // timer since the connection went
let heard = 0;
let wait = 1000;
let offset = 0; // ms between the terminal's clock and this one's
let shown = 0; // number of the moment that was last heard
let came = ""; // what the clock said then
let pinAsked = false;

// ---- what the terminal says

function listen() {
  source?.close();
  heard = Date.now();
  source = new EventSource(told ? `${body.dataset.stream}?after=${told}` : body.dataset.stream);
  source.onmessage = (message) => {
    heard = Date.now();
    wait = 1000;
    told = message.lastEventId || told; // it has none while the terminal cannot read its journal
    clearTimeout(faltered);
    faltered = null;
    show(JSON.parse(message.data));
  };
  source.onerror = () => {
    faltered ??= setTimeout(lost, GRACE);
    if (source.readyState === EventSource.CLOSED) again();
  };
}

async function again() {
  source?.close();
  const after = wait;
  wait = Math.min(wait * 2, 15000);
  await new Promise((done) => setTimeout(done, after));
  const answer = await fetch(body.dataset.stream, { method: "HEAD" }).catch(() => null);
  if (answer && (answer.status === 401 || answer.status === 403)) location.reload(); // no longer paired
  else if (answer?.ok) listen();
  else again();
}

setInterval(() => {
  if (Date.now() - heard > SILENCE && source?.readyState !== EventSource.CLOSED) {
    lost();
    listen();
  }
}, 2000);

function lost() {
  show({ tone: "off", headline: body.dataset.lost, detail: body.dataset.lostDetail, name: "", pin: false, picture: 0, moment: shown });
}

function show(state) {
  body.dataset.tone = state.tone;
  const begins = state.moment !== undefined && state.moment !== shown;
  if (begins) came = part("clock").textContent;
  if (state.tone === "yes" && !state.detail) state.detail = came;
  for (const id of ["headline", "name", "detail"]) {
    const text = state[id] ?? "";
    if (part(id).textContent !== text) part(id).textContent = text;
  }
  if (state.now) offset = state.now - Date.now();
  if (state.zone) zone = state.zone;
  for (const key of document.querySelectorAll(".punch")) {
    key.setAttribute("aria-pressed", String(key.dataset.kind === state.punch));
  }
  look(state.picture);
  if (begins) {
    shown = state.moment;
    if (state.tone === "yes" || state.tone === "no") {
      sing(state.tone);
      closePad();
    }
  }
  if (state.pin && !pinAsked) openPad();
  if (!state.pin && pinAsked && digits === "") closePad();
  pinAsked = Boolean(state.pin);
}

function look(number) {
  const face = part("face");
  face.hidden = !number;
  if (number) face.src = `${body.dataset.picture}?n=${number}`;
}
part("face").addEventListener("error", () => { part("face").hidden = true; });

// ---- the clock

let zone;
function tick() {
  const now = new Date(Date.now() + offset);
  const say = (options) => new Intl.DateTimeFormat(body.dataset.locale, { timeZone: zone, ...options }).format(now);
  part("clock").textContent = say({ hour: "2-digit", minute: "2-digit" });
  part("date").textContent = say({ weekday: "long", day: "numeric", month: "long" });
}
tick();
setInterval(tick, 1000);

// ---- sounds, made here: two rising notes for yes, two low ones for no

let audio = null;
let loud = localStorage.getItem("kiosk-sound") !== "off";
function sing(tone) {
  if (!loud) return;
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume();
    const notes = tone === "yes" ? [659, 988] : [233, 175];
    notes.forEach((pitch, place) => note(pitch, audio.currentTime + place * 0.16));
  } catch { /* a screen without sound is still a screen */ }
}
function note(pitch, at) {
  const tone = audio.createOscillator();
  const gain = audio.createGain();
  tone.frequency.value = pitch;
  gain.gain.setValueAtTime(0.0001, at);
  gain.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.28);
  tone.connect(gain).connect(audio.destination);
  tone.start(at);
  tone.stop(at + 0.3);
}
function soundKey() {
  part("sound").setAttribute("aria-pressed", String(loud));
}
part("sound").addEventListener("click", () => {
  loud = !loud;
  localStorage.setItem("kiosk-sound", loud ? "on" : "off");
  soundKey();
  if (loud) sing("yes");
});
soundKey();

// ---- what people press

async function send(where, value) {
  const answer = await fetch(where, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
    body: JSON.stringify(value),
  }).catch(() => null);
  if (answer && [400, 401, 403].includes(answer.status)) location.reload(); // a new token, or a new pairing
  return answer?.ok ? answer.json() : null;
}

for (const key of document.querySelectorAll(".punch")) {
  key.addEventListener("click", () => {
    const chosen = key.getAttribute("aria-pressed") === "true" ? null : key.dataset.kind;
    send(body.dataset.punch, { kind: chosen });
  });
}

const pad = part("pad");
let digits = "";
let forget = 0;
let blocked = 0; // ms of this clock until the next PIN may be tried

function openPad() {
  if (!pad.open) pad.showModal();
  touch();
  draw();
}
function closePad() {
  digits = "";
  clearTimeout(forget);
  if (pad.open) pad.close();
}
function touch() {
  clearTimeout(forget);
  forget = setTimeout(() => { if (!pinAsked) closePad(); else { digits = ""; draw(); } }, PATIENCE);
}
function draw() {
  const left = Math.ceil((blocked - Date.now()) / 1000);
  const dots = part("dots");
  if (left > 0) {
    dots.textContent = body.dataset.wait.replace("{seconds}", left);
    setTimeout(draw, 500);
  } else {
    dots.textContent = "●".repeat(digits.length);
  }
  dots.setAttribute("aria-label", body.dataset.count.replace("{count}", digits.length));
}
function press(digit) {
  touch();
  if (digits.length < LONGEST) digits += digit;
  draw();
}
async function enter() {
  if (!digits || Date.now() < blocked) return;
  const tried = digits;
  digits = "";
  draw();
  const told = await send(body.dataset.pin, { digits: tried });
  if (!told) return;
  if (told.wait > 0) blocked = Date.now() + told.wait * 1000;
  if (told.granted) closePad();
  else draw();
}
pad.addEventListener("click", (event) => {
  const key = event.target.closest("button");
  if (key?.dataset.digit) press(key.dataset.digit);
});
part("clear").addEventListener("click", () => { digits = ""; touch(); draw(); });
part("enter").addEventListener("click", enter);
part("cancel").addEventListener("click", () => { closePad(); send(body.dataset.pin, { digits: "" }); });
pad.addEventListener("cancel", () => { digits = ""; send(body.dataset.pin, { digits: "" }); });
part("open-pad").addEventListener("click", openPad);
document.addEventListener("keydown", (event) => {
  if (/^[0-9]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) {
    if (!pad.open) openPad();
    press(event.key);
    event.preventDefault();
  } else if (pad.open && event.key === "Backspace") {
    digits = digits.slice(0, -1);
    draw();
  } else if (pad.open && event.key === "Enter" && digits) {
    enter();
    event.preventDefault();
  }
});

listen();
