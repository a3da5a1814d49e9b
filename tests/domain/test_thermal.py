import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.governor import Governed, Scene, SleepWhileHot, constant, porch, rows, run, steps
from edge.domain.thermal import GovernorSettings, GovernorState, govern
from edge.domain.thermal_level import Crossing, Level, WorkRate

SETTINGS = GovernorSettings(limit=72.0)


def walk(readings: Sequence[float | None], demand: float = 1.0) -> tuple[GovernorState, list[WorkRate]]:
    state, works = GovernorState(), []
    for second, reading in enumerate(readings):
        state, work = govern(state, temperature=reading, at=float(second), demand=demand, settings=SETTINGS)
        works.append(work)
    return state, works


def said(works: list[WorkRate]) -> list[Crossing]:
    return [crossing for work in works for crossing in work.crossings]


@pytest.mark.parametrize("time_constant", [60.0, 300.0])
def test_in_a_porch_that_heats_up_the_box_stays_under_its_limit_and_works_like_an_oracle(
    time_constant: float,
) -> None:
    outcome = run(porch(time_constant), Governed())
    assert outcome.over <= 2
    assert outcome.longest_over <= 20
    assert outcome.ratio >= 0.9
    assert outcome.longest_pause == 0
    assert outcome.crossings == (Crossing.THROTTLED,)


@pytest.mark.parametrize("time_constant", [30.0, 60.0, 300.0, 600.0])
@pytest.mark.parametrize("tick", [0.5, 1.0, 2.0])
def test_a_jump_of_ambient_to_45_and_back_is_met_and_said_once_each_way(
    time_constant: float, tick: float
) -> None:
    scene = Scene(
        time_constant=time_constant, ambient=steps((20, 45, 20), 2400), seconds=7200, tick=tick, seed=3
    )
    outcome = run(scene, Governed())
    assert outcome.over <= 2
    assert outcome.longest_over <= 20
    assert outcome.ratio >= 0.9
    assert outcome.crossings == (Crossing.THROTTLED, Crossing.RECOVERED)


@pytest.mark.parametrize("time_constant", [30.0, 60.0, 300.0, 600.0])
def test_demand_that_comes_and_goes_in_the_heat_neither_winds_up_nor_is_refused(time_constant: float) -> None:
    scene = Scene(
        time_constant=time_constant,
        ambient=constant(45),
        demand=steps((0.1, 1, 0, 1, 0.1, 1), 600),
        seconds=3600,
        start=45,
    )
    outcome = run(scene, Governed())
    assert outcome.over <= 2
    assert outcome.longest_over <= 20
    assert outcome.ratio >= 0.9


def test_a_box_that_hovers_just_below_the_limit_does_not_chatter() -> None:
    for ambient in (20, 21, 22, 23, 24):
        outcome = run(Scene(time_constant=60, ambient=constant(ambient), seconds=7200), Governed())
        assert len(outcome.crossings) <= 2, ambient
        assert outcome.ratio >= 0.95, ambient


def test_in_an_oven_work_stops_and_comes_back() -> None:
    scene = Scene(time_constant=60, ambient=steps((80, 20), 1800), seconds=3600)
    outcome = run(scene, Governed())
    assert outcome.longest_pause > 1500
    assert outcome.crossings == (Crossing.THROTTLED, Crossing.RECOVERED)


def test_the_naive_sleep_is_what_it_is_compared_with() -> None:
    outcome = run(porch(60), SleepWhileHot())
    assert outcome.longest_pause == 30
    assert outcome.ratio < run(porch(60), Governed()).ratio


def test_every_goal_of_the_benchmark_holds() -> None:
    assert [row["name"] for row in rows(seeds=1) if row["holds"] is not True] == []


def test_an_unreadable_sensor_slows_the_work_at_once_and_is_said_once_after_its_grace() -> None:
    _, works = walk([50.0] * 30 + [None] * 60 + [50.0] * 30)
    assert [work.rate for work in works[:30]] == [1.0] * 30
    assert [work.rate for work in works[30:90]] == [SETTINGS.blind_rate] * 60
    assert works[90].rate == 1.0
    assert said(works) == [Crossing.SENSOR_LOST, Crossing.SENSOR_RESTORED]
    assert works[38].crossings == ()
    assert works[39].crossings == (Crossing.SENSOR_LOST,)  # ten seconds after the last reading


def test_a_sensor_that_never_answers_is_said_once() -> None:
    _, works = walk([None] * 100)
    assert {work.rate for work in works} == {SETTINGS.blind_rate}
    assert said(works) == [Crossing.SENSOR_LOST]


def test_a_single_missed_reading_is_no_event() -> None:
    _, works = walk([50.0, None] * 50)
    assert said(works) == []


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -math.inf, -273.0, 65535.0])
def test_a_nonsense_reading_counts_as_none(nonsense: float) -> None:
    _, works = walk([50.0] * 5 + [nonsense])
    assert works[-1].rate == SETTINGS.blind_rate


def test_a_blind_governor_never_raises_a_rate_that_heat_had_lowered() -> None:
    _, works = walk([90.0] * 30 + [None] * 20)
    assert {work.rate for work in works[1:]} == {0.0}
    assert works[-1].level is Level.PAUSED


def test_a_step_back_in_time_changes_nothing() -> None:
    state, _ = walk([60.0] * 10)
    for at in (9.0, 5.0, -math.inf):
        after, work = govern(state, temperature=99.0, at=at, demand=1.0, settings=SETTINGS)
        assert after is state
        assert work.rate == state.ceiling


def test_levels_only_describe() -> None:
    levels = {work.level for work in walk([float(t) for t in range(50, 90)])[1]}
    assert levels == {Level.FULL, Level.REDUCED, Level.LOW, Level.PAUSED}


@given(
    st.lists(
        st.tuples(
            st.none() | st.floats(allow_nan=True, allow_infinity=True),
            st.floats(-10, 1000),
            st.floats(allow_nan=True, allow_infinity=True),
        ),
        max_size=40,
    )
)
def test_whatever_comes_the_rate_is_a_share_that_demand_bounds(
    course: list[tuple[float | None, float, float]],
) -> None:
    state, at = GovernorState(), 0.0
    for reading, seconds, demand in course:
        at += seconds
        state, work = govern(state, temperature=reading, at=at, demand=demand, settings=SETTINGS)
        assert 0 <= work.rate <= 1
        assert not math.isfinite(demand) or work.rate <= max(demand, 0.0)
        assert 0 <= state.integral <= 1
