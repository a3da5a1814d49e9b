from hypothesis import given
from hypothesis import strategies as st

from edge.domain.debounce import Debounced, sample, settles

SETTLE = 0.03


@given(st.lists(st.tuples(st.booleans(), st.floats(-0.05, 0.05)), max_size=60))
def test_a_level_counts_only_after_it_was_read_the_same_for_the_whole_time(
    reads: list[tuple[bool, float]],
) -> None:
    contact, now, past = Debounced(), 10.0, list[tuple[float, bool]]()
    for level, later in reads:
        now += later
        past.append((now, level))
        contact, changed = sample(contact, level, now, SETTLE)
        if changed:
            run = []
            for at, seen in reversed(past):
                if seen is not level:
                    break
                run.append(at)
            assert now - min(run) >= SETTLE
            assert contact.level is level


def test_what_stays_is_told_once_and_is_due_when_it_counts() -> None:
    contact, changed = sample(Debounced(), True, 1.0, SETTLE)
    assert not changed
    assert settles(contact, SETTLE) == 1.0 + SETTLE
    contact, changed = sample(contact, True, 1.04, SETTLE)
    assert changed
    assert settles(contact, SETTLE) is None
    assert sample(contact, True, 2.0, SETTLE) == (contact, False)
