"""Writes until it is killed and prints what is acknowledged: `seq N`, `enrolled ID`, `removed ID`."""

import itertools
import sys
from pathlib import Path

import numpy as np

from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import open_store
from edge.domain.events import EventType, NewEvent
from edge.domain.person import NewReference


def say(what: str, value: object) -> None:
    sys.stdout.write(f"{what} {value}\n")
    sys.stdout.flush()


def main() -> None:
    store = open_store(Path(sys.argv[1]), clock=ClockSystem(), boot_id="boot", ballast_bytes=0)
    enrolled: list[str] = []
    for number in itertools.count():
        event = store.journal.append(
            NewEvent(EventType.ACCESS_DENIED, data={"number": number, "pad": "x" * 300})
        )
        say("seq", event.seq)
        if number % 7 == 3:
            vector = np.full(128, number, np.float32)
            person = store.people.enrol(
                name=f"Person {number}",
                external_id=None,
                references=[NewReference("model-1", vector, "x")],
                seen_generation=store.people.generation(),
                actor="t",
            )
            enrolled.append(person.id)
            say("enrolled", person.id)
        if number % 14 == 13:
            person_id = enrolled.pop(0)
            say("removing", person_id)
            store.people.remove(person_id=person_id, actor="t")
            say("removed", person_id)
        if number % 20 == 19:
            store.journal.advance("mqtt", event.seq)
            say("cursor", event.seq)


if __name__ == "__main__":
    main()
