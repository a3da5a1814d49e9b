import json
from dataclasses import replace
from typing import Any

import pytest

from edge.domain.access_checkpoint import dump, load
from edge.domain.access_state import EMPTY, AccessState
from edge.domain.access_two_person import Waiting
from edge.domain.events import Instant
from edge.domain.passback import Presence
from edge.domain.second_factor_attempts import Failures

THEN = Instant(1_800_000_000.0, 500_000_000_000, trusted=True)
LATER = Instant(1_800_000_100.0, 20_000_000_000, trusted=True)  # a new boot, 100 s on, 20 s old
STATE = AccessState(
    lockdown=True,
    evacuation=True,
    presence={"a": Presence("inside", 450.0), "b": Presence("外", 499.123)},
    waiting={"door": Waiting("a", 480.0, escort=True)},
    failures={"a": Failures(3, 490.0), "@door": Failures(1, 1.5)},
    visits={"v": 2},
    trusted_wall=1_799_999_999.5,
)


def text(state: AccessState = STATE, **changes: Any) -> dict[str, Any]:
    told = {**dump(state, boot_id="one", now=THEN, evacuated=7), **changes}
    return dict(json.loads(json.dumps(told)))


def test_within_one_boot_it_is_what_it_was() -> None:
    assert load(text(), boot_id="one", now=LATER) == (STATE, 7)
    assert load(text(EMPTY, evacuated=None), boot_id="one", now=THEN) == (EMPTY, None)


def test_of_an_earlier_boot_moments_lie_as_long_ago_as_trusted_clocks_say() -> None:
    loaded = load(text(), boot_id="two", now=LATER)
    assert loaded is not None
    state, _ = loaded
    assert state.presence["a"].at == pytest.approx(20 - 150)
    assert state.failures["a"].at == pytest.approx(20 - 110)
    assert replace(state, presence={}, waiting={}, failures={}) == replace(
        STATE, presence={}, waiting={}, failures={}
    )


@pytest.mark.parametrize("untrusted", ["then", "now", "set back"])
def test_without_trusted_clocks_moments_are_those_of_the_boot(untrusted: str) -> None:
    then = replace(THEN, trusted=untrusted != "then")
    now = replace(LATER, trusted=untrusted != "now")
    if untrusted == "set back":
        now = replace(LATER, wall=THEN.wall - 86400)
    loaded = load(dump(STATE, boot_id="one", now=then), boot_id="two", now=now)
    assert loaded is not None
    assert {one.at for one in loaded[0].presence.values()} == {0.0}


@pytest.mark.parametrize(
    "changes",
    [
        {"form": 2},
        {"lockdown": 1},
        {"presence": {"a": ["inside"]}},
        {"presence": []},
        {"failures": {"a": [3, None]}},
        {"visits": {"v": "many"}},
        {"trusted_wall": "soon"},
        {"now": [1.0]},
    ],
    ids=str,
)
def test_what_is_not_exactly_that_is_not_used(changes: dict[str, Any]) -> None:
    assert load(text(**changes), boot_id="one", now=THEN) is None
    without = text()
    del without[next(iter(changes))]
    assert load(without, boot_id="one", now=THEN) is None
