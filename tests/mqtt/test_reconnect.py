from hypothesis import given
from hypothesis import strategies as st

from edge.domain.reconnect import LONGEST, Contact, Reconnect


def test_the_first_try_is_due_at_once() -> None:
    assert Reconnect().wait(1000.0) == 0


def test_waits_double_up_to_a_minute() -> None:
    state = Reconnect()
    assert [state.ended(0.0, 0.0) for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@given(st.integers(0, 2000), st.floats(0, 1))
def test_jitter_takes_up_to_half_off_and_never_more(failures: int, chance: float) -> None:
    state = Reconnect(failures=failures)
    whole = min(LONGEST, 2.0 ** min(failures, 30))
    assert whole / 2 <= state.ended(0.0, chance) <= whole


def test_a_connection_alone_does_not_shorten_the_waits_but_one_that_delivers_does() -> None:
    state = Reconnect()
    for _ in range(4):
        state.ended(0.0, 0.0)
    state.connected()
    assert state.ended(10.0, 0.0) == 16
    state.connected()
    state.proved()
    assert state.ended(20.0, 0.0) == 1


def test_the_wait_runs_down_and_is_over_while_connected() -> None:
    state = Reconnect()
    state.ended(100.0, 0.0)
    assert (state.wait(100.25), state.wait(101.0), state.wait(500.0)) == (0.75, 0, 0)
    state.ended(100.0, 0.0)
    state.trying()
    assert state.wait(100.0) == 0
    state.connected()
    assert state.contact is Contact.CONNECTED
