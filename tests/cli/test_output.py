import contextlib
import io
import json
import os
import pty
import sys

import pytest
from rich.cells import cell_len

from edge.cli import output


def test_json_is_utf_8_with_its_letters_and_escapes_what_moves_a_terminal(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    data = {"name": "山田　太郎", "odd": "\udcff\x9b31m\u2028\x7f\u202e"}
    output.emit_json(data)
    raw, _ = capfdbinary.readouterr()
    assert "山田　太郎".encode() in raw
    assert raw.count(b"\n") == 1
    assert raw.decode().strip().isprintable() is False  # the wide space of a name stays
    assert not set(raw.decode()) & set("\x9b\u2028\x7f\u202e")
    assert json.loads(raw) == data


def test_json_is_utf_8_whatever_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding="latin-1") as latin:
        monkeypatch.setattr(sys, "stdout", latin)
        output.emit_json({"name": "人"})
        monkeypatch.undo()
        assert json.loads(raw.getvalue().decode("utf-8")) == {"name": "人"}


def test_names_can_neither_style_nor_move_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("[red]x[/red]", ":smile:", "a\nb\x1b[2J\u202e", None, 3)]
    output.console().print(output.table(("a", "b", "c", "d", "e"), rows, right=("e",)))
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["a", "b", "c", "d", "e"]
    assert row.split() == ["[red]x[/red]", ":smile:", "a\\nb\\x1b[2J\\u202e", "–", "3"]


def test_nothing_is_cut_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    output.console().print(output.table(("name",), [("x" * 3000,)]))
    assert "x" * 3000 in capsys.readouterr().out


def test_notes_and_progress_are_no_data(capsys: pytest.CaptureFixture[str]) -> None:
    output.note("two\nlines")
    with output.progress("work", 3) as advance:
        advance(1)
    assert capsys.readouterr() == ("", "two\\nlines\n")


def test_progress_is_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        with output.progress("work [b]", 2) as advance:
            advance(2)
        monkeypatch.undo()
    shown = b""
    with contextlib.suppress(OSError):  # what a pseudo-terminal says at its end
        while piece := os.read(ours, 100_000):
            shown += piece
    os.close(ours)
    assert b"work [b]" in shown
    assert b"100%" in shown


NAMES = ["花子" * 30, "דנה", "محمد", "e\u0301" * 9, "👩‍💻 Ada", "नमस्ते", "x" * 4096]


def test_columns_stay_where_they_are_whatever_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(name, number, "last") for number, name in enumerate(NAMES)]
    output.console().print(output.table(("name", "number", "why"), rows))
    lines = capsys.readouterr().out.splitlines()
    starts = {cell_len(line[: line.rindex("last")]) for line in lines[1:]}
    assert len(starts) == 1
    assert starts.pop() < output.WIDEST + 12
    assert not any(line.endswith(" ") for line in lines)


def test_what_is_read_from_right_to_left_keeps_to_its_cell(capsys: pytest.CaptureFixture[str]) -> None:
    output.console().print(output.table(("name", "number"), [("דנה", "44"), ("Ada", "45")]))
    _, hebrew, latin = capsys.readouterr().out.splitlines()
    assert hebrew.split() == ["\u2068דנה\u2069", "44"]
    assert latin.split() == ["Ada", "45"]


def test_a_long_cell_is_cut_unless_it_is_the_last_or_named(capsys: pytest.CaptureFixture[str]) -> None:
    row = ("a" * 100, "b" * 100, "花" * 50, "c" * 100)
    output.console().print(output.table(("a", "b", "c", "d"), [row], whole=("b",)))
    cells = capsys.readouterr().out.splitlines()[-1].split()
    assert cells == ["a" * 59 + "…", "b" * 100, "花" * 29 + "…", "c" * 100]


def test_a_table_of_facts_has_no_empty_header(capsys: pytest.CaptureFixture[str]) -> None:
    output.console().print(output.table(("", ""), [("name", "Ada")]))
    assert capsys.readouterr().out == "name  Ada\n"
