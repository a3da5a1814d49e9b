// The week of a schedule as a table of half hours beside its text; each follows the other. The table is one stop of
// the tab key: arrow keys move, space turns a cell, shift and an arrow paint on. What the table cannot show (odd
// minutes, nights, other kinds of holidays) stays text, and the text is what is sent.

const KEYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"];
const GROUPS = { daily: [0, 1, 2, 3, 4, 5, 6], weekdays: [0, 1, 2, 3, 4], weekend: [5, 6] };
const STEP = 30;
const CELLS = (24 * 60) / STEP;

function daysOf(head) {
  if (head === "holiday") return [7];
  const found = [];
  for (const item of head.split(",")) {
    if (GROUPS[item]) {
      found.push(...GROUPS[item]);
      continue;
    }
    const [first, last] = item.split("-");
    const from = KEYS.indexOf(first);
    const to = last === undefined ? from : KEYS.indexOf(last);
    if (from < 0 || to < 0 || from > 6 || to > 6) return null;
    for (let step = 0; step <= (to - from + 7) % 7; step++) found.push((from + step) % 7);
  }
  return found;
}

function cellsOf(time) {
  const found = /^(\d{1,2}):(\d\d)[-–](\d{1,2}):(\d\d)$/.exec(time);
  if (!found) return null;
  const [from, to] = [Number(found[1]) * 60 + Number(found[2]), Number(found[3]) * 60 + Number(found[4])];
  if (from % STEP || to % STEP || to <= from || to > 1440) return null;
  return [from / STEP, to / STEP];
}

// Returns { grid, rest } of a text, or null where the table cannot show it.
function parse(text) {
  const grid = KEYS.map(() => new Array(CELLS).fill(false));
  const rest = [];
  if (text.trim() === "always") {
    for (const row of grid.slice(0, 7)) row.fill(true);
    return { grid, rest: ["ignores holidays"] };
  }
  for (const part of text.split(";").map((one) => one.trim().replace(/\s+/g, " ")).filter(Boolean)) {
    if (part === "ignores holidays") {
      rest.push(part);
      continue;
    }
    const [head, ...times] = part.split(" ");
    const days = daysOf(head);
    const spans = times.map(cellsOf);
    if (!days || !times.length || spans.includes(null)) return null;
    for (const day of days) for (const [from, to] of spans) grid[day].fill(true, from, to);
  }
  return { grid, rest };
}

const clock = (cell) => `${String(Math.floor((cell * STEP) / 60)).padStart(2, "0")}:${String((cell * STEP) % 60).padStart(2, "0")}`;

function timesOf(row) {
  const found = [];
  for (let cell = 0; cell < CELLS; cell++) {
    if (!row[cell] || row[cell - 1]) continue;
    let end = cell;
    while (end < CELLS && row[end]) end++;
    found.push(`${clock(cell)}-${clock(end)}`);
  }
  return found.join(" ");
}

// Days with the same times that follow each other are written as one.
function textOf({ grid, rest }) {
  const parts = [];
  for (let day = 0; day < 7; day++) {
    const times = timesOf(grid[day]);
    if (!times || (day && timesOf(grid[day - 1]) === times)) continue;
    let last = day;
    while (last < 6 && timesOf(grid[last + 1]) === times) last++;
    parts.push(`${last > day ? `${KEYS[day]}-${KEYS[last]}` : KEYS[day]} ${times}`);
  }
  const holidays = timesOf(grid[7]);
  if (holidays && !rest.includes("ignores holidays")) parts.push(`holiday ${holidays}`);
  return [...parts, ...rest].join("; ");
}

function start(editor, text) {
  const table = editor.querySelector("table");
  const names = [...editor.dataset.days.split("|").slice(0, 7), editor.dataset.holidays];
  let week = null;
  let painting = null;
  let at = [0, 16];

  const head = table.createTHead().insertRow();
  head.append(document.createElement("td"));
  for (let hour = 0; hour < 24; hour++) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.colSpan = 60 / STEP;
    cell.textContent = hour;
    head.append(cell);
  }
  const body = table.createTBody();
  const cells = KEYS.map((key, day) => {
    const row = body.insertRow();
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = names[day];
    row.append(name);
    return Array.from({ length: CELLS }, (_, cell) => {
      const made = row.insertCell();
      made.tabIndex = -1;
      made.setAttribute("role", "gridcell");
      made.dataset.day = day;
      made.dataset.cell = cell;
      return made;
    });
  });

  function draw() {
    editor.classList.toggle("fine", !week);
    document.getElementById("week-fine").textContent = week ? "" : editor.dataset.fine;
    if (!week) return;
    for (const [day, row] of cells.entries()) {
      for (const [cell, shown] of row.entries()) {
        const on = week.grid[day][cell];
        shown.setAttribute("aria-selected", on);
        shown.setAttribute("aria-label", `${names[day]} ${clock(cell)} ${on ? editor.dataset.allowed : editor.dataset.not}`);
      }
    }
  }

  function paint(day, cell, on) {
    if (!week || week.grid[day][cell] === on) return;
    week.grid[day][cell] = on;
    text.value = textOf(week);
    draw();
  }

  function move(day, cell, focus = true) {
    cells[at[0]][at[1]].tabIndex = -1;
    at = [Math.min(Math.max(day, 0), 7), Math.min(Math.max(cell, 0), CELLS - 1)];
    cells[at[0]][at[1]].tabIndex = 0;
    if (focus) cells[at[0]][at[1]].focus();
  }

  body.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -CELLS], End: [0, CELLS] };
    const step = steps[event.key];
    const on = week?.grid[at[0]][at[1]];
    if (step) {
      move(at[0] + step[0], at[1] + step[1]);
      if (event.shiftKey) paint(at[0], at[1], on);
    } else if (event.key === " ") {
      paint(at[0], at[1], !on);
    } else {
      return;
    }
    event.preventDefault();
  });
  body.addEventListener("pointerdown", (event) => {
    const cell = event.target.closest("td");
    if (!cell || !week) return;
    const [day, place] = [Number(cell.dataset.day), Number(cell.dataset.cell)];
    painting = !week.grid[day][place];
    move(day, place, event.pointerType === "mouse");
    paint(day, place, painting);
    cell.releasePointerCapture?.(event.pointerId);
    event.preventDefault();
  });
  body.addEventListener("pointermove", (event) => {
    if (painting === null) return;
    const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest("td[data-day]");
    if (cell) paint(Number(cell.dataset.day), Number(cell.dataset.cell), painting);
  });
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => (painting = null));
  text.addEventListener("input", () => {
    week = parse(text.value);
    draw();
  });
  week = parse(text.value);
  if (week) text.value = textOf(week);
  move(0, 16, false);
  draw();
  editor.hidden = false;
  const box = editor.querySelector(".table-wrap");
  box.scrollLeft = cells[0][16].offsetLeft - cells[0][0].offsetLeft; // where it does not fit, from eight o'clock on
}

const editor = document.getElementById("week-editor");
if (editor) start(editor, document.getElementById("field-text"));
