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
    Math.abs(difference) < 3 ? line.dataset.same : line.dataset.differs.replace("{seconds}", difference.toLocaleString("en"));
  line.hidden = false;
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
