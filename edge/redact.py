"""Text made fit for logs, listings and messages: no credentials, no control characters."""

import json
import re
import unicodedata

HIDDEN = "***"

# user:password@ in an address (RFC 3986 §3.2.1), up to the last @ before the path
_CREDENTIALS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^/\s?#]*@")

_UNSAFE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def redact(text: str) -> str:
    """Return `text` with the credentials of every address in it replaced by `***`."""
    return _CREDENTIALS.sub(rf"\g<scheme>{HIDDEN}@", text)


def one_line(text: str) -> str:
    """Return `text` with what would move, hide or reverse the text around it written out as an escape.

    That is every control, line end, surrogate and unassigned character, and the bidirectional overrides of
    Unicode TR #9; joiners and wide spaces, which names are written with, stay.
    """
    if text.isprintable():
        return text
    return "".join(_escaped(letter) if _is_unsafe(letter) else letter for letter in text)


def json_text(value: object, *, indent: int | None = None) -> str:
    """Return `value` as JSON, letters as they are, but with everything escaped that `one_line` writes out.

    Without `indent` it is one line. Raises ValueError for NaN and infinities.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    if text.isprintable():
        return text
    return "".join(
        json.dumps(letter)[1:-1] if letter != "\n" and _is_unsafe(letter) else letter for letter in text
    )


def _is_unsafe(letter: str) -> bool:
    return unicodedata.category(letter) in _UNSAFE or letter in _DIRECTIONS


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
