"""Reads the bodies of commands. Whatever bytes come, the answer is a command or a refusal, never an error.

A signed body carries the command as a text, and the signature is over exactly that text: nobody has to agree
on how JSON is written before it is signed.
"""

import hmac
import json
import re
from collections.abc import Sequence
from typing import Any

from edge.domain.command import MAX_AHEAD, MAX_BODY, Command, CommandName, Refusal
from edge.domain.events import Instant

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)
_FIELDS = {"name", "device", "nonce", "expires", "arguments"}
_MAX_ARGUMENTS = 16
_DOOR = {b"LOCK": CommandName.LOCK, b"UNLOCK": CommandName.UNLOCK}  # Home Assistant's payloads of a lock
_PRESS = b"PRESS"  # and of a button


def signature(key: bytes, text: str) -> str:
    """Return the HMAC-SHA-256 of a command's text in hexadecimal digits (RFC 2104, FIPS 180-4)."""
    return hmac.digest(key, text.encode(), "sha256").hex()


def read_signed(name: str, body: bytes, *, device: str, key: bytes | None, now: Instant) -> Command | Refusal:
    """Return the command of a signed `body` on the topic of `name`; its nonce is still to be used up."""
    try:
        _check(len(body) <= MAX_BODY, Refusal.OVERSIZED)
        _check(name in set(CommandName), Refusal.UNKNOWN)
        _check(bool(key), Refusal.NO_KEY)
        text = _signed_text(body, key or b"")
        return _signed(name, _object(text), device, now)
    except _RefusedError as refused:
        return refused.reason


def read_trusted(name: str, body: bytes, *, expiry: int | None) -> Command | Refusal:
    """Return the command of a message that the broker vouches for; `expiry` is what MQTT 5 says of it."""
    try:
        _check(len(body) <= MAX_BODY, Refusal.OVERSIZED)
        found = _DOOR.get(body) if name == "door" else None
        _check(found is not None or name in set(CommandName), Refusal.UNKNOWN)
        arguments = {} if found or body in {b"", _PRESS} else _object(body)
        _check(len(arguments) <= _MAX_ARGUMENTS, Refusal.MALFORMED)
        _check(expiry is not None, Refusal.NO_EXPIRY)
        _check((expiry or 0) <= MAX_AHEAD, Refusal.TOO_FAR_AHEAD)
        return Command(found or CommandName(name), arguments)
    except _RefusedError as refused:
        return refused.reason


class _RefusedError(Exception):
    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


def _check(holds: bool, otherwise: Refusal) -> None:
    if not holds:
        raise _RefusedError(otherwise)


def _signed_text(body: bytes, key: bytes) -> bytes:
    """Return the command's text once its signature is found right."""
    envelope = _object(body)
    _check(envelope.keys() == {"command", "signature"}, Refusal.MALFORMED)
    text, given = str(envelope["command"]), str(envelope["signature"])
    _check(bool(_SIGNATURE.fullmatch(given)), Refusal.MALFORMED)
    try:
        right = signature(key, text)
    except UnicodeEncodeError:  # a lone surrogate
        raise _RefusedError(Refusal.MALFORMED) from None
    _check(hmac.compare_digest(right, given), Refusal.BAD_SIGNATURE)
    return text.encode()


def _signed(name: str, command: dict[str, Any], device: str, now: Instant) -> Command:
    _check(command.keys() == _FIELDS, Refusal.MALFORMED)
    nonce, expires, arguments = command["nonce"], command["expires"], command["arguments"]
    _check(isinstance(nonce, str) and bool(_NONCE.fullmatch(nonce)), Refusal.MALFORMED)
    _check(type(expires) is int and isinstance(arguments, dict), Refusal.MALFORMED)
    _check(len(arguments) <= _MAX_ARGUMENTS, Refusal.MALFORMED)
    _check(command["name"] == name, Refusal.WRONG_NAME)
    _check(command["device"] == device, Refusal.WRONG_DEVICE)
    _check(now.trusted, Refusal.CLOCK_UNTRUSTED)
    _check(expires > now.wall, Refusal.EXPIRED)
    _check(expires <= now.wall + MAX_AHEAD, Refusal.TOO_FAR_AHEAD)
    return Command(CommandName(name), arguments, nonce, expires)


def _object(text: bytes) -> dict[str, Any]:
    """Return the JSON object of a text; refuse all else: bad UTF-8, NaN, a key twice, endless nesting."""
    try:
        found = json.loads(text.decode(), parse_constant=_refuse, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _RefusedError(Refusal.MALFORMED)
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
