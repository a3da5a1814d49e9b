import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.edit import with_keys
from edge.errors import ConfigError

DOCUMENTED = Path(__file__).resolve().parents[2] / "edge/config/edge.toml"


def test_in_the_documented_file_only_the_commented_line_of_the_key_changes() -> None:
    text = DOCUMENTED.read_text(encoding="utf-8")
    changed = with_keys(text, "vision", {"model": "other"})
    before, after = text.splitlines(), changed.splitlines()
    assert len(before) == len(after)
    assert [(a, b) for a, b in zip(before, after, strict=True) if a != b] == [
        ('# model = "dlib-resnet29"', 'model = "other"')
    ]


def test_a_key_that_is_set_is_replaced_and_not_its_comment() -> None:
    text = '[vision]\n# model = "a"\nmodel = "b"\n[door]\nmodel = "untouched"\n'
    assert with_keys(text, "vision", {"model": "c"}) == (
        '[vision]\n# model = "a"\nmodel = "c"\n[door]\nmodel = "untouched"\n'
    )


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", '[vision]\nmodel = "c"\n'),
        ("[device]\nname = 'x'\n", "[device]\nname = 'x'\n\n[vision]\nmodel = \"c\"\n"),
        ("[vision] # eyes\nthreads = 1", '[vision] # eyes\nmodel = "c"\nthreads = 1\n'),
    ],
)
def test_a_missing_section_or_key_is_added(text: str, changed: str) -> None:
    assert with_keys(text, "vision", {"model": "c"}) == changed


@pytest.mark.parametrize(
    "text",
    [
        'vision = { model = "b" }\n',
        'vision.model = "b"\n',
        '[vision]\nmodel = """\nb"""\n',
        '[ vision ]\nmodel = "b"\n',
    ],
)
def test_a_file_written_in_another_way_is_left_to_its_owner(text: str) -> None:
    tomllib.loads(text)
    with pytest.raises(ConfigError, match=r'set model = "c" in \[vision\] by hand'):
        with_keys(text, "vision", {"model": "c"})


words = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)


@given(
    st.dictionaries(words, st.dictionaries(words, st.integers() | st.booleans(), max_size=4), max_size=4),
    words,
    words,
    words,
)
def test_whatever_else_the_file_says_stays(
    document: dict[str, dict[str, int]], section: str, key: str, value: str
) -> None:
    text = "".join(
        f"[{name}]\n" + "".join(f"{one} = {str(what).lower()}\n" for one, what in table.items())
        for name, table in document.items()
    )
    expected = tomllib.loads(text)
    expected.setdefault(section, {})[key] = value
    assert tomllib.loads(with_keys(text, section, {key: value})) == expected
