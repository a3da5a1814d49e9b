"""Hashes of short secrets by argon2id (RFC 9106)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

# The smallest setting that OWASP's password storage cheat sheet recommends. A terminal has little memory, and
# what protects a PIN at the door is the number of tries, not the time of one.
MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
_BYTES = 32


class HasherArgon2:
    """Implements ports.SecretHasher; 15 to 150 ms a call, from a desktop to a small board."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._memory_kib = memory_kib
        self._passes = passes
        self._hasher = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=LANES, hash_len=_BYTES, type=Type.ID
        )

    def hashed(self, secret: str) -> str:
        """Return the hash in the PHC string format, with a fresh salt of 16 bytes in it."""
        return self._hasher.hash(secret)

    def matches(self, secret: str, hashed: str) -> bool:
        """Return whether `secret` is what was hashed; False for a hash that cannot be read."""
        try:
            return self._hasher.verify(hashed, secret)
        except (VerificationError, InvalidHashError):
            return False

    def digest(self, secret: str, salt: bytes) -> str:
        """Return the hash under `salt` as hexadecimal digits."""
        raw = hash_secret_raw(
            secret.encode(),
            salt,
            time_cost=self._passes,
            memory_cost=self._memory_kib,
            parallelism=LANES,
            hash_len=_BYTES,
            type=Type.ID,
        )
        return raw.hex()
