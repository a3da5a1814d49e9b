"""Exact gallery search: against the bare matrix product, the usual loop, and itself while people are added.

Everything takes turns in one run on one thread (OpenBLAS is told so before numpy is loaded). Figures are
medians; the machine may be busy, so each claim is a ratio to a peer that met the same disturbances. How long
a search is held up by a change beside it is the time in which it neither ran nor waited for a processor.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.domain.gallery import Gallery
from edge.domain.person import Reference
from edge.domain.score import Metric

RESULTS = Path(__file__).resolve().parent.parent / "var/benchmarks"
SIZE, DIMENSION, PER_PERSON = 10_000, 128, 2
ROUNDS, SLOW_ROUNDS = 1500, 40
ADDED, PER_ADDED = 600, 3  # people added beside searches, and their references
FULL = 16_384  # references at which the matrix is full and one more makes it grow
GROWN = 15  # how often that is tried
MOST_OVER_PRODUCT, LEAST_OVER_LIST = 1.5, 40.0

Row = dict[str, Any]
Vectors = NDArray[np.float32]


def vectors(count: int, seed: int) -> Vectors:
    """Return vectors of about dlib's length, 1.4."""
    drawn = np.random.default_rng(seed).normal(scale=1.4 / DIMENSION**0.5, size=(count, DIMENSION))
    return drawn.astype(np.float32)


def references(rows: Vectors, name: str, per_person: int) -> list[Reference]:
    """Return one reference per vector."""
    return [Reference(f"{name}{i}", f"{name}-{i // per_person}", "bench", row) for i, row in enumerate(rows)]


def filled(metric: Metric, rows: Vectors) -> Gallery:
    """Return a gallery of these vectors."""
    gallery = Gallery(metric, DIMENSION)
    gallery.add(references(rows, "r", PER_PERSON))
    return gallery


def interleaved(contestants: dict[str, tuple[Callable[[Vectors], object], int]]) -> dict[str, float]:
    """Return the median microseconds of each contestant, which takes part in every n-th round."""
    probes = vectors(ROUNDS, 2)
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for turn, probe in enumerate(probes):
        for name, (act, every) in contestants.items():
            if turn % every == 0:
                start = time.perf_counter()
                act(probe)
                times[name].append((time.perf_counter() - start) * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}


