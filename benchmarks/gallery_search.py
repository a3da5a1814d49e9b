"""Exact gallery search: against the bare matrix product, the usual loop, and itself while people are added.

Everything takes turns in one run on one thread (OpenBLAS is told so before numpy is loaded). Figures are
medians; the machine may be busy, so each claim is a ratio to a peer that met the same disturbances. For the
same reason, what a change costs the searches beside it is measured on a processor each and, where the system
grants it, with real-time priority for the second or so that it takes: else it would be mostly other programs.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import contextlib
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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
ADDED, PER_ADDED = 300, 3  # people added beside searches, and their references
FULL = 16_384  # references at which the matrix is full and one more makes it grow
GROWN = 15  # how often that is tried
MOST_OVER_PRODUCT, LEAST_OVER_LIST = 1.5, 40.0
MOST_HELD = 1.0
# A copy of the whole matrix waits for nobody and nobody for it, but it takes half of the memory's speed.
MOST_HELD_BY_COPY = 5.0
PROCESSORS = sorted(os.sched_getaffinity(0))

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
    """Compare a search with the bare product, and with the norm over a list of arrays."""
    rows = vectors(SIZE, 1)
    product = np.ascontiguousarray(rows.T)
    for metric in Metric:
        search = filled(metric, rows).snapshot.search
        median = interleaved({"search": (search, 1), "product": (lambda probe: probe @ product, 1)})
        ratio = median["search"] / median["product"]
        yield row(
            f"search {SIZE} × {DIMENSION}, {metric}, with all bookkeeping",
            median["search"],
            f"probe @ gallery_T alone: {median['product']:.0f} µs",
            ratio,
            f"at most {MOST_OVER_PRODUCT}× the peer's time",
            holds=ratio <= MOST_OVER_PRODUCT,
        )
    listed = list(rows.astype(np.float64))  # what `face_recognition.face_encodings` returns: float64 arrays
    median = interleaved(
        {
            "search": (filled(Metric.EUCLIDEAN, rows).snapshot.search, 1),
            "list": (lambda probe: np.linalg.norm(listed - probe, axis=1), ROUNDS // SLOW_ROUNDS),
        }
    )
    ratio = median["list"] / median["search"]
    yield row(
        f"search {SIZE} × {DIMENSION}, euclidean, against a list of arrays",
        median["search"],
        f"np.linalg.norm(list_of_float64_arrays - probe, axis=1): {median['list']:.0f} µs",
        ratio,
        f"at least {LEAST_OVER_LIST:g}× the peer's speed",
        holds=ratio >= LEAST_OVER_LIST,
    )


def undisturbed(processor: int | None) -> None:
    """Keep other programs off this thread on one processor; None ends that."""
    policy, priority = (os.SCHED_OTHER, 0) if processor is None else (os.SCHED_FIFO, 1)
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, policy, os.sched_param(priority))
    os.sched_setaffinity(0, PROCESSORS if processor is None else [processor])


class Searcher(threading.Thread):
    """Searches without a pause and remembers when each search began and ended."""

    def __init__(self, gallery: Gallery) -> None:
        super().__init__()
        self.gallery = gallery
        self.spans: list[tuple[float, float]] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Search until `over` is set."""
        undisturbed(PROCESSORS[0])
        probe = vectors(1, 3)[0]
        while not self.over.is_set():
            start = time.perf_counter()
            self.gallery.snapshot.search(probe)
            self.spans.append((start, time.perf_counter()))


def beside(gallery: Gallery, changes: Iterable[Callable[[], None]]) -> tuple[list[float], float]:
    """Make changes beside searches.

    Returns, in µs, by how much the longest search that met each change was longer than the median one, and
    that median.
    """
    searcher = Searcher(gallery)
    searcher.start()
    undisturbed(PROCESSORS[-1])
    met: list[tuple[float, float]] = []
    for change in changes:
        start = time.perf_counter()
        change()
        met.append((start, time.perf_counter()))
    undisturbed(None)
    searcher.over.set()
    searcher.join()
    median = statistics.median(end - start for start, end in searcher.spans)
    longest = [
        max((b - a for a, b in searcher.spans if a <= end and b >= start), default=median)
        for start, end in met
    ]
    return [max(one - median, 0.0) * 1e6 for one in longest], median * 1e6


def adding_row() -> Row:
    """Add people to the gallery beside searches, each read a moment before, as from the database."""
    gallery = filled(Metric.EUCLIDEAN, vectors(SIZE, 1))

    def people() -> Iterator[Callable[[], None]]:
        for i in range(ADDED):
            new = references(vectors(PER_ADDED, 100 + i), f"new{i}.", PER_ADDED)
            time.sleep(0.0005)  # making them holds up a search as well, which is not the question
            yield partial(gallery.add, new)
            time.sleep(0.0005)

    held, calm = beside(gallery, people())
    return held_row(f"search while a person with {PER_ADDED} references is added", held, calm, MOST_HELD)


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


def warm() -> None:
    """Touch memory: the first touch of a page stops a whole virtual machine for as long as its host likes."""
    np.ones(32 * FULL * DIMENSION, np.float32)


def each_row(name: str, tries: Sequence[tuple[Gallery, Callable[[], None]]]) -> Row:
    """Make one change to each of some galleries."""
    found = []
    for gallery, change in tries:
        warm()
        found.append(beside(gallery, late(change)))
    held = [one for longest, _ in found for one in longest]
    return held_row(name, held, statistics.median(calm for _, calm in found), MOST_HELD_BY_COPY)


def late(change: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Give a change when searches have been going on for a while, and hold on after it."""
    time.sleep(0.03)
    yield change
    time.sleep(0.003)


def held_row(name: str, held: Sequence[float], calm: float, most: float) -> Row:
    """Say for how long a search was held up at most, in the median change."""
    ratio = statistics.median(held) / calm
    return row(
        f"{name}: held up ({len(held)} times, median)",
        statistics.median(held),
        f"one search: {calm:.0f} µs",
        ratio,
        f"at most {most:g}× the peer's time",
        holds=ratio <= most,
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
    found = list(search_rows())
    return [*found, adding_row(), growing_row(), removing_row()]


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
