"""What strangers' uploads cost: ten thousand damaged pictures over the page, one after the other.

Each goes the whole way that it gets: through the form, the look at its header, and where that is not refused
into the child that decodes. Counted are the answers, the slowest one, and what both processes come to hold.
"""

import argparse
import io
import json
import re
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from benchmarks import terminal
from benchmarks.scenes import ASSETS, ROOT
from edge.bootstrap.examine import build_examiner
from edge.examiner import ChildExaminer
from edge.web.account import Account
from edge.web.app import create_admin_app
from edge.web.roles import Role
from tests.examiner.mutations import mutated, seeds
from tests.pages.site import open_site

RESULTS = ROOT / "var/benchmarks"
LOOKS = 50  # uploads between two looks at the memory
SLOWEST, GROWTH = 1.0, 200.0  # s, MiB

Row = dict[str, Any]


def held(pid: int | str) -> float:
    """Return the MiB of a process, with every page divided by those who use it."""
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text("ascii"), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def send(client: FlaskClient, data: bytes) -> tuple[int, float]:
    """Send a picture; return the status and the seconds until the answer."""
    began = time.perf_counter()
    answer = client.post(
        "/people/examine",
        data={"pictures": [(io.BytesIO(data), "a.jpg")]},
        headers={"Accept": "application/json"},
    )
    return answer.status_code, time.perf_counter() - began


def measure(
    client: FlaskClient, examiner: ChildExaminer, count: int
) -> tuple[Counter[int], list[float], float]:
    """Return how often each status came, the seconds of each answer, and the MiB held at the most."""
    statuses: Counter[int] = Counter()
    spent: list[float] = []
    most = 0.0
    for number, data in enumerate(mutated(seeds(ASSETS / "presidents"), count)):
        status, seconds = send(client, data)
        statuses[status] += 1
        spent.append(seconds)
        if number % LOOKS == 0 and examiner.pid is not None:
            most = max(most, held("self") + held(examiner.pid))
    return statuses, spent, most


def main(arguments: list[str] | None = None) -> list[Row]:
    """Measure, keep the rows, and return them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        terminal.prepare(folder / "data", [])
        (folder / "site").mkdir()
        with open_site(folder / "site", people=0, events=0) as (site, _, _):
            examiner = build_examiner(terminal.settings(folder / "data"))
            examiner.open()
            parts = replace(site.extensions["edge"], examiner=examiner)
            app = create_admin_app(parts, lambda: Account("yui", Role.ADMIN))
            app.config["WTF_CSRF_ENABLED"] = False
            client = app.test_client()
            before = held("self")
            examiner.warm()  # as the page does that somebody opens before they send pictures
            while examiner.pid is None:
                time.sleep(0.1)
            statuses, spent, most = measure(client, examiner, options.count)
            examiner.close()
    rows = report(statuses, spent, most - before)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "uploads.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    return rows


def report(statuses: Counter[int], spent: list[float], growth: float) -> list[Row]:
    """Return the rows."""
    answers = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    return [
        {
            "name": f"uploads: the slowest of {len(spent)} damaged pictures",
            "figure": round(max(spent), 2),
            "unit": "s",
            "peer": f"answers: {answers} (200 is the verdict on one that can still be decoded)",
            "ratio": None,
            "goal": "each under 1 s, no answer but 4xx and verdicts",
            "holds": max(spent) < SLOWEST and set(statuses) <= {200, 422},
        },
        {
            "name": "uploads: memory meanwhile, both processes",
            "figure": round(growth),
            "unit": "MiB more",
            "peer": "",
            "ratio": None,
            "goal": "at most 200 MiB more",
            "holds": growth <= GROWTH,
        },
    ]


if __name__ == "__main__":
    print(json.dumps(main(), indent=1, ensure_ascii=False))
