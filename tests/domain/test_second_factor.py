import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.second_factor_attempts import AttemptRules, Failures, attempt
from edge.domain.second_factor_pin import check_new_pin
from edge.errors import RuleError


@pytest.mark.parametrize("pin", ["582914", "7305", "903817264519"])
def test_an_ordinary_pin_is_taken(pin: str) -> None:
    check_new_pin(pin, shortest=4)


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("", "digits only"),
        ("12a456", "digits only"),
        ("\uff11\uff12\uff13\uff19\uff14\uff17", "digits only"),
        ("58291", "it has 5 digits; 6 to 12 are allowed"),
        ("5829140382716", "it has 13 digits"),
        ("123456", "easily guessed"),
        ("890123", "easily guessed"),
        ("987654", "easily guessed"),
        ("111111", "easily guessed"),
        ("121212", "easily guessed"),
        ("582582", "easily guessed"),
        ("147258", "easily guessed"),
    ],
)
def test_a_pin_that_is_no_secret_is_refused_without_being_repeated(pin: str, why: str) -> None:
    with pytest.raises(RuleError, match=why) as error:
        check_new_pin(pin)
    assert not pin or pin not in str(error.value)


@pytest.mark.parametrize("pin", ["1987", "2024", "1234", "2580"])
def test_four_digits_must_be_no_year_nor_a_line_on_the_keypad(pin: str) -> None:
    with pytest.raises(RuleError, match="easily guessed"):
        check_new_pin(pin, shortest=4)


def test_four_digits_are_the_least_that_a_site_can_ask_for() -> None:
    with pytest.raises(RuleError, match="4 to 12 are allowed"):
        check_new_pin("739", shortest=1)


@pytest.mark.parametrize(
    ("other", "taken"), [("582914", False), ("582915", False), ("582951", True), ("5829", True)]
)
def test_a_duress_pin_is_more_than_a_slip_away_from_the_other(other: str, taken: bool) -> None:
    if taken:
        check_new_pin("582914", other=other)
    else:
        with pytest.raises(RuleError, match="differs from the person's other PIN by one digit or none"):
            check_new_pin("582914", other=other)


@pytest.mark.parametrize(
    "limits",
    [{"most": 101}, {"most": 0}, {"free": 11}, {"first_wait": 0.0}, {"first_wait": 60, "longest_wait": 30}],
)
def test_limits_looser_than_the_standard_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(RuleError):
        AttemptRules(**limits)  # type: ignore[arg-type]


@given(st.integers(0, 10_000), st.floats(0, 1e9), st.floats(0, 1e6))
def test_a_wait_grows_with_failures_and_never_beyond_its_longest(count: int, at: float, later: float) -> None:
    rules = AttemptRules(most=100)
    found = attempt(Failures(count, at), at + later, rules)
    more = attempt(Failures(count + 1, at), at + later, rules)
    assert 0 <= found.wait <= rules.longest_wait
    assert more.locked or more.wait >= found.wait
    assert found.locked is (count >= 100)
    assert attempt(Failures(count, at), at + rules.longest_wait + 1, rules, locks=False).allowed
