"""Which passwords are taken: long ones that are not made of what everybody tries first.

As NIST SP 800-63B (rev. 4, §3.1.1.2) asks: a least length, a long greatest one, any letters, no rules of
composition, and a comparison with what is common, expected or compromised.
"""

import re
import unicodedata
from collections.abc import Iterable

from edge.domain.password_words import COMMON, RUNS
from edge.errors import ConflictError

SHORTEST = (
    12  # letters; §3.1.1.2 asks for 15 where nothing but the password is asked for in the end, 8 beside more
)
LONGEST = 128
UNGUESSED = 5  # different letters that have to remain when all that is common was taken out
_SHORTEST_WORD = 3
_LEET = str.maketrans("013457@$!", "oleastasi")


def clean_password(text: str) -> str:
    """Return a password in the one form that is hashed (NFKC), so that each keyboard gives the same.

    Raises ConflictError for one that cannot be typed again.
    """
    cleaned = unicodedata.normalize("NFKC", text[: 4 * LONGEST])
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Cn"} for letter in cleaned):
        raise ConflictError("password: it holds a letter that cannot be typed")
    return cleaned


def new_password(text: str, known: Iterable[str] = ()) -> str:
    """Return a new password in the form that is hashed.

    `known` are words about the account and the terminal. Raises ConflictError for one that is too short, too
    long, or would be guessed early.
    """
    password = clean_password(text)
    if len(password) < SHORTEST:
        raise ConflictError(f"password: it has {len(password)} letters, at least {SHORTEST} are needed")
    if len(password) > LONGEST:
        raise ConflictError(f"password: at most {LONGEST} letters are taken")
    if len(unguessed(password, known)) < UNGUESSED:
        raise ConflictError(
            "password: it is made of words, runs or repetitions that are tried first; "
            "take a sentence of several words that only you would put together"
        )
    return password


def unguessed(password: str, known: Iterable[str] = ()) -> str:
    """Return the different letters left without common and `known` words, runs, repetitions and years."""
    rest = password.casefold()
    if re.fullmatch(r"(.{1,7}?)\1+", rest):  # a word, and the same once more
        return ""
    for word in _longest_first(known):
        rest = rest.replace(word, " ")
    rest = re.sub(r"(19|20)\d\d", " ", rest)
    rest = _without_runs(rest)
    plain = rest.translate(_LEET)
    for word in _longest_first(COMMON):
        if word in plain:
            rest = "".join(
                " " if cut else letter for letter, cut in zip(rest, _marked(plain, word), strict=True)
            )
            plain = rest.translate(_LEET)
    return "".join(dict.fromkeys("".join(re.findall(r"[^\W_]+", rest))))


def _longest_first(words: Iterable[str]) -> list[str]:
    found = {part for word in words for part in re.findall(r"[^\W_]+", word.casefold())}
    return sorted(
        (word for word in found if len(word) >= _SHORTEST_WORD), key=lambda word: (-len(word), word)
    )


def _marked(text: str, word: str) -> list[bool]:
    marks = [False] * len(text)
    at = text.find(word)
    while at >= 0:
        marks[at : at + len(word)] = [True] * len(word)
        at = text.find(word, at + len(word))
    return marks


def _without_runs(text: str) -> str:
    """Return a text without repeated letters and what runs along alphabet, digits or keyboard."""
    kept, at = [], 0
    while at < len(text):
        length = max(_run(text, at), 1)
        kept.append(" " if length >= _SHORTEST_WORD else text[at : at + length])
        at += length
    return "".join(kept)


def _run(text: str, at: int) -> int:
    """Return how many letters from `at` on are one run."""
    longest = len(text[at:]) - len(text[at:].lstrip(text[at]))
    for run in RUNS:
        begin = run.find(text[at])
        while begin >= 0:
            length = 0
            while begin + length < len(run) and text[at + length : at + length + 1] == run[begin + length]:
                length += 1
            longest = max(longest, length)
            begin = run.find(text[at], begin + 1)
    return longest
