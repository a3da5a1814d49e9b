"""Events as rows of a table, one after another, however many there are."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge.domain.event_filter import EventFilter
from edge.domain.events import Event
from edge.domain.person import Person
from edge.office.table import Cell, cell_text
from edge.ports import EventQuery
from edge.web.event_words import tell
from edge.web.language import translate
from edge.web.show import Show

BATCH = 1000
COLUMNS = (
    "Number",
    "Time",
    "Event",
    "Person",
    "Employee number",
    "Type",
    "Reason",
    "Clock vouched for",
    "Data",
    "Person id",
)


@dataclass(frozen=True, slots=True)
class EventRows:
    """The events that a filter lets through, the oldest first, in a language; `people` by their ids."""

    query: EventQuery
    which: EventFilter
    people: dict[str, Person]
    show: Show

    @property
    def columns(self) -> list[str]:
        """Return the headings."""
        return [translate(name, self.show.language) for name in COLUMNS]

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        """Yield the rows."""
        after = 0
        while batch := self.query.oldest(self.which, after=after, limit=BATCH):
            yield from map(self._row, batch)
            after = batch[-1].seq

    def csv(self) -> Iterator[bytes]:
        """Yield the file in pieces: RFC 4180 in UTF-8 with the mark by which Excel knows it, no formulas."""
        yield "\ufeff".encode() + _lines([self.columns])
        piece: list[Sequence[Cell]] = []
        for row in self:
            piece.append(row)
            if len(piece) == BATCH:
                yield _lines(piece)
                piece = []
        yield _lines(piece)

    def _row(self, event: Event) -> Sequence[Cell]:
        person = self.people.get(event.person or "")
        yes = "yes" if event.clock_trusted else "no"
        return (
            event.seq,
            self.show.local(event.time).replace(tzinfo=None, microsecond=0),
            tell(event, self._name, self.show.language).text,
            person.name if person else "",
            (person.external_id or "") if person else "",
            str(event.type),
            str(event.data.get("reason", "")),
            translate(yes, self.show.language),
            json.dumps(dict(event.data), ensure_ascii=False, separators=(",", ":")),
            event.person or "",
        )

    def _name(self, person_id: str) -> str:
        person = self.people.get(person_id)
        return person.name if person else translate("somebody who was removed", self.show.language)


def _lines(rows: Sequence[Sequence[Cell]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([cell_text(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8", "replace")
