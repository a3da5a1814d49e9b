// The clock page: the terminal's clock goes on, and is compared with that of this device.

const shown = document.getElementById("terminal-clock");

function startClock() {
  const ahead = Number(shown.dataset.wall) * 1000 - performance.now();
  const format = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZone: zoneOf(shown.dataset.zone),
  });
  const wall = () => new Date(ahead + performance.now());
  setInterval(() => (shown.textContent = format.format(wall())), 500);
  const difference = Math.round((wall() - Date.now()) / 1000);
  const line = document.getElementById("clock-difference");
  line.textContent =
    Math.abs(difference) < 3 ? line.dataset.same : line.dataset.differs.replace("{time}", timeWords(Math.abs(difference)));
  line.hidden = false;
}

const UNITS = { day: 86400, hour: 3600, minute: 60, second: 1 };

// Return seconds in the largest unit of which there are two at least, in the words of the page's language.
function timeWords(seconds) {
  const [unit, size] = Object.entries(UNITS).find(([, size]) => seconds >= 2 * size) ?? ["second", 1];
  const format = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" });
  return format.format(Math.round(seconds / size));
}

function zoneOf(name) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return name;
  } catch {
    return undefined;
  }
}

function startForm(button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const parts = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: zoneOf(shown.dataset.zone) })
      .format(new Date())
      .split(" ");
    [document.getElementById("clock-date").value, document.getElementById("clock-time").value] = parts;
  });
}

if (shown) {
  startClock();
  startForm(document.getElementById("clock-from-device"));
}
