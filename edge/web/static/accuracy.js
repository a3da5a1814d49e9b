// The study of scores: asked for until it is done; then a slider shows what other thresholds would do.

const study = document.getElementById("study");

async function carryOn() {
  const answer = await fetch(study.dataset.progress, { headers: { Accept: "application/json" } });
  if (!answer.ok) return location.reload();
  const { progress, done } = await answer.json();
  if (done) return location.reload();
  study.querySelector("progress").value = progress;
  setTimeout(carryOn, 150);
}

function share(part) {
  if (part === null) return "–";
  const percent = part * 100;
  if (percent === 0 || percent >= 10) return `${percent.toFixed(0)} %`;
  if (percent >= 0.1) return `${Number(percent.toPrecision(2))} %`;
  return percent >= 1e-4 ? `${Number(percent.toPrecision(1))} %` : "< 0.0001 %";
}

function startSlider(form) {
  const rows = JSON.parse(document.getElementById("threshold-rows").textContent);
  const slider = document.getElementById("threshold-step");
  const number = document.getElementById("percent");
  const line = document.getElementById("threshold-line");
  const fact = (name) => form.querySelector(`[data-fact="${name}"]`);
  const strangers = Number(form.dataset.strangers);

  function perDay(row) {
    const place = fact("perday");
    if (row.fpir === null) return place.dataset.unknown;
    const count = row.fpir * strangers;
    if (count >= 0.5) return place.dataset.daily.replace("{count}", count.toFixed(1));
    if (count < 1 / 3650) return place.dataset.never;
    return place.dataset.every.replace("{days}", Math.round(1 / count).toLocaleString("en"));
  }

  function tell(row) {
    fact("rejected").textContent = share(row.rejected);
    fact("fpir").textContent = (row.fpir !== null && row.bound ? "≤ " : "") + share(row.fpir);
    fact("perday").textContent = perDay(row);
    const people = row.people === null ? "∞" : row.people.toLocaleString("en");
    fact("people").textContent = fact("people").dataset.text.replace("{count}", people);
    slider.setAttribute("aria-valuetext", `${row.percent.toFixed(2)} %`);
    if (line) for (const side of ["x1", "x2"]) line.setAttribute(side, row.x);
  }

  slider.hidden = document.getElementById("threshold-ends").hidden = false;
  slider.addEventListener("input", () => {
    const row = rows[slider.value];
    number.value = row.percent.toFixed(2);
    tell(row);
  });
  number.addEventListener("input", () => {
    const wanted = Number(number.value);
    if (!Number.isFinite(wanted)) return;
    let nearest = 0;
    rows.forEach((row, place) => {
      if (Math.abs(row.percent - wanted) < Math.abs(rows[nearest].percent - wanted)) nearest = place;
    });
    slider.value = nearest;
    tell(rows[nearest]);
  });
  tell(rows[slider.value]);
}

if (study) setTimeout(carryOn, 50);
const form = document.getElementById("threshold-form");
if (form) startSlider(form);
