"""What holds of relay, lamps and contacts over a simulated chip with the real driver.

All of it is in one file, so that the machine with that chip is started once. Levels that nobody asked for are
looked for in the requests for the line, not by looking at it now and then.
"""

import pytest

from edge.domain.door_input import ContactInput, ExitRequested, FireInput, TamperInput
from tests.door.conftest import Found

PIN = 17

both_polarities = pytest.mark.parametrize("polarity", ["high", "low"])


def idle_level(polarity: str) -> int:
    return 0 if polarity == "high" else 1


@both_polarities
def test_fifty_starts_and_stops_of_the_real_driver_never_energise(gpio_sim: Found, polarity: str) -> None:
    told, idle = gpio_sim["starts", polarity], idle_level(polarity)
    assert told["levels"] == [idle] * 50
    assert (
        told["calls"]
        == [
            ["gpio_claim_output", PIN, idle],
            ["gpio_write", PIN, bool(idle)],
            ["gpio_free", PIN],
        ]
        * 50
    )


@both_polarities
def test_starts_and_stops_of_the_whole_parent_never_energise(gpio_sim: Found, polarity: str) -> None:
    told, idle = gpio_sim["parents", polarity], idle_level(polarity)
    count = len(told["levels"])
    assert count >= 3
    assert set(told["levels"]) == {idle}
    calls = [call for call in told["calls"] if call[1] == PIN]
    assert [call for call in calls if call[0].startswith("gpio_claim")] == [
        ["gpio_claim_output", PIN, idle]
    ] * count
    assert {call[2] for call in calls if call[0] == "gpio_write"} == {bool(idle)}
    assert [call for call in calls if call[0] == "gpio_free"] == [["gpio_free", PIN]] * count


@both_polarities
def test_a_pulse_of_the_real_driver_energises_and_ends_by_itself(gpio_sim: Found, polarity: str) -> None:
    idle = idle_level(polarity)
    assert gpio_sim["pulse", polarity]["levels"] == [1 - idle, idle]


@both_polarities
def test_after_a_kill_in_the_middle_of_a_pulse_one_command_makes_it_idle(
    gpio_sim: Found, polarity: str
) -> None:
    told, idle = gpio_sim["idled", polarity], idle_level(polarity)
    assert told["killed"] == [1 - idle]
    assert told["before"] == 1 - idle
    assert told["freed"] == [idle]
    assert told["calls"] == [
        ["gpio_claim_output", PIN, idle],
        ["gpio_write", PIN, bool(idle)],
        ["gpio_free", PIN],
    ]
    assert told["seconds"] < 1  # what the terminal promises, not a figure of speed


def test_the_real_driver_switches_lamps_of_both_polarities(gpio_sim: Found) -> None:
    found = gpio_sim["lamps", "high"]
    assert found["levels"] == [[0, 1], [1, 0]]
    claims = [call for call in found["calls"] if call[0].startswith("gpio_claim")]
    assert claims == [["gpio_claim_output", 5, 0], ["gpio_claim_output", 6, 1]]


def test_the_real_driver_tells_the_start_and_each_change_once_and_no_bounce(gpio_sim: Found) -> None:
    found = gpio_sim["inputs", "high"]
    assert found["told"] == [
        *map(repr, [ContactInput(opened=False), FireInput(active=False), TamperInput(active=False)]),
        *map(repr, [ContactInput(opened=True), ExitRequested()]),
        *map(repr, [FireInput(active=True), TamperInput(active=True)]),
        *map(repr, [ContactInput(opened=False), FireInput(active=False), TamperInput(active=False)]),
    ]


def test_a_chip_without_edges_is_looked_at_as_its_lines_were_wired(gpio_sim: Found) -> None:
    found = gpio_sim["inputs", "high"]
    assert not found["edges"]
    claims = {call[1]: call for call in found["calls"] if call[0] == "gpio_claim_input"}
    pulled_up = 32  # lgpio.SET_PULL_UP
    assert list(claims.values()) == [["gpio_claim_input", pin, pulled_up] for pin in (20, 21, 22, 23)]


@pytest.mark.slow
def test_the_exit_button_moves_the_real_driver_s_relay_within_a_fifth_of_a_second(gpio_sim: Found) -> None:
    took = gpio_sim["exit", "low"]["seconds"]
    assert len(took) >= 20
    assert max(took) < 0.2  # what the terminal promises of each press, not a figure of speed
