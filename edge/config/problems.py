"""What is wrong with a configuration, in sentences: every finding at once, each with its key and a remedy."""

import difflib
import json
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt, MaxLen
from pydantic import StringConstraints, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from edge.config.section import CONFLICT, Section
from edge.config.sections import Sections
from edge.config.source import shown_source
from edge.redact import one_line, redact

MAX_SHOWN = 60  # characters of a value repeated in a message


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding: the key as a path, and a sentence `what is wrong; remedy`."""

    key: tuple[str, ...]
    sentence: str

    def __str__(self) -> str:
        """Return `section.key: what is wrong; remedy` on one line, strange keys in quotes."""
        parts = (part if part.isascii() and part.isprintable() else toml(part) for part in self.key)
        return f"{'.'.join(part[:MAX_SHOWN] for part in parts)}: {self.sentence}"


def find_problems(document: Mapping[str, Any]) -> list[Problem]:
    """Return everything that is wrong with a parsed file, in the order of its sections and keys."""
    try:
        Sections.model_validate(document)
    except ValidationError as invalid:
        problems = [
            _problem(error) for error in invalid.errors(include_url=False) if error["type"] != CONFLICT
        ]
    else:
        problems = []
    broken = {problem.key for problem in problems}
    return [*problems, *(conflict for conflict in _conflicts(document) if conflict.key not in broken)]


def expectation(field: FieldInfo) -> str:
    """Return what a key takes, in words: "a whole number from 1 to 64"."""
    return _expected(field.annotation, tuple(field.metadata))


def toml(value: object) -> str:
    """Return a value as TOML writes it, on one line, shortened, without credentials."""
    text = repr(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False, default=str)
    text = one_line(redact(text))
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _conflicts(document: Mapping[str, Any]) -> Iterator[Problem]:
    for name, section in _sections().items():
        given = document.get(name)
        if isinstance(given, dict):
            yield from (Problem((name, key), sentence) for key, sentence in section.conflicts(given))


def _sections() -> dict[str, type[Section]]:
    return {
        name: typing.cast("type[Section]", field.annotation) for name, field in Sections.model_fields.items()
    }


def _problem(error: ErrorDetails) -> Problem:
    key = tuple(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return Problem(key, _unknown(key, error["input"]))
    if len(key) == 1:
        return Problem(
            key, f"it is a table of keys, not {toml(error['input'])}; write [{key[0]}] on a line of its own"
        )
    section, name = key[0], key[1]
    field = _sections()[section].model_fields[name]
    given = error["input"]
    if (section, name) == ("camera", "source") and isinstance(given, str):
        given = shown_source(given)
    if error["type"] == "value_error":
        return Problem(key, f"{toml(given)}: {error['ctx']['error']}")
    remedy = f"the default is {toml(field.default)}" if field.default is not None else "correct or remove it"
    return Problem(key, f"it takes {expectation(field)}, not {toml(given)}; {remedy}")


def _unknown(key: tuple[str, ...], value: object) -> str:
    sections = _sections()
    if len(key) == 1:
        return _unknown_at_top(key[0], value, sections)
    known = list(sections[key[0]].model_fields)
    if close := difflib.get_close_matches(key[1], known, n=1):
        return f'no such key in [{key[0]}]; did you mean "{close[0]}"?'
    if homes := [name for name, section in sections.items() if key[1] in section.model_fields]:
        return f"no such key in [{key[0]}]; it belongs to [{homes[0]}]"
    return f"no such key in [{key[0]}]; known are {', '.join(known)}"


def _unknown_at_top(name: str, value: object, sections: Mapping[str, type[Section]]) -> str:
    homes = [home for home, section in sections.items() if name in section.model_fields]
    if homes and not isinstance(value, dict):
        return f"it stands outside its table; write it under [{homes[0]}]"
    if close := difflib.get_close_matches(name, list(sections), n=1):
        return f"no such table; did you mean [{close[0]}]?"
    return f"no such table; known are {', '.join(f'[{known}]' for known in sections)}"


def _expected(annotation: Any, metadata: tuple[Any, ...]) -> str:
    if typing.get_origin(annotation) is Annotated:
        inner, *more = typing.get_args(annotation)
        return _expected(inner, (*metadata, *more))
    if typing.get_origin(annotation) in {types.UnionType, typing.Union}:
        return _expected(
            next(part for part in typing.get_args(annotation) if part is not types.NoneType), metadata
        )
    if typing.get_origin(annotation) is Literal:
        return f"one of {', '.join(toml(choice) for choice in typing.get_args(annotation))}"
    if annotation is bool:
        return "true or false"
    if annotation is str:
        return _expected_text(metadata)
    kind = "a whole number" if annotation is int else "a number"
    return f"{kind}{_bounds(metadata)}"


def _expected_text(metadata: tuple[Any, ...]) -> str:
    for part in metadata:
        pattern = getattr(part, "pattern", None)
        if pattern is not None:
            return 'text of small letters, digits and inner hyphens, as in "north-gate"'
        longest = part.max_length if isinstance(part, StringConstraints | MaxLen) else None
        if longest is not None:
            return f"text in quotes of at most {longest} characters"
    return "text in quotes"


def _bounds(metadata: tuple[Any, ...]) -> str:
    constraints = [part for item in metadata for part in _flat(item)]
    words = []
    for part in constraints:
        match part:
            case Ge(ge=bound):
                words.append(f"from {bound}")
            case Gt(gt=bound):
                words.append(f"over {bound}")
            case Le(le=bound):
                words.append(f"to {bound}" if words and words[-1].startswith("from") else f"up to {bound}")
            case Lt(lt=bound):
                words.append(f"under {bound}")
            case _:
                continue
    return f" {' '.join(words)}" if words else ""


def _flat(item: Any) -> tuple[Any, ...]:
    return tuple(item.metadata) if isinstance(item, FieldInfo) else (item,)
