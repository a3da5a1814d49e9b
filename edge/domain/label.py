"""Names that people give to schedules, holidays, groups and doors."""

import unicodedata

from edge.errors import RuleError

MAX_LABEL = 64
_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn"}  # Unicode categories: control, surrogate, private use, unassigned


def clean_label(what: str, name: str) -> str:
    """Return `name` in NFC without surrounding or repeated white space; `what` is what it names.

    Raises RuleError for an empty name, one over MAX_LABEL characters, or one with control characters.
    """
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not cleaned:
        raise RuleError(f"{what}: the name is empty; give it one")
    if len(cleaned) > MAX_LABEL:
        raise RuleError(f"{what}: the name has {len(cleaned)} characters, at most {MAX_LABEL} are kept")
    if any(unicodedata.category(letter) in _UNPRINTABLE for letter in cleaned):
        raise RuleError(f"{what}: the name holds a control or unassigned character")
    return cleaned
