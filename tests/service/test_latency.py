import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.latency import BOUNDS, SIZE, Latencies

SECONDS = st.lists(st.floats(0, 10), max_size=30)


def of(values: list[float]) -> Latencies:
    total = Latencies()
    for value in values:
        total = total.with_one(value)
    return total


@given(SECONDS)
def test_each_bound_counts_what_took_at_most_as_long(values: list[float]) -> None:
    found = of(values)
    assert found.cumulative[:-1] == tuple(sum(value <= bound for value in values) for bound in BOUNDS)
    assert found.cumulative[-1] == found.count == len(values)
    assert found.seconds == pytest.approx(sum(values))


@given(SECONDS, SECONDS)
def test_two_add_up_to_what_one_would_have_counted(some: list[float], others: list[float]) -> None:
    both, one = of(some) + of(others), of(some + others)
    assert both.counts == one.counts
    assert both.seconds == pytest.approx(one.seconds)


def test_a_clock_that_went_back_costs_nothing() -> None:
    assert Latencies().with_one(-1.0) == Latencies((1, *[0] * (SIZE - 1)), 0.0)
