import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

import edge.web
from edge.web.language import japanese, translate

WEB = Path(edge.web.__file__).parent
TEXTS = sorted((WEB / "texts").glob("*.toml"))


def test_an_english_sentence_has_one_translation_whichever_page_it_is_on() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for file in TEXTS:
        for english, nihongo in tomllib.loads(file.read_text("utf-8"))["ja"].items():
            found[english].add(nihongo)
    assert {english: nihongo for english, nihongo in found.items() if len(nihongo) > 1} == {}


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.stem)
def test_a_translation_has_the_placeholders_of_its_sentence(file: Path) -> None:
    for english, nihongo in tomllib.loads(file.read_text("utf-8"))["ja"].items():
        assert sorted(re.findall(r"\{\w*\}", english)) == sorted(re.findall(r"\{\w*\}", nihongo)), english


TEMPLATES = sorted((WEB / "templates").rglob("*.html"))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(WEB / "templates")))
def test_every_sentence_of_a_template_has_a_translation(file: Path) -> None:
    said = re.findall(r"""(?<!\w)_\(\s*(?:"([^"]+)"|'([^']+)')""", file.read_text("utf-8"))
    missing = sorted({one or other for one, other in said} - set(japanese()))
    assert missing == [], f"give them a translation in texts/: {missing}"


def test_a_sentence_without_a_translation_stays_english() -> None:
    assert translate("No such words {count}", "ja", count=3) == "No such words 3"
