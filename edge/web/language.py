"""The pages' words in English and Japanese: the English sentence is the key of its translation."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "ja"]
LANGUAGES: tuple[Language, ...] = ("en", "ja")


@cache
def japanese() -> Mapping[str, str]:
    """Return all translations: those of each `texts/*.toml`, where one English sentence has one Japanese."""
    found: dict[str, str] = {}
    for file in sorted(files("edge.web").joinpath("texts").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            found.update(tomllib.loads(file.read_text("utf-8"))["ja"])
    return found


def translate(sentence: str, language: Language, **values: object) -> str:
    """Return a sentence in `language` with `{name}` replaced by values; English where it has no Japanese."""
    text = japanese().get(sentence, sentence) if language == "ja" else sentence
    return text.format(**values) if values else text
