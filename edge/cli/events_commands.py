"""`edgectl events`: what happened, from the journal."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import click

from edge.cli.invocation import Invocation
from edge.cli.output import console, emit, emit_json, note, plain, progress, table
from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, EventType

if TYPE_CHECKING:
    from rich.console import Console

    from edge.ports import EventQuery, EventReader, PeopleReader

MAX_INTEGER = 2**63 - 1  # the largest number SQLite knows
PAGE = 1000  # events read at once
POLL_SECONDS = 0.5  # between two looks for new events
MAX_DATA = 160  # characters of an event's data on a line for people; --json has all of it

_type_option = click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE",
    help="Only events of this type, such as access.granted; may be given several times.",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print CloudEvents.")


@click.group()
def events() -> None:
    """List, follow and replay events."""


@events.command("list")
@click.option(
    "--since-seq", type=click.IntRange(0, MAX_INTEGER), metavar="N", help="Only events after number N."
)
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_INTEGER),
    default=100,
    show_default=True,
    metavar="N",
    help="At most N events.",
)
@_type_option
@_json_option
@click.pass_obj
def list_events(
    invocation: Invocation, since_seq: int | None, limit: int, types: tuple[str, ...], as_json: bool
) -> None:
    """List events in their order.

    Without --since-seq the newest ones; with it the first ones after that number. With --json one JSON array
    of CloudEvents.
    """
    from edge.bootstrap.storage import open_reader

    wanted = _event_types(types)
    settings = invocation.settings
    with closing(open_reader(settings)) as reader:
        found = _found(reader.query, since_seq, limit, EventFilter(types=wanted))
        names = {} if as_json else _names(reader.people)
    data = [event.cloud_event(settings.device.name) for event in found] if as_json else None

    def render(out: "Console") -> None:
        rows = [_row(event, names) for event in found]
        out.print(table(("seq", "time", "type", "person", "data"), rows, right=("seq",)))

    if found or as_json:
        emit(data, as_json, render)
    else:
        note("no such events" if types or since_seq else "nothing has happened yet")


@events.command()
@click.option(
    "--since-seq",
    type=click.IntRange(0, MAX_INTEGER),
    metavar="N",
    help="Begin after number N instead of with the next event.",
)
@_type_option
@_json_option
@click.pass_obj
def follow(invocation: Invocation, since_seq: int | None, types: tuple[str, ...], as_json: bool) -> None:
    """Print events as they happen, one a line, until Ctrl-C.

    With --json each line is a CloudEvent.
    """
    from edge.bootstrap.storage import open_reader

    wanted = _event_types(types)
    settings = invocation.settings
    out = console()
    names: dict[str, str] = {}
    with closing(open_reader(settings)) as reader:
        for event in _endless(reader.journal, since_seq):
            if wanted and event.type not in wanted:
                continue
            if as_json:
                emit_json(event.cloud_event(settings.device.name))
            else:
                if event.person is not None and (
                    event.person not in names or event.type.startswith("person.")
                ):
                    names = _names(reader.people)
                cells = (cell for cell in _row(event, names) if cell is not None)
                out.print(plain("  ".join(str(cell) for cell in cells)), soft_wrap=True)


@events.command()
@click.option(
    "--from-seq", type=click.IntRange(1, MAX_INTEGER), required=True, metavar="N", help="Begin with number N."
)
@click.option(
    "--to-seq", type=click.IntRange(1, MAX_INTEGER), metavar="M", help="End with number M, not the newest."
)
@click.option("--json", "as_json", is_flag=True, help="Print the number of events as JSON.")
@click.pass_obj
def replay(invocation: Invocation, from_seq: int, to_seq: int | None, as_json: bool) -> None:
    """Deliver events to the MQTT broker again, for one that has lost its data.

    They keep their ids, so who has them already knows them. The daemon may go on working meanwhile.
    """
    from edge.bootstrap.mqtt_tools import replay_events

    with progress("delivering") as advance:
        count = replay_events(invocation.settings, from_seq, to_seq, advance)
    emit({"delivered": count}, as_json, lambda out: out.print(plain(f"{count} events delivered again")))


def _event_types(types: tuple[str, ...]) -> frozenset[EventType]:
    known = {str(kind): kind for kind in EventType}
    for name in types:
        if name not in known:
            raise click.BadParameter(f"{name!r} is none of {', '.join(known)}", param_hint="--type")
    return frozenset(known[name] for name in types)


def _found(query: "EventQuery", since: int | None, limit: int, which: EventFilter) -> list[Event]:
    """Return the first `limit` events after `since`, or the newest `limit` where it is None, in order."""
    found: list[Event] = []
    if since is None:
        before: int | None = None
        while page := query.newest(which, before=before, limit=min(PAGE, limit - len(found))):
            found += page
            before = page[-1].seq
        return found[::-1]
    while page := query.oldest(which, after=since, limit=min(PAGE, limit - len(found))):
        found += page
        since = page[-1].seq
    return found


def _pages(journal: "EventReader", after: int) -> Iterator[Event]:
    while page := journal.events(since_seq=after, limit=PAGE):
        yield from page
        after = page[-1].seq


def _endless(journal: "EventReader", since: int | None) -> Iterator[Event]:
    after = journal.last_seq() if since is None else since
    while True:
        for event in _pages(journal, after):
            yield event
            after = event.seq
        time.sleep(POLL_SECONDS)


def _names(people: "PeopleReader") -> dict[str, str]:
    return {person.id: person.name for person in people.people()}


def _row(event: Event, names: dict[str, str]) -> tuple[object, ...]:
    data = json.dumps(event.data, ensure_ascii=False) if event.data else ""
    data = data if len(data) <= MAX_DATA else f"{data[:MAX_DATA]}…"
    person = None if event.person is None else names.get(event.person, event.person)
    return event.seq, event.time, event.type, person, data
