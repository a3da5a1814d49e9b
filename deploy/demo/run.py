"""`make demo`: enrols one president, plays four films to the daemon, shows what it decides."""

import json
import shutil
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.demo.daemon import Terminal
from deploy.demo.films import ENROLLED, FILMS, RATE, Film, FrameTruth, make_film
from deploy.demo.verdict import GRANTED, USABLE_FACE, Event, Run, delay_ms, failures, granted, reasons

ROOT = Path(__file__).resolve().parents[2]
PHOTOGRAPHS = ROOT / "var/cache/assets/presidents"
MODELS = ROOT / "var/cache/assets/dlib"
FOLDER = ROOT / "var/demo"
NAME = "Barack Obama"

LIVENESS_OFF = (
    "Liveness is off in this demo: each film is a still photograph that is moved and zoomed, which is\n"
    "also how an attack with a photograph looks. A real door needs the liveness check or a second factor."
)


def main() -> int:
    """Run the demo and return its exit status: 0 where everything was decided as it must be."""
    out = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    terminal = Terminal(FOLDER)
    films = {}
    for film in FILMS:
        out.print(f"[dim]making the film[/] {film.name}")
        films[film] = make_film(film, PHOTOGRAPHS, FOLDER)
    person_id = enrol(out, terminal)
    runs = {film: play(out, terminal, film, path) for film, path in films.items()}
    out.print(table(runs, films))
    found = failures(list(runs.values()), person_id)
    for sentence in found:
        out.print(f"[red]wrong:[/] {sentence}")
    if not found:
        out.print(
            "[green]right:[/] one grant, for the walk-up; none for the stranger, the empty scene, the blur"
        )
    out.print(LIVENESS_OFF, style="dim")
    return 1 if found else 0


def enrol(out: Console, terminal: Terminal) -> str:
    """Prepare a fresh terminal, enrol one person from one picture, return the person's id."""
    for words in (
        ["init"],
        ["models", "prepare", "--from", str(MODELS)],
        ["people", "add", NAME, str(PHOTOGRAPHS / ENROLLED.file)],
    ):
        out.print(Text("$ edgectl " + " ".join(_quoted(word) for word in words), style="bold"))
        out.print(Text(terminal.edgectl(*words).replace(f"{ROOT}/", ""), "dim"), end="")
    everybody = json.loads(terminal.edgectl("people", "list", "--json"))
    return str(everybody["people"][0]["id"])


def play(out: Console, terminal: Terminal, film: Film, path: Path) -> Run:
    """Play one film to the daemon and print its events as they happen."""
    before = terminal.pulses()
    out.print(Text(f"\n{film.title}", style="bold italic"))
    out.print(
        Text(f"$ edged --config {_quoted(str(path.with_suffix('.toml')))} --until-end --print-events", "bold")
    )
    events: list[Event] = []
    for event in terminal.watch(path, RATE):
        events.append(event)
        out.print(told(event))
    return Run(film.name, events, terminal.pulses() - before, terminal.cpu)


def told(event: Event) -> Text:
    """Return one event as a line for people."""
    data = event["data"]
    style = {GRANTED: "green", "edge.access.denied": "yellow"}.get(event["type"], "dim")
    line = Text(f"  {event['time'][11:23]}  {event['sequence']:>3}  ", style="dim")
    line.append(f"{event['type'].removeprefix('edge.'):18}", style=style)
    if event["type"].startswith("edge.access."):
        who = NAME if event.get("subject") else "somebody"
        percent = f"  {data['percent']:.2f} %" if data.get("percent") is not None else ""
        why = " ".join(filter(None, (data["reason"], data.get("hint"))))
        line.append(f"{who}: {why}{percent}, {data['frames']} frames, {data['latency_ms']} ms after the last")
    return line


def table(runs: dict[Film, Run], films: dict[Film, Path]) -> Table:
    """Return what was decided, why, and how fast."""
    made = Table(title="\nWhat the terminal decided", title_justify="left", title_style="bold")
    for column in ("film", "decided", "why"):
        made.add_column(column)
    made.add_column("after", justify="right")
    made.add_column("CPU", justify="right")
    for film, run in runs.items():
        grants = granted(run)
        decided = f"{len(grants)} grant" if grants else "nobody let in"
        after = delay_ms(grants[0], truth_of(films[film])) if grants else None
        made.add_row(
            f"{film.name}, {film.seconds:g} s",
            Text(decided, style="green" if grants else "yellow"),
            _why(run),
            "" if after is None else f"{after:.0f} ms",
            f"{run.cpu:.1f} s",
        )
    made.caption = (
        f"after: from the first sharp face {USABLE_FACE} pixels wide to the decision, at {RATE} frames/s\n"
        "CPU: of both processes, loading the models included"
    )
    made.caption_justify = "left"
    return made


def truth_of(path: Path) -> list[FrameTruth]:
    """Return the ground truth that lies beside a film."""
    return [FrameTruth(**frame) for frame in json.loads(path.with_suffix(".json").read_text())["frames"]]


def _why(run: Run) -> str:
    for grant in granted(run):
        data = grant["data"]
        return f"{NAME}, {data['percent']:.2f} % in {data['frames']} agreeing frames"
    return ", ".join(reasons(run)) or "no face seen"


def _quoted(word: str) -> str:
    path = Path(word)
    shown = str(path.relative_to(ROOT)) if path.is_absolute() else word
    return f'"{shown}"' if " " in shown else shown


if __name__ == "__main__":
    sys.exit(main())
