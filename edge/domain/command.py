"""Commands from afar: what they are, and why a message is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MAX_BODY = 4096  # bytes; a command is a few hundred
MAX_AHEAD = 90.0  # seconds a command may still be good for: a minute, and half of one for clocks that differ


class CommandName(StrEnum):
    """The last level of a command's topic."""

    UNLOCK = "unlock"
    LOCK = "lock"
    LOCKDOWN = "lockdown"
    SNAPSHOT_NOW = "snapshot-now"
    RELOAD = "reload"
    REPLAY_FROM = "replay-from"


class Refusal(StrEnum):
    """Why a message is no command that is carried out; the first reason that holds."""

    OFF = "off"
    RETAINED = "retained"
    OVERSIZED = "oversized"
    UNKNOWN = "unknown"
    NO_KEY = "no_key"
    MALFORMED = "malformed"
    BAD_SIGNATURE = "bad_signature"
    WRONG_NAME = "wrong_name"
    WRONG_DEVICE = "wrong_device"
    CLOCK_UNTRUSTED = "clock_untrusted"
    NO_EXPIRY = "no_expiry"
    EXPIRED = "expired"
    TOO_FAR_AHEAD = "too_far_ahead"
    REPEATED = "repeated"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"


LINES: Mapping[Refusal, str] = {
    Refusal.OFF: "this terminal takes no commands over MQTT; see mqtt.commands",
    Refusal.RETAINED: "a retained message is no command; publish it without the retain flag",
    Refusal.OVERSIZED: f"a command has {MAX_BODY} bytes at most",
    Refusal.UNKNOWN: f"there is no such command; known are {', '.join(CommandName)}",
    Refusal.NO_KEY: "the key of commands cannot be read; check mqtt.command_key_file",
    Refusal.MALFORMED: "this is no command; docs/mqtt.md says what one looks like",
    Refusal.BAD_SIGNATURE: "the signature is wrong; check the key",
    Refusal.WRONG_NAME: "the signed name is not that of the topic",
    Refusal.WRONG_DEVICE: "the command is for another terminal",
    Refusal.CLOCK_UNTRUSTED: "nobody vouches for this terminal's clock, so no expiry can be judged",
    Refusal.NO_EXPIRY: "the message has no MQTT 5 message expiry; set one of a few seconds",
    Refusal.EXPIRED: "the command came too late; compare the clocks",
    Refusal.TOO_FAR_AHEAD: f"the command expires more than {MAX_AHEAD:g} s from now; let it expire sooner",
    Refusal.REPEATED: "this nonce was used already; use a new one for each command",
    Refusal.UNAVAILABLE: "this command is not available on this terminal",
    Refusal.FAILED: "the command failed",
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command that is what it says it is. `nonce` and `expires` (UTC seconds) are those of a signed one."""

    name: CommandName
    arguments: Mapping[str, Any] = field(default_factory=dict)
    nonce: str | None = None
    expires: int | None = None
