import math
import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from edge.domain.gallery import Candidate, Gallery, GallerySnapshot
from edge.domain.gallery_block import BLOCK
from edge.domain.person import Reference
from edge.domain.score import Metric
from edge.errors import ModelError

DIMENSION = 8
Vectors = NDArray[np.float32]


def reference(number: int, person: object, vector: ArrayLike) -> Reference:
    return Reference(f"r{number:05}", f"p{person}", "m-fp32-1", np.asarray(vector, np.float32))


def score(metric: Metric, left: Vectors, right: Vectors) -> float:
    first, second = left.astype(np.float64), right.astype(np.float64)
    if metric is Metric.EUCLIDEAN:
        return float(np.linalg.norm(first - second))
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def brute_force(metric: Metric, references: Sequence[Reference], probe: Vectors) -> dict[str, float]:
    """Return the closest score of each person, by a loop over everything in float64."""
    best: dict[str, float] = {}
    for one in references:
        new = score(metric, one.vector, probe)
        old = best.get(one.person_id, -math.inf if metric is Metric.COSINE else math.inf)
        best[one.person_id] = max(old, new) if metric is Metric.COSINE else min(old, new)
    return best


def assert_exact(
    metric: Metric, found: Sequence[Candidate], references: Sequence[Reference], probe: Vectors, count: int
) -> None:
    truth = brute_force(metric, references, probe)
    by_id = {one.id: one for one in references}
    assert len(found) == min(count, len(truth))
    assert len({one.person_id for one in found}) == len(found)
    ranked = sorted(truth.values(), reverse=metric is Metric.COSINE)
    for candidate, rank in zip(found, ranked, strict=False):
        assert candidate.score == pytest.approx(rank, rel=1e-12, abs=1e-14)
        assert candidate.score == pytest.approx(truth[candidate.person_id], rel=1e-12, abs=1e-14)
        shown = by_id[candidate.reference_id]
        assert shown.person_id == candidate.person_id
        assert score(metric, shown.vector, probe) == pytest.approx(candidate.score, rel=1e-12, abs=1e-14)


