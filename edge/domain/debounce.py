"""When a level of a contact counts: once it has stayed for a while. The same for edges and for polling."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Debounced:
    """A contact: the `level` that counts (None at first), the one `seen` last, and `since` when (s)."""

    level: bool | None = None
    seen: bool | None = None
    since: float = 0.0


def sample(contact: Debounced, level: bool, at: float, settle: float) -> tuple[Debounced, bool]:
    """Return the contact after it was read as `level` at monotonic second `at`, and whether `level` is news.

    A level counts once it was read the same for `settle` seconds. Time that goes back starts the wait anew.
    """
    if level is not contact.seen or at < contact.since:
        contact = replace(contact, seen=level, since=at)
    if level is contact.level or at - contact.since < settle:
        return contact, False
    return replace(contact, level=level), True


def settles(contact: Debounced, settle: float) -> float | None:
    """Return the monotonic second at which the level that was seen last counts, None where it does."""
    return None if contact.seen is contact.level else contact.since + settle
