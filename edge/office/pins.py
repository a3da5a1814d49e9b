"""PINs: comparing what was entered, and giving people new ones."""

import secrets

from edge.domain.person import Person
from edge.domain.second_factor import PinCheck
from edge.domain.second_factor_pin import ADVISED, PinHashes, check_new_pin
from edge.errors import ConflictError, RuleError
from edge.ports import AccessBook, AccessChanges, SecretHasher

_TRIES = 100  # random PINs looked at until one is good; nearly all are


class PinDesk:
    """Compares entered digits with what is kept; raises StoreError where that cannot be read.

    A wrong PIN, one that nobody has, and a right one take the same time. Whether a PIN may be tried at all is
    the policy's to say, before.
    """

    def __init__(self, book: AccessBook, hasher: SecretHasher) -> None:
        self._book = book
        self._hasher = hasher

    def check(self, person_id: str, digits: str) -> PinCheck:
        """Return MATCHED, DURESS or WRONG, which is also for somebody without a PIN."""
        kept = self._book.pins(person_id)
        right, forced = self._is(kept.pin, digits), self._is(kept.duress, digits)
        if right:
            return PinCheck.MATCHED
        return PinCheck.DURESS if forced else PinCheck.WRONG

    def visitor(self, digits: str) -> Person | None:
        """Return the visitor whose PIN this is, whatever their validity; None where nobody has it."""
        return self._book.visitor(self._hasher.digest(digits, self._book.visitor_salt()))

    def _is(self, hashed: str | None, digits: str) -> bool:
        if hashed is not None:
            return self._hasher.matches(digits, hashed)
        self._hasher.digest(digits, bytes(16))  # only for its time
        return False


def random_pin(length: int = ADVISED, *, other: str | None = None) -> str:
    """Return a random PIN that may be taken beside the person's `other` one."""
    for _ in range(_TRIES):
        pin = "".join(secrets.choice("0123456789") for _ in range(length))
        try:
            check_new_pin(pin, other=other, shortest=length)
        except RuleError:
            continue
        return pin
    raise AssertionError("no random PIN was good")


class NewPins:
    """Gives people PINs; `shortest` is the site's own minimum of digits, never below 4."""

    def __init__(self, changes: AccessChanges, hasher: SecretHasher, *, shortest: int = ADVISED) -> None:
        self._changes = changes
        self._hasher = hasher
        self._shortest = shortest

    def set(self, person_id: str, pin: str, duress: str | None = None, *, actor: str) -> None:
        """Give a person a new PIN, and a duress PIN or none; what they had before is gone.

        Raises RuleError for a PIN that may not be taken, NotFoundError, ConflictError for a visitor.
        """
        check_new_pin(pin, shortest=self._shortest)
        if duress is not None:
            check_new_pin(duress, other=pin, shortest=self._shortest)
        hashes = PinHashes(self._hasher.hashed(pin), None if duress is None else self._hasher.hashed(duress))
        self._changes.set_pins(person_id, hashes, actor=actor)

    def remove(self, person_id: str, *, actor: str) -> None:
        """Take a person's PINs away; raises NotFoundError, ConflictError where there is none."""
        if self._changes.pins(person_id).pin is None:
            raise ConflictError(f"person {person_id}: there is no PIN to remove")
        self._changes.set_pins(person_id, PinHashes(), actor=actor)

    def reset(self, person_id: str, *, actor: str) -> None:
        """Forget a person's wrong entries, so that a locked PIN works again; raises NotFoundError."""
        self._changes.forget_wrong_pins(person_id, actor=actor)
