"""Codes of an authenticator app (TOTP, RFC 6238): six digits that change each half minute."""

import secrets

PERIOD = 30  # seconds
AROUND = 1  # steps before and after that count as well: clocks and fingers are slow (RFC 6238, §5.2)
DIGITS = 6


def new_secret() -> str:
    """Return 160 random bits in base32, as long as the hash's own (RFC 4226, §4, R6)."""
    import pyotp

    return pyotp.random_base32(32)


def address_of(secret: str, *, name: str, device: str) -> str:
    """Return the `otpauth:` address that an app reads from a picture."""
    import pyotp

    return pyotp.TOTP(secret, digits=DIGITS, interval=PERIOD).provisioning_uri(name=name, issuer_name=device)


def matching_step(secret: str, code: str, now: float) -> int | None:
    """Return the time step of which `code` is, None where it is of none around `now` (UTC seconds)."""
    import pyotp

    digits = "".join(letter for letter in code if letter.isascii() and letter.isdigit())
    if len(digits) != DIGITS:
        return None
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=PERIOD)
    present = int(now // PERIOD)
    found = None
    for step in range(present - AROUND, present + AROUND + 1):
        if secrets.compare_digest(totp.generate_otp(step), digits):
            found = step
    return found
