"""When the certificate of the pages is made anew, and what it says."""

from collections.abc import Iterable
from dataclasses import dataclass

DAY = 86400.0
VALID = 820 * DAY  # Apple's devices take no certificate for more than 825 days (support.apple.com/103769)
RENEW_BEFORE = 60 * DAY
EARLIEST = 1_767_225_600.0  # 2026-01-01: a clock that shows an earlier time has not been set
MOST_NAMES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What a certificate is good for: `names` and `addresses`, between two UTC seconds."""

    names: tuple[str, ...]
    addresses: tuple[str, ...]
    begin: float
    end: float


def wanted(
    facts: CertificateFacts | None, names: Iterable[str], addresses: Iterable[str], now: float
) -> CertificateFacts | None:
    """Return what a new certificate should say, None while the one there is serves.

    It names what it named before as well, so that an address that comes and goes changes nothing.
    """
    now = max(now, EARLIEST)
    names, addresses = _distinct(names), _distinct(addresses)
    if facts is not None:
        known = set(names) <= set(facts.names) and set(addresses) <= set(facts.addresses)
        if known and facts.begin <= now and now < facts.end - RENEW_BEFORE:
            return None
        names, addresses = _distinct((*names, *facts.names)), _distinct((*addresses, *facts.addresses))
    return CertificateFacts(names=names, addresses=addresses, begin=now - DAY, end=now - DAY + VALID)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:MOST_NAMES]
