"""No bytes whatever make the reader fail, and only the right ones are a command."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.command import MAX_AHEAD, MAX_BODY, Command, CommandName, Refusal
from edge.domain.command_body import read_signed, read_trusted, signature
from edge.domain.events import Instant

KEY = b"k" * 32
NOW = Instant(1_800_000_000.0, 0, trusted=True)
GOOD: dict[str, Any] = {
    "name": "unlock",
    "device": "gate-1",
    "nonce": "0123456789abcdef",
    "expires": 1_800_000_030,
    "arguments": {},
}


def sealed(command: object, key: bytes = KEY) -> bytes:
    text = command if isinstance(command, str) else json.dumps(command)
    return json.dumps({"command": text, "signature": signature(key, text)}).encode()


def read(body: bytes, name: str = "unlock", key: bytes | None = KEY, now: Instant = NOW) -> Command | Refusal:
    return read_signed(name, body, device="gate-1", key=key, now=now)


def test_the_signature_is_hmac_sha_256() -> None:
    """Test case 2 of RFC 4231."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature(b"Jefe", "what do ya want for nothing?") == expected


def test_a_signed_command_is_read() -> None:
    body = sealed(GOOD | {"arguments": {"seconds": 3}})
    assert read(body) == Command(CommandName.UNLOCK, {"seconds": 3}, "0123456789abcdef", 1_800_000_030)


REFUSED: dict[str, tuple[bytes, Refusal]] = {
    "another key": (sealed(GOOD, b"x" * 32), Refusal.BAD_SIGNATURE),
    "one letter changed": (sealed(GOOD).replace(b"gate-1", b"gate-2"), Refusal.BAD_SIGNATURE),
    "signature in capitals": (
        json.dumps({"command": "{}", "signature": signature(KEY, "{}").upper()}).encode(),
        Refusal.MALFORMED,
    ),
    "another device": (sealed(GOOD | {"device": "gate-2"}), Refusal.WRONG_DEVICE),
    "another name": (sealed(GOOD | {"name": "lock"}), Refusal.WRONG_NAME),
    "expired": (sealed(GOOD | {"expires": 1_800_000_000}), Refusal.EXPIRED),
    "good for too long": (
        sealed(GOOD | {"expires": 1_800_000_000 + int(MAX_AHEAD) + 1}),
        Refusal.TOO_FAR_AHEAD,
    ),
    "a short nonce": (sealed(GOOD | {"nonce": "short"}), Refusal.MALFORMED),
    "a nonce of another kind": (sealed(GOOD | {"nonce": 1234567890123456}), Refusal.MALFORMED),
    "an expiry with a fraction": (sealed(GOOD | {"expires": 1_800_000_030.5}), Refusal.MALFORMED),
    "an expiry that is true": (sealed(GOOD | {"expires": True}), Refusal.MALFORMED),
    "arguments that are a list": (sealed(GOOD | {"arguments": []}), Refusal.MALFORMED),
    "a field too many": (sealed(GOOD | {"extra": 1}), Refusal.MALFORMED),
    "a field missing": (sealed({k: v for k, v in GOOD.items() if k != "nonce"}), Refusal.MALFORMED),
    "a key twice": (sealed(json.dumps(GOOD)[:-1] + ', "name": "unlock"}'), Refusal.MALFORMED),
    "NaN": (sealed(json.dumps(GOOD).replace("1800000030", "NaN")), Refusal.MALFORMED),
    "a number of thousands of digits": (b"[" + b"9" * 4000 + b"]", Refusal.MALFORMED),
    "a lone surrogate": (b'{"command": "\\ud800", "signature": "' + b"0" * 64 + b'"}', Refusal.MALFORMED),
    "nested without end": (b"[" * MAX_BODY, Refusal.MALFORMED),
    "no UTF-8": (b"\xff\xfe", Refusal.MALFORMED),
    "nothing": (b"", Refusal.MALFORMED),
    "null": (b"null", Refusal.MALFORMED),
    "a megabyte": (b"x" * 1_000_000, Refusal.OVERSIZED),
    "the plain command": (json.dumps(GOOD).encode(), Refusal.MALFORMED),
}


