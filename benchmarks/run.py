"""`make bench`: every benchmark in a process of its own, then what all of them measured as one table.

Each benchmark writes `var/benchmarks/<name>.json` itself: a list of rows with name, figure, unit, peer,
ratio, goal and holds. The exit status says whether every benchmark ran and every goal holds.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "var" / "benchmarks"
NAMES = (
    "embedder",
    "gallery_search",
    "governor",
    "journal",
    "office",
    "pulse",
    "publisher",
    "broker_faults",
    "film_cpu",
    "tracking",
    "latency",
    "one_core",
    "memory",
    "page_load",
    "pages",
    "uploads",
)


def measured(name: str) -> list[dict[str, Any]]:
    """Run one benchmark and return its rows; one that left none counts as failed."""
    result = RESULTS / f"{name}.json"
    result.unlink(missing_ok=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT, check=False)
    if result.is_file():
        return list(json.loads(result.read_text(encoding="utf-8")))
    return [{"name": name, "goal": "to run", "holds": False}]


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all, and print their rows."""
    rows = [row for name in names or NAMES for row in measured(name)]
    table = Table("benchmark", "figure", "peer", "ratio", "goal", "holds")
    for row in rows:
        figure = f"{row.get('figure', '')} {row.get('unit', '')}".strip()
        held = "yes" if row["holds"] else "no"
        table.add_row(
            row["name"], figure, str(row.get("peer", "")), str(row.get("ratio", "")), row["goal"], held
        )
    Console().print(table)
    return 0 if all(row["holds"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
