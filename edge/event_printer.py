"""Prints journaled events as CloudEvents, one JSON object a line, each after it became durable."""

import json
import os
import threading

import structlog

from edge.domain.events import Event
from edge.errors import StoreError
from edge.ports import Journal

log = structlog.get_logger("edge.event_printer")

POLL = 1.0  # seconds between two looks without news: what others journal is not announced


class EventPrinter:
    """Follows the journal behind `after` and writes to descriptor `fd`, on a thread that runs `run`.

    It reads what is durable instead of being handed it, so a reader that is slow or gone holds up no one,
    and an event cannot be printed that a power cut could still take back.
    """

    def __init__(self, *, journal: Journal, device: str, fd: int, after: int) -> None:
        self._journal = journal
        self._device = device
        self._fd = fd
        self._after = after
        self._news = threading.Event()
        self._last: int | None = None

    def announce(self) -> None:
        """Tell that there is something new; from any thread, never waits."""
        self._news.set()

    def finish(self, last: int) -> None:
        """End `run` once the event with sequence number `last` was printed."""
        self._last = last
        self._news.set()

    def run(self) -> None:
        """Print until `finish`, or until nobody reads any more."""
        while self._last is None or self._after < self._last:
            self._news.wait(POLL)
            self._news.clear()
            try:
                while self._print_page():
                    pass
            except StoreError as error:
                log.error("journal cannot be read", error=str(error))  # noqa: TRY400 - one line
            except BrokenPipeError:
                log.warning("nobody reads the printed events any more")
                return

    def _print_page(self) -> bool:
        page = self._journal.events(since_seq=self._after)
        for event in page:
            self._write(event)
            self._after = event.seq
        return bool(page)

    def _write(self, event: Event) -> None:
        line = json.dumps(event.cloud_event(self._device), ensure_ascii=False) + "\n"
        rest = line.encode(errors="backslashreplace")
        while rest:  # past Python's buffered stdout, whose lock a blocked thread would hold at exit
            rest = rest[os.write(self._fd, rest) :]
