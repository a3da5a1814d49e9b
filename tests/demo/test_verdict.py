from typing import Any

import pytest

from deploy.demo.films import FrameTruth
from deploy.demo.verdict import DENIED, GRANTED, Run, delay_ms, failures, first_good_frame, reasons

OBAMA = "01J00000000000000000000000"
FAR, NEAR, SMEARED = FrameTruth(60, 0), FrameTruth(120, 0.2), FrameTruth(170, 28)


def event(kind: str, person: str | None = None, **data: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"type": kind, "data": {"reason": "face", **data}}
    return body if person is None else body | {"subject": person}


def run(film: str, *events: dict[str, Any], pulses: int = 0) -> Run:
    return Run(film, events, pulses, 1.0)


GOOD = [
    run("walk-up", event(GRANTED, OBAMA), pulses=1),
    run("stranger", event(DENIED, reason="unknown")),
    run("empty"),
    run("blurred"),
]


def replaced(new: Run) -> list[Run]:
    return [new if old.film == new.film else old for old in GOOD]


def test_the_wanted_decisions_have_no_failures() -> None:
    assert failures(GOOD, OBAMA) == []


@pytest.mark.parametrize(
    "wrong",
    [
        run("walk-up"),
        run("walk-up", event(GRANTED, OBAMA), event(GRANTED, OBAMA), pulses=2),
        run("walk-up", event(GRANTED, "somebody else"), pulses=1),
        run("walk-up", event(GRANTED, OBAMA), pulses=0),
        run("stranger", event(GRANTED, OBAMA), pulses=1),
        run("stranger"),
        run("empty", event(DENIED, reason="unknown")),
        run("empty", event(GRANTED, OBAMA), pulses=1),
        run("blurred", event(GRANTED, OBAMA), pulses=1),
        run("blurred", pulses=1),
    ],
    ids=lambda wrong: f"{wrong.film}-{len(wrong.events)}-{wrong.pulses}",
)
def test_each_wrong_decision_is_a_failure(wrong: Run) -> None:
    assert any(sentence.startswith(wrong.film) for sentence in failures(replaced(wrong), OBAMA))


def test_the_first_good_frame_is_large_and_sharp() -> None:
    assert first_good_frame([FAR, SMEARED, NEAR, NEAR]) == 2
    assert first_good_frame([FAR, SMEARED]) is None


def test_the_delay_counts_film_time_and_the_time_since_the_deciding_frame() -> None:
    decided = event(GRANTED, OBAMA, frame=4, latency_ms=30)
    assert delay_ms(decided, [FAR, NEAR, NEAR, NEAR, NEAR]) == pytest.approx(3 * 1000 / 15 + 30)


def test_a_delay_is_not_made_up_where_the_event_names_no_frame() -> None:
    assert delay_ms(event(GRANTED, OBAMA, latency_ms=30), [NEAR]) is None


def test_reasons_are_told_once_each_in_order() -> None:
    blurred = event(DENIED, reason="poor_quality", hint="hold_still")
    assert reasons(run("stranger", blurred, event(DENIED, reason="unknown"), blurred)) == [
        "poor_quality hold_still",
        "unknown",
    ]
