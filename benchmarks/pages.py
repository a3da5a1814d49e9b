"""How soon a page is painted in Chromium: a terminal with 10,000 people and 200,000 events, over loopback.

The site is served by a process of its own, as the daemon serves it; each visit is a browser profile that
has never been there, so the stylesheet and the scripts are fetched as well. Measured is the browser's own
"first-contentful-paint", in milliseconds from the begin of the navigation. There is no peer: the goal is
what nobody notices.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from benchmarks.scenes import ROOT
from edge.web.event_groups import GROUPS
from tests.pages.conftest import CHROMIUM, DESKTOP
from tests.pages.made_up import name
from tests.pages.site import open_site, serving

RESULTS = ROOT / "var/benchmarks"
PEOPLE, EVENTS = 10_000, 200_000
GOAL = 300  # ms
PAINT = "performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)[0]"

Row = dict[str, Any]


def serve(folder: Path) -> None:
    """Serve the site until stdin ends; says its address and one person's id."""
    with open_site(folder, people=PEOPLE, events=EVENTS) as (app, _, made), serving(app) as address:
        print(json.dumps({"address": address, "person": made.people[PEOPLE // 2]}), flush=True)
        sys.stdin.read()


@contextmanager
def site(folder: Path) -> Iterator[tuple[str, str]]:
    """Give the address of the site in a process of its own, and the id of somebody there."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.pages", "--serve", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        yield said["address"], said["person"]
        process.stdin.close()


def pages(person: str) -> dict[str, list[str]]:
    """Return the addresses to measure: the dashboard, and events by each filter there is."""
    days = [{"first": "2026-11-27"}, {"first": "2026-10-01", "last": "2026-10-01"}, {"last": "2020-01-01"}]
    kinds = [{"kind": group.key} for group in GROUPS]
    people = [{"who": person}, {"who": name(7)}, {"who": "佐藤"}, {"who": "nobody of this name"}]
    each = [{}, *days, *kinds, *people, {**days[1], **people[0]}, {**days[1], **kinds[0]}]
    both = [{**kind, "who": person} for kind in kinds]
    return {
        "dashboard": ["/"],
        "events": [f"/events?{urlencode(one)}" for one in [*each, *both]],
    }


def paint(browser: Browser, address: str) -> float:
    """Return the milliseconds to the first paint of a page that this profile has never seen."""
    context = browser.new_context(viewport=DESKTOP, locale="ja-JP")  # type: ignore[arg-type] # width and height
    try:
        page = context.new_page()
        answer = page.goto(address, wait_until="load")
        assert answer is not None
        assert answer.status == 200
        until = time.monotonic() + 10
        while (painted := page.evaluate(PAINT)) is None:
            assert time.monotonic() < until
            time.sleep(0.02)
        return float(painted)
    finally:
        context.close()


def main(arguments: list[str] | None = None) -> list[Row]:
    """Measure, keep the rows, and return them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=60, help="of the dashboard")
    parser.add_argument("--each", type=int, default=6, help="visits of each filter of the events")
    parser.add_argument("--serve", type=Path)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.serve)
        return []
    with (
        tempfile.TemporaryDirectory() as folder,
        site(Path(folder)) as (address, person),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
        measured = pages(person)
        paint(browser, address + "/")  # the browser's own first page
        dashboard = [paint(browser, address + "/") for _ in range(options.visits)]
        filters = {
            path: [paint(browser, address + path) for _ in range(options.each)] for path in measured["events"]
        }
        browser.close()
    rows = [row("dashboard", dashboard, ""), row("events, any filter", *worst(filters))]
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "pages.json").write_text(json.dumps(rows, indent=1) + "\n")
    return rows


def worst(filters: dict[str, list[float]]) -> tuple[list[float], str]:
    """Return the figures of all filters, and which was the slowest by its median."""
    slowest = max(filters, key=lambda path: statistics.median(filters[path]))
    figures = [one for found in filters.values() for one in found]
    return (
        figures,
        f"; slowest of {len(filters)}: {slowest}, median {statistics.median(filters[slowest]):.0f} ms",
    )


def row(page: str, figures: list[float], more: str) -> Row:
    """Return one row."""
    p95 = float(np.percentile(figures, 95))
    middle, longest = statistics.median(figures), max(figures)
    return {
        "name": f"pages: first paint of the {page}, p95 of {len(figures)}; {PEOPLE} people, {EVENTS} events",
        "figure": round(p95),
        "unit": "ms",
        "peer": f"median {middle:.0f} ms, longest {longest:.0f} ms{more}",
        "ratio": None,
        "goal": f"under {GOAL} ms",
        "holds": p95 < GOAL,
    }


if __name__ == "__main__":
    if rows := main():
        print(json.dumps(rows, indent=1))
