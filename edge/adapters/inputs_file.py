"""Contacts that a file plays: for demonstrations and tests, chosen by name only."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from edge.domain.door_input import Input
from edge.domain.door_signal import Signal
from edge.door_contacts import Contact, Contacts
from edge.errors import DeviceError

KEPT = 0.005  # s for which what was read counts for all contacts


class InputsFile:
    """Takes each contact that the file at `path` names, in words with white space between, for active.

    A file that is not there names none. What changes means is told to `tell`, from one thread; a level counts
    once it was the same for `settle` seconds by `clock`.
    """

    def __init__(
        self,
        path: Path,
        signals: Sequence[Signal],
        *,
        tell: Callable[[Input], object],
        clock: Callable[[], float] = time.monotonic,
        settle: float = 0.03,
    ) -> None:
        self._path = path
        self._clock = clock
        self._words: frozenset[str] = frozenset()
        self._read_at: float | None = None
        contacts = [Contact(one, str(path), partial(self._active, one), settle) for one in signals]
        self._contacts = Contacts(contacts, tell=tell, clock=clock)

    def start(self) -> None:
        """Start the thread."""
        self._contacts.start()

    def look(self) -> float:
        """Look once and tell what has changed; return the seconds until the next look is due."""
        return self._contacts.look()

    @property
    def silent(self) -> tuple[Signal, ...]:
        """Return the contacts that cannot be read; from any thread."""
        return self._contacts.silent

    def close(self) -> None:
        """End the thread; may be called twice."""
        self._contacts.stop()

    def _active(self, signal: Signal) -> bool:
        now = self._clock()
        if self._read_at is None or not 0 <= now - self._read_at < KEPT:
            self._words = self._read()
            self._read_at = now
        return str(signal) in self._words

    def _read(self) -> frozenset[str]:
        try:
            return frozenset(self._path.read_text(encoding="ascii", errors="replace").split())
        except FileNotFoundError:
            return frozenset()
        except OSError as error:
            self._read_at = None
            raise DeviceError(f"{self._path}: it cannot be read ({error.strerror})") from None
