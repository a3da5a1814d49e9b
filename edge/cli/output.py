"""How commands speak: data to stdout, as JSON or for people; everything else to stderr.

Text from outside (names, file names, reasons) goes through `plain`: it can neither style nor move what is
printed around it.
"""

import contextlib
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click
from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from edge.redact import json_text, one_line

WIDE = 10_000  # columns of a "terminal" that is a file or a pipe: nothing is folded there
WIDEST = 60  # columns of a terminal that a cell takes at most where others follow it in its row
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})  # of the bidirectional classes of Unicode TR #9
_ISOLATE, _END = "\u2068", "\u2069"


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let a reader that went away end the program as `cli_guard` does it; rich would exit by itself."""
        raise BrokenPipeError


def emit(data: object, as_json: bool, render: Callable[[Console], None]) -> None:
    """Print `data` as one JSON document (UTF-8, letters as they are) or let `render` print it for people."""
    if as_json:
        emit_json(data, indent=2)
    else:
        render(console())


def emit_json(data: object, *, indent: int | None = None) -> None:
    """Print one JSON document; without `indent` on one line. What could move a terminal is escaped."""
    text = json_text(data, indent=indent)
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode() + b"\n")  # UTF-8 whatever the locale
    sys.stdout.flush()


def console() -> Console:
    """Return a rich console on stdout that reads no markup and is as wide as its lines in a pipe."""
    return _open(sys.stdout, stderr=False)


def note(text: str) -> None:
    """Tell people something beside the data, on stderr."""
    click.echo(one_line(text), err=True)


def plain(value: object) -> Text:
    """Return a value as inert text: one line, no markup, no control characters; None is a dash."""
    return Text("–" if value is None else one_line(str(value)))


def cut(value: object, most: int = WIDEST) -> str:
    """Return a value as inert text of `most` columns of a terminal at most, with … where it was longer."""
    text = plain(value).plain
    return text if cell_len(text) <= most else set_cell_size(text, most - 1).rstrip() + "…"


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> Table:
    """Return a table of inert cells; a cell may be a rich Text; `right` names columns of numbers.

    A long cell is cut, so that one name does not widen every row: not in the last column, nor in those that
    `whole` names. Cells of text from right to left keep to themselves, and the order of columns stays.
    """
    made = _Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", overflow="fold")
    kept = {len(columns) - 1, *(columns.index(name) for name in whole)}
    for row in rows:
        made.add_row(
            *(
                cell if isinstance(cell, Text) else _isolated(cut(cell, WIDE if place in kept else WIDEST))
                for place, cell in enumerate(row)
            )
        )
    return made


class _Table(Table):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render without the spaces that fill the last column."""
        for line in Segment.split_lines(super().__rich_console__(console, options)):  # type: ignore[arg-type] # segments only
            while line and not line[-1].text.strip():
                line.pop()
            if line:
                last = line.pop()
                yield from (*line, Segment(last.text.rstrip(), last.style, last.control))
            yield Segment.line()


def _isolated(text: str) -> Text:
    """Keep letters that are read from right to left from drawing the next columns to their other side."""
    if all(unicodedata.bidirectional(letter) not in _RIGHT_TO_LEFT for letter in text):
        return Text(text)
    return Text(f"{_ISOLATE}{text}{_END}")


@contextlib.contextmanager
def progress(description: str, total: float | None = None) -> Iterator[Callable[[float], None]]:
    """Show a progress bar on stderr, if that is a terminal; yields the function that advances it."""
    if not sys.stderr.isatty():

        def nothing(_amount: float) -> None:
            """Show nothing."""

        yield nothing
        return
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=_open(sys.stderr, stderr=True), transient=True) as bar:
        task = bar.add_task(escape(one_line(description)), total=total)
        yield lambda amount: bar.advance(task, amount)


def _open(stream: Any, *, stderr: bool) -> Console:
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDE
    return _Console(stderr=stderr, width=width, markup=False, highlight=False, emoji=False, soft_wrap=False)
