"""How many guesses are looked at: budgets that refill slowly, for accounts, addresses and devices.

The time is that of the wall, since a restart must not refill them; a clock that was set back refills nothing.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MINUTE = 60.0
KEY_LENGTH = 100
_NETWORK = 64  # bits of an IPv6 address that a site has for itself (RFC 4291, §2.5.4)


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `most` at once, and one more each `every` seconds."""

    most: float
    every: float


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a budget at a time (UTC seconds)."""

    tokens: float
    at: float


# Ten minutes of guesses at an account are 10 + 10 from whatever addresses, at a terminal from one 5 + 5.
ACCOUNT = Budget(10, MINUTE)
ADDRESS = Budget(5, 2 * MINUTE)
EVERYBODY = Budget(30, 2.0)  # hashing may take a quarter of one core of a Raspberry Pi, no more
DEVICE = Budget(10, MINUTE)  # a browser that logged in here before, whatever others do meanwhile
SECOND = Budget(5, MINUTE)  # of 10⁶ codes of which three count
CODE = Budget(10, MINUTE)
LONGEST_MEMORY = 2 * 3600.0  # seconds after which every budget is full


def left(budget: Budget, before: Left | None, now: float) -> Left:
    """Return what is left now."""
    if before is None:
        return Left(budget.most, now)
    gained = max(0.0, now - before.at) / budget.every
    return Left(min(budget.most, before.tokens + gained), now)


def take(
    wanted: Mapping[str, Budget], before: Mapping[str, Left], now: float
) -> tuple[dict[str, Left], float]:
    """Take one from each budget; return what is to be remembered, and the seconds to wait, 0 for taken.

    All or none: where one is empty, nothing is taken, and only those are to be remembered that begin anew
    with a clock that was set back.
    """
    lefts = {key: left(budget, before.get(key), now) for key, budget in wanted.items()}
    waits = [
        (1.0 - lefts[key].tokens) * budget.every for key, budget in wanted.items() if lefts[key].tokens < 1.0
    ]
    if waits:
        return {key: lefts[key] for key, one in before.items() if one.at > now and key in lefts}, max(waits)
    return {key: Left(one.tokens - 1.0, now) for key, one in lefts.items()}, 0.0


def network(address: str) -> str:
    """Return the part of an address that somebody has for themselves: an IPv4 address, an IPv6 network."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "?"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _NETWORK), strict=False))
    return str(parsed)


def login_budgets(name: str, address: str, device: str | None) -> dict[str, Budget]:
    """Return what a guess at the password of `name` is taken from.

    `device` is the hash of a browser's cookie that this very account was given; such a browser is not held up
    by guesses that come from elsewhere.
    """
    if device is not None:
        return {_key("device", device): DEVICE}
    return {
        _key("account", name): ACCOUNT,
        _key("address", network(address)): ADDRESS,
        "everybody": EVERYBODY,
    }


def second_budgets(account: str) -> dict[str, Budget]:
    """Return what a guess at the second factor of an account, by its id, is taken from."""
    return {_key("second", account): SECOND}


def code_budgets(address: str) -> dict[str, Budget]:
    """Return what a guess at a one-time code is taken from."""
    return {_key("code", network(address)): ADDRESS, "code": CODE}


def _key(kind: str, what: str) -> str:
    return f"{kind}:{what}"[:KEY_LENGTH]


def keys(wanted: Mapping[str, Budget]) -> Sequence[str]:
    """Return the keys of budgets, in an order that is always the same."""
    return sorted(wanted)
