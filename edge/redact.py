"""Text made fit for logs, listings and messages: no credentials, no control characters."""

import re

HIDDEN = "***"

# user:password@ in an address (RFC 3986 §3.2.1), up to the last @ before the path
_CREDENTIALS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^/\s?#]*@")


def redact(text: str) -> str:
    """Return `text` with the credentials of every address in it replaced by `***`."""
    return _CREDENTIALS.sub(rf"\g<scheme>{HIDDEN}@", text)


def one_line(text: str) -> str:
    """Return `text` with everything that is not printable (line ends, escapes, surrogates) written out."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )
