"""Secrets made at random: codes that people type, and what browsers and programs carry."""

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing in it is taken for another
GROUPS, SIZE = 3, 4  # 60 bits: ten guesses at once and one a minute find none in the age of the universe
RECOVERY_GROUPS = 6  # 120 bits: from 112 on a plain hash is enough (ASVS 5.0, 6.5.2)
RECOVERY_CODES = 10
_READ_AS = str.maketrans("OILU", "011V")
LONGEST_TYPED = 100


def new_code(groups: int = GROUPS) -> str:
    """Return a code for people, as in `7K3M-9QXR-4TBN`."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(SIZE)) for _ in range(groups))


def typed_code(text: str) -> str:
    """Return what somebody typed in the form that is hashed: capitals without hyphens, O read as zero."""
    letters = (letter for letter in text[:LONGEST_TYPED].upper() if letter.isascii() and letter.isalnum())
    return "".join(letters).translate(_READ_AS)


def code_digest(text: str) -> str:
    """Return the hash under which a code is kept."""
    return digest(typed_code(text))


def new_token() -> str:
    """Return 256 random bits as text that fits into a cookie or a header."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return the SHA-256 of a random secret, which needs no slow hash: nobody guesses it."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
