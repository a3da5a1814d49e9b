import math

import pytest

from edge.domain.access import AccessDecision, AccessRequest, AccessRules, decide
from edge.domain.access_reason import SENTENCES, Denial, Grant, Mode
from edge.domain.events import Instant
from edge.domain.person import Person
from edge.domain.second_factor import PinCheck

NOON = 1_790_000_000.0


def at(wall: float) -> Instant:
    return Instant(wall=wall, monotonic_ns=0, trusted=True)


def ask(
    person: Person | None,
    *,
    wall: float = NOON,
    fpir: float | None = 0.001,
    pin: PinCheck = PinCheck.NONE,
    mode: Mode = Mode.DOOR,
) -> AccessDecision:
    request = AccessRequest(person=person, at=at(wall), fpir=fpir, pin=pin)
    return decide(request, AccessRules(mode=mode, max_fpir=0.01))


ANYBODY = Person(id="P", name="Anybody")


def test_a_valid_person_passes_by_face() -> None:
    decision = ask(ANYBODY)
    assert (decision.granted, decision.reason, decision.duress) == (True, Grant.FACE, False)


def test_somebody_removed_is_unknown() -> None:
    assert ask(None).reason is Denial.UNKNOWN


@pytest.mark.parametrize(
    ("wall", "reason"),
    [(99, Denial.NOT_YET_VALID), (100, Grant.FACE), (199, Grant.FACE), (200, Denial.EXPIRED)],
)
def test_validity_begins_at_its_first_second_and_ends_before_its_last(
    wall: float, reason: Grant | Denial
) -> None:
    person = Person(id="P", name="Anybody", valid_from=100, valid_until=200)
    assert ask(person, wall=wall).reason is reason


@pytest.mark.parametrize("fpir", [0.011, 1.0, math.nan, None])
def test_a_risky_gallery_asks_for_a_second_factor_at_a_door_only(fpir: float | None) -> None:
    assert ask(ANYBODY, fpir=fpir).reason is Denial.SECOND_FACTOR_MISSING
    assert ask(ANYBODY, fpir=fpir, pin=PinCheck.MATCHED).reason is Grant.FACE_AND_PIN
    assert ask(ANYBODY, fpir=fpir, mode=Mode.ATTENDANCE).reason is Grant.FACE


@pytest.mark.parametrize("mode", list(Mode))
def test_a_look_alike_needs_a_second_factor_in_every_mode(mode: Mode) -> None:
    twin = Person(id="P", name="Twin", second_factor=True)
    assert ask(twin, mode=mode).reason is Denial.SECOND_FACTOR_MISSING
    assert ask(twin, mode=mode, pin=PinCheck.MATCHED).granted


def test_a_wrong_pin_denies_also_where_the_face_alone_would_open() -> None:
    assert ask(ANYBODY, pin=PinCheck.WRONG).reason is Denial.SECOND_FACTOR_WRONG


def test_a_duress_pin_opens_as_the_right_one_does_and_says_so_only_in_its_flag() -> None:
    right, duress = ask(ANYBODY, pin=PinCheck.MATCHED), ask(ANYBODY, pin=PinCheck.DURESS)
    assert (duress.granted, duress.reason, duress.sentence) == (right.granted, right.reason, right.sentence)
    assert (right.duress, duress.duress) == (False, True)


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == {*Grant, *Denial}
