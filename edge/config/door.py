"""The door: its lock, its contacts, its lamps, and who may pass."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from edge.config.section import Section, Text

HEADER = 27  # the highest number of a line on a Raspberry Pi's header
Line: TypeAlias = Annotated[int, Field(ge=0, le=1023)]
Pull: TypeAlias = Literal["up", "down", "none"]
Area: TypeAlias = Annotated[Text, StringConstraints(min_length=1, max_length=64)]

CONTACTS = ("contact", "exit", "fire", "tamper")
LAMPS = ("green", "red", "buzzer")


class AccessSettings(Section):
    """Who may pass, as far as it is not written down by the office."""

    mode: Literal["door", "attendance"] = "door"
    max_fpir: Annotated[float, Field(gt=0, le=1)] = 0.01
    default_schedule: Annotated[Text, StringConstraints(min_length=1)] = "always"
    second_factor: Literal["when-needed", "always"] = "when-needed"
    second_factor_outside: Text = ""
    pin_digits: Annotated[int, Field(ge=4, le=12)] = 6
    pin_tries: Annotated[int, Field(ge=3, le=100)] = 10
    passback: Literal["off", "soft", "hard", "timed"] = "off"
    passback_seconds: Annotated[float, Field(ge=1, le=86400)] = 600.0
    outer_area: Area = "outside"
    inner_area: Area = "inside"
    two_person_seconds: Annotated[float, Field(ge=0, le=600)] = 0.0
    escort: bool = False
    trust_any_clock: bool = False

    @classmethod
    def conflicts(cls, given: Mapping[str, object]) -> list[tuple[str, str]]:
        """Refuse a door that leads nowhere, and an escort of nobody."""
        found = []
        areas = [given.get(key, cls.model_fields[key].default) for key in ("outer_area", "inner_area")]
        if areas[0] == areas[1]:
            key = "inner_area" if "inner_area" in given else "outer_area"
            found.append((key, "a door leads from one area to another; give them two names"))
        if given.get("escort") is True and not given.get("two_person_seconds"):
            found.append(("escort", "it is for the rule of two; set two_person_seconds as well"))
        return found


class DoorSettings(Section):
    """The lock and its relay."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")] = "door"
    relay: Literal["none", "gpio", "recording"] = "none"
    chip: Annotated[int, Field(ge=0, le=255)] | None = None
    pin: Line | None = None
    active_high: bool = True
    pulse_seconds: Annotated[float, Field(ge=1, le=60)] = 5.0
    exit_seconds: Annotated[float, Field(ge=1, le=60)] = 5.0
    longest_seconds: Annotated[float, Field(ge=1, le=60)] = 60.0
    lock_type: Literal["fail-secure", "fail-safe"] = "fail-secure"
    held_seconds: Annotated[float, Field(ge=1, le=3600)] = 30.0
    warning_seconds: Annotated[float, Field(ge=0, le=3600)] = 10.0
    relock: bool = True
    unlock_schedule: Text = ""
    first_person: bool = True
    on_journal_failure: Literal["deny", "allow"] = "deny"

    @classmethod
    def conflicts(cls, given: Mapping[str, object]) -> list[tuple[str, str]]:
        """Refuse a GPIO relay on no pin, lines beyond a header, and times that do not go together."""
        found = []
        if given.get("relay") == "gpio" and given.get("pin") is None:
            found.append(("relay", 'a "gpio" relay needs a pin; write pin = the BCM number of its line'))
        if given.get("chip") is None and _over(given.get("pin"), HEADER):
            found.append(("pin", f"a board's header ends at {HEADER}; set chip to the number of the chip"))
        found += _in_order(cls, given, "pulse_seconds", "longest_seconds")
        found += _in_order(cls, given, "warning_seconds", "held_seconds")
        return found


class InputsSettings(Section):
    """The contacts of the door."""

    driver: Literal["none", "gpio", "file"] = "none"
    contact_pin: Line | None = None
    contact_active_high: bool = True
    contact_pull: Pull = "up"
    exit_pin: Line | None = None
    exit_active_high: bool = False
    exit_pull: Pull = "up"
    fire_pin: Line | None = None
    fire_active_high: bool = True
    fire_pull: Pull = "up"
    tamper_pin: Line | None = None
    tamper_active_high: bool = True
    tamper_pull: Pull = "up"
    settle_ms: Annotated[int, Field(ge=1, le=100)] = 30
    edges: Literal["auto", "off"] = "auto"

    @classmethod
    def conflicts(cls, given: Mapping[str, object]) -> list[tuple[str, str]]:
        """Refuse pins that nothing reads, and a driver without any."""
        return _driver_and_pins(given, CONTACTS, "reads")


class IndicatorSettings(Section):
    """The lamps and the buzzer of the door."""

    driver: Literal["none", "gpio", "recording"] = "none"
    green_pin: Line | None = None
    green_active_high: bool = True
    red_pin: Line | None = None
    red_active_high: bool = True
    buzzer_pin: Line | None = None
    buzzer_active_high: bool = True

    @classmethod
    def conflicts(cls, given: Mapping[str, object]) -> list[tuple[str, str]]:
        """Refuse pins that nothing drives, and a driver without any."""
        return _driver_and_pins(given, LAMPS, "drives")


def _driver_and_pins(given: Mapping[str, object], names: tuple[str, ...], verb: str) -> list[tuple[str, str]]:
    pins = [f"{name}_pin" for name in names if given.get(f"{name}_pin") is not None]
    if given.get("driver") == "gpio" and not pins:
        every = ", ".join(f"{name}_pin" for name in names)
        return [("driver", f'"gpio" needs a line; set one of {every}')]
    if given.get("driver", "none") != "gpio" and pins:
        return [(pins[0], f'nothing {verb} it; set driver = "gpio" or remove it')]
    numbers = [given[pin] for pin in pins]
    twice = [pin for pin in pins if numbers.count(given[pin]) > 1]
    return [(twice[-1], f"line {given[twice[-1]]} is named twice; give each its own")] if twice else []


def _in_order(
    section: type[Section], given: Mapping[str, object], less: str, more: str
) -> list[tuple[str, str]]:
    low = given.get(less, section.model_fields[less].default)
    high = given.get(more, section.model_fields[more].default)
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        key = less if less in given else more
        return [(key, f"{less} is {low:g} and {more} {high:g}; the first may not be the larger")]
    return []


def _over(value: object, limit: int) -> bool:
    return isinstance(value, int) and value > limit
