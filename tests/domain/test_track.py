import math
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.face import Box, Detection
from edge.domain.track import GATE, SURE, Tracker, TrackRules, TrackUpdate

RATE = 15.0
WIDTH = 100.0
Way = Callable[[float], tuple[float, float] | None]  # centre of a face at a second, None while it is unseen


def face(x: float, y: float = 200.0, width: float = WIDTH) -> Detection:
    return Detection(Box(x - width / 2, y - width / 2, width, width), 1.0)


class Film:
    """Faces that go their ways; `tracks[n]` are the ids that the n-th face had, frame by frame."""

    def __init__(self, *ways: Way, seconds: float = 4.0, rate: float = RATE, lost: float = 1.0) -> None:
        self.tracker = Tracker(TrackRules(lost_seconds=lost))
        self.tracks: list[list[int | None]] = [[] for _ in ways]
        self.leaps: list[float] = []
        for number in range(round(seconds * rate)):
            at = number / rate
            places = [way(at) for way in ways]
            shown = [(index, face(*place)) for index, place in enumerate(places) if place]
            update = self.tracker.update([one for _, one in shown], at)
            ids = {id(track.detection): track.id for track in update.seen}
            self.leaps += [track.leap for track in update.seen]
            for index, tracks in enumerate(self.tracks):
                found = next((one for mine, one in shown if mine == index), None)
                tracks.append(ids[id(found)] if found else None)

    def names(self, index: int) -> set[int]:
        """Return the tracks that a face had."""
        return {track for track in self.tracks[index] if track is not None}


def line(begin: float, end: float, seconds: float = 4.0, y: float = 200.0) -> Way:
    return lambda at: (begin + (end - begin) * at / seconds, y)


def stands(x: float, y: float = 200.0) -> Way:
    return lambda at: (x + 3 * math.sin(5 * at), y + 2 * math.sin(7 * at))


def hidden(way: Way, begin: float, end: float) -> Way:
    return lambda at: None if begin <= at < end else way(at)


def test_a_face_keeps_its_track_and_two_apart_each_their_own() -> None:
    film = Film(stands(100), line(300, 600), stands(800))
    assert [len(film.names(index)) for index in range(3)] == [1, 1, 1]
    assert len(film.names(0) | film.names(1) | film.names(2)) == 3
    assert max(film.leaps) < SURE


@pytest.mark.parametrize("seconds", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("apart", [0.0, 20.0, 60.0])
def test_faces_that_cross_never_take_each_others_tracks(seconds: float, apart: float) -> None:
    film = Film(line(100, 500, seconds), line(500, 100, seconds, y=200 + apart), seconds=seconds)
    assert film.names(0).isdisjoint(film.names(1))


@pytest.mark.parametrize("gap", [0.2, 0.5, 0.8])
def test_one_who_passes_behind_another_never_takes_the_others_track(gap: float) -> None:
    behind = hidden(line(100, 500), 2.0 - gap / 2, 2.0 + gap / 2)
    film = Film(behind, stands(300))
    assert film.names(0).isdisjoint(film.names(1))


def test_three_of_whom_one_crosses_the_others_never_change_tracks() -> None:
    film = Film(stands(250), stands(450), line(50, 650, y=215))
    seen = [film.names(index) for index in range(3)]
    assert sum(len(one) for one in seen) == len(set.union(*seen))


def test_two_who_meet_and_turn_round_never_change_tracks() -> None:
    def towards(begin: float, sign: float) -> Way:
        return lambda at: (begin + sign * 140 * math.sin(math.pi * at / 4), 200.0)

    film = Film(towards(150, 1), towards(450, -1))
    assert film.names(0).isdisjoint(film.names(1))


def test_of_two_whose_faces_are_as_near_to_either_place_both_tracks_end() -> None:
    tracker = Tracker(TrackRules())
    before = tracker.update([face(100), face(180)], 0.0)
    after = tracker.update([face(140, 175), face(140, 225)], 0.1)
    assert set(after.ended) == {track.id for track in before.seen}
    assert {track.frames for track in after.seen} == {1}


def test_one_face_that_is_left_of_two_near_each_other_is_nobodys_for_sure() -> None:
    tracker = Tracker(TrackRules())
    before = tracker.update([face(100), face(160)], 0.0)
    after = tracker.update([face(130)], 0.1)
    assert set(after.ended) == {track.id for track in before.seen}


def test_a_face_that_is_gone_for_a_while_is_found_where_it_was_going() -> None:
    film = Film(hidden(line(100, 500), 1.0, 1.5))
    assert len(film.names(0)) == 1


def test_a_track_without_a_face_ends_when_its_time_is_over() -> None:
    film = Film(hidden(stands(100), 1.0, 2.2))
    assert len(film.names(0)) == 2
    assert len(Film(hidden(stands(100), 1.0, 1.9)).names(0)) == 1


def test_the_end_of_a_track_is_told_once() -> None:
    tracker = Tracker(TrackRules(lost_seconds=1.0))
    [track] = tracker.update([face(100)], 0.0).seen
    assert [tracker.update([], at).ended for at in (0.5, 1.0, 1.1, 1.2)] == [(), (), (track.id,), ()]
    assert tracker.tracks == ()


def test_a_face_that_is_looked_at_seldom_keeps_its_track_and_is_doubted() -> None:
    tracker = Tracker(TrackRules(lost_seconds=1.0))
    [first] = tracker.update([face(100)], 0.0).seen
    update = tracker.update([face(104)], 2.0)
    assert [(track.id, track.leap > SURE) for track in update.seen] == [(first.id, True)]
    assert update.ended == ()
    [soon] = tracker.update([face(106)], 2.5).seen
    assert (soon.id, soon.leap > SURE) == (first.id, False)
    assert tracker.update([face(700)], 4.0).ended == (first.id,)


def test_a_leap_is_told_and_one_too_far_is_another_face() -> None:
    tracker = Tracker(TrackRules())
    [first] = tracker.update([face(100)], 0.0).seen
    [leapt] = tracker.update([face(100 + 0.5 * WIDTH)], 0.1).seen
    assert leapt.id == first.id
    assert leapt.leap == pytest.approx(0.5)
    tracker = Tracker(TrackRules())
    tracker.update([face(100)], 0.0)
    [other] = tracker.update([face(100 + 1.1 * GATE * WIDTH)], 0.1).seen
    assert other.id != first.id


def test_a_face_of_quite_another_size_at_the_same_place_is_another_face() -> None:
    tracker = Tracker(TrackRules())
    [first] = tracker.update([face(100)], 0.0).seen
    [other] = tracker.update([face(100, width=3 * WIDTH)], 0.1).seen
    assert other.id != first.id


Moments = st.lists(
    st.lists(st.tuples(st.floats(0, 600), st.floats(0, 300), st.floats(40, 200)), max_size=4), max_size=12
)


@settings(max_examples=200)
@given(Moments)
def test_each_face_has_one_track_and_each_track_one_face(
    moments: Sequence[Sequence[tuple[float, float, float]]],
) -> None:
    tracker = Tracker(TrackRules())
    known: set[int] = set()
    over: set[int] = set()
    for number, places in enumerate(moments):
        detections = [face(*place) for place in places]
        update: TrackUpdate = tracker.update(detections, number / RATE)
        ids = [track.id for track in update.seen]
        assert [track.detection for track in update.seen] == detections
        assert len(set(ids)) == len(ids)
        assert set(update.ended) <= known
        over |= set(update.ended)
        assert over.isdisjoint(ids)  # a track that ended never comes back
        known |= set(ids)
        assert {track.id for track in tracker.tracks} == known - over
