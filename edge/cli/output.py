"""How commands speak: data to stdout, as JSON or for people; everything else to stderr.

Text from outside (names, file names, reasons) goes through `plain`: it can neither style nor move what is
printed around it.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge.redact import json_text, one_line

WIDE = 10_000  # columns of a "terminal" that is a file or a pipe: nothing is folded or cut there


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


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[str] = ()) -> Table:
    """Return a table of inert cells; a cell may be a rich Text; `right` names columns of numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else plain(cell) for cell in row))
    return made


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