@pytest.mark.parametrize(("body", "refusal"), REFUSED.values(), ids=REFUSED)
def test_everything_else_is_refused_with_its_reason(body: bytes, refusal: Refusal) -> None:
    assert read(body) is refusal


def test_name_key_and_clock_are_needed() -> None:
    assert read(sealed(GOOD), "open-sesame") is Refusal.UNKNOWN
    assert read(sealed(GOOD), key=None) is Refusal.NO_KEY
    assert read(sealed(GOOD), key=b"") is Refusal.NO_KEY
    assert read(sealed(GOOD), now=Instant(NOW.wall, 0, trusted=False)) is Refusal.CLOCK_UNTRUSTED


def test_the_broker_s_word_is_taken_with_an_expiry_only() -> None:
    assert read_trusted("unlock", b"", expiry=5) == Command(CommandName.UNLOCK)
    assert read_trusted("reload", b"PRESS", expiry=5) == Command(CommandName.RELOAD)
    assert read_trusted("door", b"LOCK", expiry=5) == Command(CommandName.LOCK)
    assert read_trusted("door", b"UNLOCK", expiry=0) == Command(CommandName.UNLOCK)
    assert read_trusted("replay-from", b'{"from_seq": 3}', expiry=5) == Command(
        CommandName.REPLAY_FROM, {"from_seq": 3}
    )
    assert read_trusted("unlock", b"", expiry=None) is Refusal.NO_EXPIRY
    assert read_trusted("unlock", b"", expiry=91) is Refusal.TOO_FAR_AHEAD
    assert read_trusted("door", b"OPEN", expiry=5) is Refusal.UNKNOWN
    assert read_trusted("unlock", b"{", expiry=5) is Refusal.MALFORMED
    assert read_trusted("unlock", b" " * (MAX_BODY + 1), expiry=5) is Refusal.OVERSIZED


SIGNS = (b'"', b"{", b"}", b"[", b"\\", b"\x00", b"\xff", b"1e999", b",")


def mutated(dice: random.Random) -> bytes:
    """Return a good body with a few bytes changed, cut, doubled or put in."""
    body = bytearray(sealed(GOOD | {"nonce": f"{dice.getrandbits(64):016x}"}))
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(body) + 1)
        match dice.randrange(4):
            case 0:
                body[at:at] = dice.randbytes(dice.randint(1, 20))
            case 1:
                del body[at : at + dice.randint(1, 30)]
            case 2:
                body[at : at + 1] = dice.choice(
                    [b'"', b"{", b"}", b"[", b"\\", b"\x00", b"\xff", b"1e999", b","]
                )
            case _:
                body += body[:at]
    return bytes(body)


def test_ten_thousand_bodies_are_neither_accepted_nor_an_error() -> None:
    dice = random.Random(5)  # noqa: S311 - the same bodies each time
    good = sealed(GOOD)
    for _ in range(10_000):
        body = mutated(dice)
        if json_equal(body, good):
            continue
        name = dice.choice([*CommandName, "", "x", "door"])
        assert isinstance(read(body, name), Refusal)
        read_trusted(name, body, expiry=dice.choice([None, 0, 5, 1000]))


def json_equal(one: bytes, other: bytes) -> bool:
    try:
        return bool(json.loads(one)["signature"] == json.loads(other)["signature"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


@settings(max_examples=500)
@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_arbitrary_bytes_are_refused(body: bytes) -> None:
    assert isinstance(read(body), Refusal)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=500)
@given(st.dictionaries(st.sampled_from(sorted(GOOD)), json_values))
def test_whatever_the_holder_of_the_key_signs_is_a_command_or_refused(fields: dict[str, Any]) -> None:
    assert isinstance(read(sealed(GOOD | fields)), Command | Refusal)
