"""Enrolment through its gate, over a real database and a scripted pipeline."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.enrolment import EnrolmentRules, GateReason, Outcome
from edge.domain.face import Picture
from edge.domain.person import NewReference, Person
from edge.domain.quality import QualityLimits
from edge.domain.score import Metric, ScoreScale
from edge.enrol import TRIES, Enrolment, EnrolmentReport
from edge.errors import ConflictError, GalleryChangedError
from tests.enrol.scripted import Script

SCALE = ScoreScale(Metric.EUCLIDEAN, 0.0, -10.0, 100.0, 0.0, 10.0)
LIMITS = QualityLimits(
    min_width=100,
    min_sharpness=20,
    min_brightness=40,
    max_brightness=220,
    min_contrast=15,
    max_saturated=0.35,
    min_inside=0.9,
    max_yaw=25,
    max_pitch=25,
    max_roll=25,
    min_detector=0.5,
    max_span=0.8,
)
RULES = EnrolmentRules(
    scale=SCALE,
    threshold=0.4,
    margin=0.1,
    same_person=0.6,
    duplicate=0.05,
    max_references=4,
    quality=LIMITS,
)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def gate(script: Script, store: SqliteStore) -> Enrolment:
    return Enrolment(pipeline=script.pipeline(), people=store.people, rules=RULES)


def add(
    gate: Enrolment, name: str, *pictures: Picture, allow: bool = False, face: int | None = None
) -> EnrolmentReport:
    return gate.add(
        name=name,
        external_id=None,
        pictures=[(f"{number}.jpg", picture) for number, picture in enumerate(pictures)],
        actor="test",
        chosen_face=face,
        allow_look_alike=allow,
    )


def extend(
    gate: Enrolment, person: Person | None, *pictures: Picture, allow: bool = False
) -> EnrolmentReport:
    assert person is not None
    return gate.extend(
        person_id=person.id,
        pictures=[(f"{number}.jpg", picture) for number, picture in enumerate(pictures)],
        actor="test",
        allow_look_alike=allow,
    )


def codes(report: EnrolmentReport) -> list[str]:
    return [verdict.code for verdict in report.verdicts]


def test_a_good_picture_enrols_somebody(gate: Enrolment, script: Script, store: SqliteStore) -> None:
    report = add(gate, "花子", script.picture((1, 0)))
    assert report.person is not None
    assert report.person.references == 1
    kept = store.people.references(Script.version)
    assert np.array_equal(kept[0].vector, np.array([1, 0], np.float32))
    assert kept[0].source == "0.jpg"
    assert kept[0].quality["sharpness"] == 500


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"face_width": 99}, "too_far"),
        ({"sharpness": 19.9}, "hold_still"),
        ({"brightness": 39}, "too_dark"),
        ({"brightness": 221}, "too_bright"),
        ({"saturated": 0.4}, "too_bright"),
        ({"contrast": 14}, "low_contrast"),
        ({"inside": 0.8}, "cut_off"),
        ({"yaw": -26}, "look_at_camera"),
        ({"pitch": 26}, "look_at_camera"),
        ({"roll": 26}, "look_at_camera"),
        ({"detector": 0.4}, "no_face"),
        ({"sharpness": float("nan")}, "hold_still"),
    ],
)
def test_a_poor_picture_is_refused_with_its_reason_and_a_sentence(
    gate: Enrolment, script: Script, store: SqliteStore, wrong: dict[str, float], code: str
) -> None:
    report = add(gate, "A", script.picture((1, 0), **wrong))
    assert report.person is None
    assert codes(report) == [code]
    assert report.verdicts[0].sentence
    assert store.people.people() == []
    assert store.journal.last_seq() == 0


def test_no_face_and_several_faces_are_refused(gate: Enrolment, script: Script) -> None:
    report = add(gate, "A", script.picture(), script.picture((1, 0), (0, 1)))
    assert codes(report) == [GateReason.NO_FACE, GateReason.SEVERAL_FACES]


def test_the_chosen_face_of_several_is_taken(gate: Enrolment, script: Script, store: SqliteStore) -> None:
    add(gate, "A", script.picture((1, 0), (0, 1)), face=2)
    assert store.people.references(Script.version)[0].vector.tolist() == [0, 1]


def test_a_chosen_face_that_is_not_there_is_refused(gate: Enrolment, script: Script) -> None:
    report = add(gate, "A", script.picture((1, 0)), face=2)
    assert codes(report) == [GateReason.NO_SUCH_FACE]


def test_a_patch_that_is_hardly_a_face_does_not_count_as_a_second_one(
    script: Script, gate: Enrolment
) -> None:
    picture = script.picture((1, 0), (0, 1))
    vector, figures = script.scenes[-1][1]
    script.scenes[-1][1] = (vector, type(figures)(**{**_fields(figures), "detector": 0.1}))
    assert codes(add(gate, "A", picture)) == ["accepted"]


def _fields(figures: object) -> dict[str, float]:
    return {name: getattr(figures, name) for name in figures.__dataclass_fields__}  # type: ignore[attr-defined]


def test_a_look_alike_is_refused_naming_the_other_and_the_percent(
    gate: Enrolment, script: Script, store: SqliteStore
) -> None:
    add(gate, "Hanako", script.picture((1, 0)))
    report = add(gate, "Yuki", script.picture((1.35, 0)))
    assert report.person is None
    assert codes(report) == [GateReason.LOOKS_LIKE_ANOTHER]
    assert "Hanako (96.50 %)" in report.verdicts[0].sentence
    assert [person.name for person in store.people.people()] == ["Hanako"]


@pytest.mark.parametrize(("x", "refused"), [(1.40, True), (1.49, True), (1.51, False)])
def test_within_the_margin_of_the_threshold_is_still_a_look_alike(
    gate: Enrolment, script: Script, x: float, refused: bool
) -> None:
    add(gate, "Hanako", script.picture((1, 0)))
    report = add(gate, "Yuki", script.picture((x, 0)))
    assert (report.person is None) is refused
    nearest = report.verdicts[0].nearest
    assert nearest is not None
    assert (nearest.person_name, nearest == report.verdicts[0].look_alike) == ("Hanako", refused)


def test_an_override_enrols_and_makes_a_second_factor_mandatory_for_both(
    gate: Enrolment, script: Script, store: SqliteStore
) -> None:
    first = add(gate, "Hanako", script.picture((1, 0)))
    report = add(gate, "Yuki", script.picture((1.2, 0)), allow=True)
    assert report.person is not None
    assert [verdict.outcome for verdict in report.verdicts] == [Outcome.ACCEPTED]
    assert [person.second_factor for person in store.people.people()] == [True, True]
    event = store.journal.events()[-1]
    assert first.person is not None
    assert first.person.id in str(event.data)


def test_one_look_alike_among_good_pictures_stops_the_whole_request(
    gate: Enrolment, script: Script, store: SqliteStore
) -> None:
    add(gate, "Hanako", script.picture((1, 0)))
    report = add(gate, "Yuki", script.picture((1.7, 0)), script.picture((1.3, 0)))
    assert report.person is None
    assert codes(report) == ["accepted", GateReason.LOOKS_LIKE_ANOTHER]
    assert len(store.people.people()) == 1


def test_a_picture_unlike_the_persons_other_ones_is_refused_and_the_rest_taken(
    gate: Enrolment, script: Script
) -> None:
    first = add(gate, "A", script.picture((1, 0)))
    report = extend(gate, first.person, script.picture((1.3, 0)), script.picture((3, 0)))
    assert codes(report) == ["accepted", GateReason.NOT_THIS_PERSON]
    assert report.person is not None
    assert report.person.references == 2


def test_of_several_new_pictures_the_odd_one_is_refused_wherever_it_stands(
    gate: Enrolment, script: Script
) -> None:
    pictures = [script.picture((3, 0)), script.picture((1, 0)), script.picture((1.2, 0))]
    assert codes(add(gate, "A", *pictures)) == [GateReason.NOT_THIS_PERSON, "accepted", "accepted"]


def test_a_near_duplicate_adds_nothing_and_says_so(
    gate: Enrolment, script: Script, store: SqliteStore
) -> None:
    first = add(gate, "A", script.picture((1, 0)))
    before = store.journal.last_seq()
    report = extend(gate, first.person, script.picture((1.01, 0)))
    assert report.person is None
    assert report.verdicts[0].outcome is Outcome.DUPLICATE
    assert "adds nothing" in report.verdicts[0].sentence
    assert store.journal.last_seq() == before


def test_the_same_picture_twice_in_one_request_is_kept_once(gate: Enrolment, script: Script) -> None:
    picture = script.picture((1, 0))
    report = add(gate, "A", picture, picture)
    assert codes(report) == ["accepted", GateReason.NEAR_DUPLICATE]
    assert report.person is not None
    assert report.person.references == 1


def test_no_more_than_the_most_references_are_kept(gate: Enrolment, script: Script) -> None:
    pictures = [script.picture((1 + 0.1 * step, 0)) for step in range(5)]
    report = add(gate, "A", *pictures)
    assert codes(report) == ["accepted"] * 4 + [GateReason.ENOUGH_REFERENCES]


def test_somebody_elses_references_of_another_model_are_no_look_alikes(
    gate: Enrolment, script: Script, store: SqliteStore
) -> None:
    vector = np.array([1, 0], np.float32)
    store.people.enrol(
        name="Old",
        external_id=None,
        references=[NewReference("another-model", vector, "x.jpg")],
        seen_generation=store.people.generation(),
        actor="test",
    )
    assert add(gate, "A", script.picture((1, 0))).person is not None


class RacingPeople:
    """The real people, but somebody else changes the gallery just before each of the first writes."""

    def __init__(self, store: SqliteStore, races: int) -> None:
        self._people = store.people
        self._races = races

    def __getattr__(self, name: str) -> object:
        return getattr(self._people, name)

    def enrol(self, *, seen_generation: int, references: Sequence[NewReference], **rest: object) -> Person:
        if self._races > 0:
            self._races -= 1
            rival = NewReference(Script.version, np.array([0, 9 + self._races], np.float32), "rival.jpg")
            generation = self._people.generation()
            self._people.enrol(
                name="Rival", external_id=None, references=[rival], seen_generation=generation, actor="rival"
            )
        return self._people.enrol(seen_generation=seen_generation, references=references, **rest)  # type: ignore[arg-type]


def test_a_gallery_that_changes_under_the_check_is_checked_again(script: Script, store: SqliteStore) -> None:
    people = RacingPeople(store, races=TRIES - 1)
    gate = Enrolment(pipeline=script.pipeline(), people=people, rules=RULES)  # type: ignore[arg-type]
    assert add(gate, "A", script.picture((1, 0))).person is not None


def test_a_gallery_that_never_rests_is_an_error_and_nothing_is_written(
    script: Script, store: SqliteStore
) -> None:
    people = RacingPeople(store, races=TRIES)
    gate = Enrolment(pipeline=script.pipeline(), people=people, rules=RULES)  # type: ignore[arg-type]
    with pytest.raises(GalleryChangedError):
        add(gate, "A", script.picture((1, 0)))
    assert {person.name for person in store.people.people()} == {"Rival"}


def test_a_look_alike_enrolled_during_the_check_is_still_found(script: Script, store: SqliteStore) -> None:
    class Twin(RacingPeople):
        def enrol(
            self, *, seen_generation: int, references: Sequence[NewReference], **rest: object
        ) -> Person:
            if self._races > 0:
                self._races -= 1
                twin = NewReference(Script.version, np.array([1.01, 0], np.float32), "twin.jpg")
                generation = self._people.generation()
                self._people.enrol(
                    name="Twin",
                    external_id=None,
                    references=[twin],
                    seen_generation=generation,
                    actor="rival",
                )
            return self._people.enrol(seen_generation=seen_generation, references=references, **rest)  # type: ignore[arg-type]

    gate = Enrolment(pipeline=script.pipeline(), people=Twin(store, 1), rules=RULES)  # type: ignore[arg-type]
    report = add(gate, "A", script.picture((1, 0)))
    assert report.person is None
    assert [alike.person_name for alike in report.look_alikes] == ["Twin"]


def test_an_employee_number_in_use_is_a_conflict_and_changes_nothing(
    gate: Enrolment, script: Script, store: SqliteStore
) -> None:
    def enrol(name: str, x: float) -> EnrolmentReport:
        pictures = [("a.jpg", script.picture((x, 0)))]
        return gate.add(name=name, external_id="7", pictures=pictures, actor="test")

    enrol("A", 1)
    with pytest.raises(ConflictError, match="7"):
        enrol("B", 5)
    assert len(store.people.people()) == 1


@pytest.mark.parametrize("keep", [False, True])
def test_crops_are_kept_only_where_the_site_says_so(script: Script, store: SqliteStore, keep: bool) -> None:
    rules = replace(RULES, keep_crops=keep)
    add(Enrolment(pipeline=script.pipeline(), people=store.people, rules=rules), "A", script.picture((1, 0)))
    with closing(sqlite3.connect(store.path)) as connection:
        assert [row[0] is not None for row in connection.execute("SELECT crop FROM reference")] == [keep]
