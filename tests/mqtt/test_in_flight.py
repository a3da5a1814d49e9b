"""Nothing counts as arrived before everything in front of it has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.in_flight import InFlight


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=40),
    st.randoms(use_true_random=False),
    st.integers(0, 40),
)
def test_acknowledged_is_the_end_of_what_arrived_without_a_gap(
    steps: list[int], random: object, keep: int
) -> None:
    flight = InFlight(10)
    seqs: list[int] = []
    for token, step in enumerate(steps):
        seqs.append((seqs[-1] if seqs else 10) + step)
        flight.send(token, seqs[-1], float(token))
    order = list(range(len(seqs)))
    random.shuffle(order)  # type: ignore[attr-defined]
    arrived: set[int] = set()
    for token in order[:keep]:
        assert flight.arrive(token)
        assert not flight.arrive(token)
        arrived.add(token)
        gap = next((n for n in range(len(seqs)) if n not in arrived), len(seqs))
        assert flight.acknowledged == (seqs[gap - 1] if gap else 10)
        assert flight.oldest() == (float(gap) if gap < len(seqs) else None)
    flight.forget()
    assert flight.sent == flight.acknowledged
    assert len(flight) == 0
    assert not flight.arrive(order[-1])


def test_events_are_handed_over_in_order() -> None:
    flight = InFlight(3)
    flight.send(1, 4, 0.0)
    with pytest.raises(AssertionError):
        flight.send(2, 4, 0.0)


def test_a_strange_acknowledgement_is_none_of_ours() -> None:
    flight = InFlight(0)
    flight.send(7, 1, 0.0)
    assert not flight.arrive(8)
    assert flight.seq_of(8) is None
    assert flight.seq_of(7) == 1
