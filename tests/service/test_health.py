"""What makes a terminal well, degraded or failing."""

from dataclasses import replace
from typing import Any

import pytest

from edge.domain.health import Facts, Standing, health

WELL = Facts(vision="running", camera="live", people=3, rate=1.0)


def test_a_terminal_that_works_is_well_without_a_reason() -> None:
    assert health(WELL).line == "well"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"vision": "starting"}, "vision is starting"),
        ({"vision": "killed", "camera": "lost"}, "vision hangs and was killed"),
        ({"vision": "dreaming"}, "vision is dreaming"),
        ({"camera": "lost", "camera_detail": "0: it is gone"}, "camera lost: 0: it is gone"),
        ({"camera": "covered"}, "camera covered"),
        ({"lost": 2}, "journal cannot be written, 2 events are lost; nobody is let in"),
        ({"journal": "edge.db: the disk is gone"}, "journal cannot be read: edge.db: the disk is gone"),
        ({"rate": 0.0}, "recognition pauses for heat"),
    ],
)
def test_what_lets_nobody_in_fails(change: dict[str, Any], reason: str) -> None:
    found = health(replace(WELL, **change))
    assert (found.standing, found.reasons) == (Standing.FAILING, (reason,))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"doors": ("door: the lock does not obey",)}, "door: the lock does not obey"),
        ({"camera": "unknown"}, "camera has shown nothing yet"),
        ({"queue_age": 3.4}, "journal is slow, a decision waits for 3 s"),
        ({"outbox_age": 61.0}, "the broker has not acknowledged an event for 61 s"),
        ({"alert_ages": {"mail": 2.0, "webhook": 301.0}}, "no alert gets through by webhook for 301 s"),
        ({"people": 0}, "nobody is enrolled for the model in use"),
        ({"rate": 0.4}, "heat slows recognition to 40%"),
    ],
)
def test_what_works_but_not_as_it_should_is_degraded(change: dict[str, Any], reason: str) -> None:
    found = health(replace(WELL, **change))
    assert (found.standing, found.reasons) == (Standing.DEGRADED, (reason,))


@pytest.mark.parametrize(
    "change",
    [
        {"queue_age": 2.0},
        {"outbox_age": 60.0},
        {"alert_ages": {"mail": 300.0}},
        {"people": None},
        {"rate": None},
    ],
)
def test_what_is_usual_or_unknown_is_no_reason(change: dict[str, Any]) -> None:
    assert health(replace(WELL, **change)).standing is Standing.WELL


def test_the_gravest_reason_comes_first() -> None:
    found = health(replace(WELL, camera="lost", people=0))
    assert found.line == "failing: camera lost; nobody is enrolled for the model in use"
