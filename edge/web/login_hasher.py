"""Hashing of passwords, one after the other: what strangers type takes neither all memory nor all cores."""

import threading

from edge.errors import TooManyTriesError
from edge.ports import SecretHasher

PATIENCE = 10.0  # seconds a password waits for those before it


class OneAtATime:
    """Implements ports.SecretHasher over another one; raises TooManyTriesError where too many wait."""

    def __init__(self, hasher: SecretHasher, patience: float = PATIENCE) -> None:
        self._hasher = hasher
        self._patience = patience
        self._turn = threading.Lock()

    def hashed(self, secret: str) -> str:
        """Return a hash with a fresh random salt in it."""
        with _Turn(self._turn, self._patience):
            return self._hasher.hashed(secret)

    def matches(self, secret: str, hashed: str) -> bool:
        """Return whether `secret` is what was hashed."""
        with _Turn(self._turn, self._patience):
            return self._hasher.matches(secret, hashed)

    def digest(self, secret: str, salt: bytes) -> str:
        """Return a hash that is always the same for a secret and a salt."""
        with _Turn(self._turn, self._patience):
            return self._hasher.digest(secret, salt)


class _Turn:
    """Holds a lock, or raises TooManyTriesError where it does not come in time."""

    def __init__(self, lock: threading.Lock, patience: float) -> None:
        self._lock = lock
        self._patience = patience

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._patience):
            raise TooManyTriesError(self._patience)

    def __exit__(self, *_: object) -> None:
        self._lock.release()