@st.composite
def galleries(draw: st.DrawFn) -> tuple[list[Reference], Vectors]:
    """Draw references and a probe that lie so close together that float32 cannot tell them apart."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    count, people = draw(st.integers(1, 60)), draw(st.integers(1, 20))
    spread = draw(st.sampled_from([1.0, 1e-3, 1e-6, 3e-8]))
    scale = draw(st.sampled_from([1.0, 30.0, 1e-2]))
    centre = rng.normal(size=DIMENSION)
    vectors = ((centre + spread * rng.normal(size=(count, DIMENSION))) * scale).astype(np.float32)
    if draw(st.booleans()):
        vectors[rng.integers(count, size=count // 2)] = vectors[0]
    if draw(st.booleans()):
        vectors[-1] *= 1000  # one far longer than the rest
    references = [reference(i, rng.integers(people), vector) for i, vector in enumerate(vectors)]
    near = draw(st.booleans())
    probe = vectors[rng.integers(count)] if near else (centre * scale).astype(np.float32)
    return references, probe


@pytest.mark.parametrize("metric", Metric)
@settings(max_examples=150, deadline=None)
@given(drawn=galleries(), count=st.integers(1, 6))
def test_search_finds_what_a_loop_in_float64_finds(
    metric: Metric, drawn: tuple[list[Reference], Vectors], count: int
) -> None:
    references, probe = drawn
    gallery = Gallery(metric, DIMENSION)
    gallery.add(references)
    assert_exact(metric, gallery.snapshot.search(probe, count), references, probe, count)


@pytest.mark.parametrize("metric", Metric)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_after_any_changes_search_finds_what_is_there_and_nothing_else(
    metric: Metric, data: st.DataObject
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    gallery = Gallery(metric, DIMENSION, block=data.draw(st.sampled_from([16, 64, BLOCK])))
    there, number = dict[str, Reference](), 0
    frozen: list[tuple[GallerySnapshot, list[Reference]]] = []
    for adding, amount in data.draw(st.lists(st.tuples(st.booleans(), st.integers(1, 90)), max_size=8)):
        if adding:
            fresh = [
                reference(number + i, rng.integers(30), rng.normal(size=DIMENSION)) for i in range(amount)
            ]
            number += amount
            gallery.add(fresh)
            there |= {one.id: one for one in fresh}
        else:
            gone = list(rng.permutation(sorted(there))[:amount])
            gallery.remove([*gone, "never there"])
            gallery.tidy()
            there = {key: one for key, one in there.items() if key not in gone}
        frozen.append((gallery.snapshot, list(there.values())))
        assert gallery.size == len(there)
        assert gallery.people == len({one.person_id for one in there.values()})
        assert gallery.is_empty is (not there)
    probe = rng.normal(size=DIMENSION).astype(np.float32)
    for snapshot, references in frozen:  # also those that later changes went past
        assert_exact(metric, snapshot.search(probe, 3), references, probe, 3)
        truth = brute_force(metric, references, probe)
        for person in range(30):
            best = snapshot.best_of(f"p{person}", probe)
            assert (best is None) == (f"p{person}" not in truth)
            if best is not None:
                assert best.score == pytest.approx(truth[f"p{person}"], rel=1e-12, abs=1e-14)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), dimension=st.sampled_from([2, 7, 128, 512]))
def test_an_identical_vector_has_the_score_of_identity(seed: int, dimension: int) -> None:
    vector = np.random.default_rng(seed).normal(size=dimension).astype(np.float32)
    for metric, identity in ((Metric.EUCLIDEAN, 0.0), (Metric.COSINE, 1.0)):
        gallery = Gallery(metric, dimension)
        gallery.add([Reference("r", "p", "m", vector)])
        assert gallery.snapshot.search(vector)[0].score == pytest.approx(identity, abs=2e-16)
    assert gallery.snapshot.search(-vector)[0].score == pytest.approx(-1.0, abs=2e-16)


@pytest.mark.parametrize("metric", Metric)
def test_equal_scores_come_in_the_order_of_person_and_reference(metric: Metric) -> None:
    vector = np.ones(DIMENSION, np.float32)
    references = [reference(i, person, vector) for i, person in enumerate("cabacb")]
    for order in (references, references[::-1]):
        gallery = Gallery(metric, DIMENSION)
        gallery.add(order)
        found = gallery.snapshot.search(vector, 3)
        assert [(one.person_id, one.reference_id) for one in found] == [
            ("pa", "r00001"),
            ("pb", "r00002"),
            ("pc", "r00000"),
        ]


def test_a_probe_far_from_a_very_long_reference_still_finds_the_nearest_of_many() -> None:
    rng = np.random.default_rng(5)
    vectors = (rng.normal(size=(2000, 128)) * 1e-3 + 1).astype(np.float32)
    references = [reference(i, i // 2, vector) for i, vector in enumerate(vectors)]
    references.append(reference(9000, "long", np.full(128, 1e4)))
    gallery = Gallery(Metric.EUCLIDEAN, 128)
    gallery.add(references)
    probe = (rng.normal(size=128) * 1e-3 + 1).astype(np.float32)
    assert_exact(Metric.EUCLIDEAN, gallery.snapshot.search(probe, 4), references, probe, 4)


def test_an_empty_gallery_finds_nobody() -> None:
    snapshot = Gallery(Metric.COSINE, DIMENSION).snapshot
    assert snapshot.search(np.ones(DIMENSION, np.float32)) == []
    assert snapshot.best_of("p1", np.ones(DIMENSION, np.float32)) is None
    assert (snapshot.people, snapshot.size, snapshot.is_empty) == (0, 0, True)


def test_no_candidate_is_asked_for_and_none_given() -> None:
    gallery = Gallery(Metric.COSINE, DIMENSION)
    gallery.add([reference(0, 0, np.ones(DIMENSION))])
    assert gallery.snapshot.search(np.ones(DIMENSION, np.float32), 0) == []


UNUSABLE = [
    (np.ones(DIMENSION + 1, np.float32), "shape"),
    (np.ones((1, DIMENSION), np.float32), "shape"),
    (np.ones(DIMENSION, np.float64), "float64"),
    (np.zeros(DIMENSION, np.float32), "length 0"),
    (np.full(DIMENSION, np.nan, np.float32), "length nan"),
    (np.array([np.inf] + [0] * (DIMENSION - 1), np.float32), "length inf"),
    (np.full(DIMENSION, 3e38, np.float32), "length 8.4"),
    (np.full(DIMENSION, 1e-30, np.float32), "length 2.8"),
]


@pytest.mark.parametrize(("vector", "words"), UNUSABLE)
def test_an_unusable_probe_is_refused_in_one_line(vector: Vectors, words: str) -> None:
    gallery = Gallery(Metric.EUCLIDEAN, DIMENSION)
    gallery.add([reference(0, 0, np.ones(DIMENSION))])
    for act in (gallery.snapshot.search, lambda probe: gallery.snapshot.best_of("p0", probe)):
        with pytest.raises(ModelError, match=f"^probe: .*{words}") as refusal:
            act(vector)
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(("vector", "words"), UNUSABLE)
def test_an_unusable_reference_is_refused_by_name_and_nothing_is_added(vector: Vectors, words: str) -> None:
    gallery = Gallery(Metric.COSINE, DIMENSION)
    before = gallery.snapshot
    bad = Reference("r-bad", "p", "m", vector)
    with pytest.raises(ModelError, match=f"^reference r-bad: .*{words}"):
        gallery.add([reference(0, 0, np.ones(DIMENSION)), bad])
    assert gallery.snapshot is before
    gallery.add([reference(0, 0, np.ones(DIMENSION))])
    assert gallery.size == 1


def test_a_reference_that_is_there_already_is_refused_and_nothing_is_added() -> None:
    gallery = Gallery(Metric.COSINE, DIMENSION)
    one, two = reference(1, 1, np.ones(DIMENSION)), reference(2, 1, np.ones(DIMENSION))
    for twice in ([one, two, one], [two, two]):
        with pytest.raises(ModelError, match="in the gallery already"):
            gallery.add(twice)
        assert gallery.is_empty
    gallery.add([one])
    with pytest.raises(ModelError, match="r00001: it is in the gallery already"):
        gallery.add([two, one])
    assert gallery.size == 1


def test_a_removed_reference_can_be_added_again() -> None:
    gallery = Gallery(Metric.COSINE, DIMENSION)
    one = reference(1, 1, np.ones(DIMENSION))
    for _ in range(3):
        gallery.add([one])
        assert gallery.snapshot.search(one.vector)[0].person_id == "p1"
        gallery.remove([one.id])
        assert gallery.snapshot.search(one.vector) == []


def test_a_changed_vector_of_the_caller_changes_no_gallery() -> None:
    gallery = Gallery(Metric.EUCLIDEAN, DIMENSION)
    vector = np.ones(DIMENSION, np.float32)
    gallery.add([Reference("r", "p", "m", vector)])
    vector[:] = 5
    assert gallery.snapshot.search(np.ones(DIMENSION, np.float32))[0].score == 0.0


def test_what_grows_copies_nothing() -> None:
    rng = np.random.default_rng(0)
    gallery = Gallery(Metric.EUCLIDEAN, DIMENSION, block=64)
    for i in range(1000):
        before = gallery.snapshot
        gallery.add([reference(i, i, rng.normal(size=DIMENSION))])
        after = gallery.snapshot
        kept = zip(before.blocks, after.blocks, strict=False)
        assert all(one.matrix is other.matrix for one, other in kept)
    assert [block.filled for block in after.blocks] == [64] * 15 + [40]


def places(snapshot: GallerySnapshot) -> dict[str, tuple[int, int]]:
    """Return where each reference lies that a snapshot has."""
    return {
        block.names[column]: (id(block.matrix), column)
        for block, width in zip(snapshot.blocks, snapshot.widths, strict=True)
        for column in range(width)
        if block.has(column)
    }


@pytest.mark.parametrize("metric", Metric)
def test_a_gallery_that_shrinks_is_moved_together_a_few_at_a_time(metric: Metric) -> None:
    rng = np.random.default_rng(1)
    gallery = Gallery(metric, DIMENSION, block=64)
    there = {i: reference(i, i // 2, rng.normal(size=DIMENSION)) for i in range(640)}
    gallery.add(list(there.values()))
    for turn, i in enumerate(rng.permutation(640).tolist()):
        before = places(gallery.snapshot)
        gallery.remove([there.pop(i).id])
        after = places(gallery.snapshot)
        assert after.items() <= before.items()
        assert len(before) - len(after) == 1
        moved = gallery.tidy()
        tidied = places(gallery.snapshot)
        assert tidied.keys() == {one.id for one in there.values()}
        assert moved or tidied == after
        assert sum(tidied[name] != place for name, place in after.items()) <= 4
        assert sum(gallery.snapshot.widths) <= len(there) * 4 / 3 + 2 * 64
        if turn % 40 == 0:
            probe = rng.normal(size=DIMENSION).astype(np.float32)
            assert_exact(metric, gallery.snapshot.search(probe, 3), list(there.values()), probe, 3)
    assert gallery.is_empty
    assert len(gallery.snapshot.blocks) == 1


@pytest.mark.parametrize("metric", Metric)
def test_a_last_block_with_nothing_left_in_it_is_no_hindrance_to_a_search(metric: Metric) -> None:
    rng = np.random.default_rng(6)
    gallery = Gallery(metric, DIMENSION, block=16)
    there = [reference(i, i, rng.normal(size=DIMENSION)) for i in range(20)]
    gallery.add(there)
    gallery.remove([one.id for one in there[16:]])
    assert gallery.tidy()
    assert not gallery.tidy()
    probe = rng.normal(size=DIMENSION).astype(np.float32)
    assert_exact(metric, gallery.snapshot.search(probe, 3), there[:16], probe, 3)
    assert gallery.snapshot.best_of("p15", there[15].vector) is not None
    gallery.add(there[16:])
    assert_exact(metric, gallery.snapshot.search(probe, 3), there, probe, 3)


def test_what_was_tidied_is_found_and_removed_as_before() -> None:
    rng = np.random.default_rng(4)
    gallery = Gallery(Metric.COSINE, DIMENSION, block=64)
    there = [reference(i, i, rng.normal(size=DIMENSION)) for i in range(128)]
    gallery.add(there)
    gallery.remove([one.id for one in there[:60]])
    steps = 0
    while gallery.tidy():
        steps += 1
    assert steps == 1  # four of the first block were left
    assert [block.filled for block in gallery.snapshot.blocks] == [64, 4]
    probe = rng.normal(size=DIMENSION).astype(np.float32)
    assert_exact(Metric.COSINE, gallery.snapshot.search(probe, 5), there[60:], probe, 5)
    gallery.remove([one.id for one in there[60:70]])
    assert_exact(Metric.COSINE, gallery.snapshot.search(probe, 5), there[70:], probe, 5)


def test_people_who_come_and_go_do_not_make_a_small_gallery_large() -> None:
    rng = np.random.default_rng(3)
    gallery = Gallery(Metric.EUCLIDEAN, DIMENSION, block=64)
    there = [reference(i, i, rng.normal(size=DIMENSION)) for i in range(10)]
    gallery.add(there)
    for i in range(10, 400):
        there.append(reference(i, i, rng.normal(size=DIMENSION)))
        gallery.add(there[-1:])
        gallery.remove([there.pop(0).id])
        gallery.tidy()
        assert sum(gallery.snapshot.widths) <= 40
    assert places(gallery.snapshot).keys() == {one.id for one in there}


def test_many_references_of_one_person_hide_nobody() -> None:
    rng = np.random.default_rng(2)
    close = rng.normal(size=(200, DIMENSION)) * 1e-3
    others = [reference(900 + i, f"other{i}", np.full(DIMENSION, i + 1.0)) for i in range(3)]
    references = [reference(i, "same", vector) for i, vector in enumerate(close)] + others
    gallery = Gallery(Metric.EUCLIDEAN, DIMENSION, block=64)
    gallery.add(references)
    probe = np.full(DIMENSION, 1e-3, np.float32)
    found = gallery.snapshot.search(probe, 4)
    assert [one.person_id for one in found] == ["psame", "pother0", "pother1", "pother2"]
    assert_exact(Metric.EUCLIDEAN, found, references, probe, 4)


def test_searches_beside_adding_and_removing_see_whole_people() -> None:
    """Each person has two references, (i, 1) and (i, −1), added and removed together, never one of them."""
    gallery, stop, faults = Gallery(Metric.EUCLIDEAN, 2, block=64), threading.Event(), list[str]()

    def pair(i: int) -> list[Reference]:
        return [reference(2 * i, i, (i + 1, 1)), reference(2 * i + 1, i, (i + 1, -1))]

    gallery.add([one for i in range(40) for one in pair(i)])

    def search() -> None:
        rng = np.random.default_rng()
        while not stop.is_set():
            i = int(rng.integers(400))
            snapshot = gallery.snapshot
            above = snapshot.search(np.array([i + 1, 1], np.float32), 1)
            below = snapshot.search(np.array([i + 1, -1], np.float32), 1)
            if above[0].person_id != below[0].person_id or above[0].score != below[0].score:
                faults.append(f"{i}: {above} {below}")
            if above[0].score == 0.0 and above[0].person_id != f"p{i}":
                faults.append(f"{i} found as {above}")

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for i in range(40, 400):
        gallery.add(pair(i))
        if i % 3 == 0:
            gallery.remove([one.id for one in pair(i - 20)])
            gallery.tidy()
    gallery.remove([one.id for i in range(350) for one in pair(i)])
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert gallery.people == 40  # of the last 50, ten were removed before