def search_rows() -> Iterator[Row]:
    """Compare a search with the bare product and with the norm over a list of arrays."""
    rows = vectors(SIZE, 1)
    product = np.ascontiguousarray(rows.T)
    listed = list(rows.astype(np.float64))  # what `face_recognition.face_encodings` returns: float64 arrays
    euclidean, cosine = filled(Metric.EUCLIDEAN, rows).snapshot, filled(Metric.COSINE, rows).snapshot
    median = interleaved(
        {
            "product": (lambda probe: probe @ product, 1),
            "euclidean": (euclidean.search, 1),
            "cosine": (cosine.search, 1),
            "list": (lambda probe: np.linalg.norm(listed - probe, axis=1), ROUNDS // SLOW_ROUNDS),
        }
    )
    for metric in ("euclidean", "cosine"):
        ratio = median[metric] / median["product"]
        yield row(
            f"search {SIZE} × {DIMENSION}, {metric}, with all bookkeeping",
            median[metric],
            f"probe @ gallery_T alone: {median['product']:.0f} µs",
            ratio,
            f"at most {MOST_OVER_PRODUCT}× the peer's time",
            holds=ratio <= MOST_OVER_PRODUCT,
        )
    ratio = median["list"] / median["euclidean"]
    yield row(
        f"search {SIZE} × {DIMENSION}, euclidean, against a list of arrays",
        median["euclidean"],
        f"np.linalg.norm(list_of_float64_arrays - probe, axis=1): {median['list']:.0f} µs",
        ratio,
        f"at least {LEAST_OVER_LIST:g}× the peer's speed",
        holds=ratio >= LEAST_OVER_LIST,
    )


@dataclass(frozen=True, slots=True)
class Span:
    """One search: begin, end, and the seconds in which something held it up."""

    start: float
    end: float
    held: float


class Searcher(threading.Thread):
    """Searches without a pause and remembers each search."""

    def __init__(self, gallery: Gallery) -> None:
        super().__init__()
        self.gallery = gallery
        self.spans: list[Span] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Search until `over` is set."""
        probe = vectors(1, 3)[0]
        with Path("/proc/thread-self/schedstat").open("rb", buffering=0) as schedule:

            def busy() -> float:
                """Return the seconds for which this thread ran or was ready to."""
                waited = int(os.pread(schedule.fileno(), 64, 0).split()[1])  # ns in the run queue
                return (waited + time.thread_time_ns()) / 1e9

            while not self.over.is_set():
                start, before = time.perf_counter(), busy()
                self.gallery.snapshot.search(probe)
                after, end = busy(), time.perf_counter()
                self.spans.append(Span(start, end, max(end - start - (after - before), 0.0)))


def beside(
    gallery: Gallery, changes: Sequence[Callable[[], None]], pause: float
) -> tuple[list[float], float]:
    """Make changes beside searches.

    Returns, in µs, for how long a search was held up at most during each change, and the median length of the
    searches that met none.
    """
    searcher = Searcher(gallery)
    searcher.start()
    met: list[tuple[float, float]] = []
    for change in changes:
        time.sleep(pause)
        start = time.perf_counter()
        change()
        met.append((start, time.perf_counter()))
    searcher.over.set()
    searcher.join()
    held: list[float] = []
    calm = [span.end - span.start for span in searcher.spans]
    spans = iter(searcher.spans)
    span = next(spans, None)
    for start, end in met:
        longest = 0.0
        while span is not None and span.start <= end:
            if span.end >= start:
                longest = max(longest, span.held)
            span = next(spans, None)
        held.append(longest * 1e6)
    return held, statistics.median(calm) * 1e6


def adding_row() -> Row:
    """Add people to the gallery beside searches."""
    gallery = filled(Metric.EUCLIDEAN, vectors(SIZE, 1))
    people = [references(vectors(PER_ADDED, 100 + i), f"new{i}.", PER_ADDED) for i in range(ADDED)]
    held, calm = beside(gallery, [partial(gallery.add, new) for new in people], 0.001)
    return held_row(f"search while a person with {PER_ADDED} references is added", held, calm)


def growing_row() -> Row:
    """Add one reference to a gallery that has no room for it."""
    galleries = [filled(Metric.EUCLIDEAN, vectors(FULL, 1)) for _ in range(GROWN)]
    one = references(vectors(1, 4), "new", 1)
    return each_row(
        f"search while a gallery of {FULL} grows to twice the room",
        [(gallery, partial(gallery.add, one)) for gallery in galleries],
    )


def removing_row() -> Row:
    """Remove one reference more than may lie about, so that the others are moved together."""
    galleries = [filled(Metric.EUCLIDEAN, vectors(SIZE, 1)) for _ in range(GROWN)]
    for gallery in galleries:
        gallery.remove([f"r{i}" for i in range(SIZE // 4)])
    last = [f"r{SIZE - 1}"]
    return each_row(
        f"search while a gallery of {SIZE} is moved together",
        [(gallery, partial(gallery.remove, last)) for gallery in galleries],
    )


def each_row(name: str, tries: Sequence[tuple[Gallery, Callable[[], None]]]) -> Row:
    """Make one change to each of some galleries."""
    found = [beside(gallery, [change], 0.03) for gallery, change in tries]
    held = [one for longest, _ in found for one in longest]
    return held_row(name, held, statistics.median(calm for _, calm in found))


def held_row(name: str, held: Sequence[float], calm: float) -> Row:
    """Say for how long a search was held up at most, in the median change."""
    ratio = statistics.median(held) / calm
    return row(
        f"{name}: held up ({len(held)} times, median)",
        statistics.median(held),
        f"one search: {calm:.0f} µs",
        ratio,
        "at most 1× the peer's time",
        holds=ratio <= 1,
    )


def row(name: str, figure: float, peer: str, ratio: float, goal: str, *, holds: bool) -> Row:
    """Return one result."""
    return {
        "name": name,
        "figure": round(figure, 1),
        "unit": "µs",
        "peer": peer,
        "ratio": round(ratio, 2),
        "goal": goal,
        "holds": holds,
    }


def rows() -> list[Row]:
    """Run everything."""
    return [*search_rows(), adding_row(), growing_row(), removing_row()]


def main() -> int:
    """Print the rows as a table and keep them; the exit status says whether every goal holds."""
    found = rows()
    for one in found:
        mark = "holds" if one["holds"] else "FAILS"
        print(f"{one['name']:<75}{one['figure']:>9} {one['unit']}  ×{one['ratio']:<7} {mark}: {one['goal']}")
        print(f"    {one['peer']}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, ensure_ascii=False, indent=2)
    (RESULTS / "gallery_search.json").write_text(text + "\n", encoding="utf-8")
    return 0 if all(one["holds"] for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
