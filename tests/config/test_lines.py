import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.config.lines import KeyLines, key_on_line

TEXT = '''\
top = 1 # [not.a.table]

[ a . "b c" ]
multi = """
[fake]
fake = 1 \\"""
"""
literal = \'\'\'
key = 2
\'\'\'
list = [
  "]", # ]
  { inner = 1 },
]
x.y.z = 1
[[many]]
one = 1
[[many]]
two = 2
'''


def test_keys_are_found_whatever_stands_in_values_and_comments() -> None:
    lines = KeyLines(TEXT)
    assert lines.line(("top",)) == 1
    assert lines.line(("a", "b c")) == 3
    assert lines.line(("a", "b c", "multi")) == 4
    assert lines.line(("a", "b c", "literal")) == 8
    assert lines.line(("a", "b c", "list")) == 11
    assert lines.line(("a", "b c", "x", "y", "z")) == 15
    assert lines.line(("many",)) == 16
    assert lines.line(("many", "two")) == 19


def test_an_unknown_key_has_the_line_of_what_surrounds_it() -> None:
    lines = KeyLines(TEXT)
    assert lines.line(("a", "b c", "list", "0", "inner")) == 11
    assert lines.line(("fake",)) == 1
    assert lines.line(()) == 1


def test_windows_line_ends_count_as_one() -> None:
    assert KeyLines("[a]\r\n\r\nb = 1\r\n").line(("a", "b")) == 3


def test_the_key_of_a_line() -> None:
    assert key_on_line(TEXT, 3) == "a.b c"
    assert key_on_line(TEXT, 15) == "a.b c.x.y.z"
    assert key_on_line(TEXT, 2) == ""
    assert key_on_line(TEXT, 99) == ""


VALUES = st.sampled_from(
    [
        "1",
        '"#"',
        "'['",
        '"""\n[x]\nk0 = 1\n"""',
        "[\n1,\n'''\n]''', # ]\n]",
        '{ k1 = "}" }',
        "2024-01-01",
        "true",
    ]
)


@given(
    st.lists(
        st.tuples(st.lists(VALUES, max_size=4), st.sampled_from(["", "\n", "# [t0]\n", "  "])), max_size=5
    )
)
def test_every_key_of_a_generated_file_has_its_own_line(tables: list[tuple[list[str], str]]) -> None:
    text = "".join(
        f"{gap}[t{number}]\n" + "".join(f"{gap}k{index} = {value}\n" for index, value in enumerate(values))
        for number, (values, gap) in enumerate(tables)
    )
    document: dict[str, Any] = tomllib.loads(text)
    lines = KeyLines(text)
    rows = text.splitlines()
    for table, keys in document.items():
        assert rows[lines.line((table,)) - 1].strip() == f"[{table}]"
        for key in keys:
            assert rows[lines.line((table, key)) - 1].strip().startswith(f"{key} = ")
