"""What a person asks of a broker: does it work, and give it the events it has lost."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.domain.mqtt_message import Arrived, Delivered, Denied, LinkFacts, OutMessage, Refused
from edge.domain.mqtt_topics import Topics
from edge.errors import BrokerError, ConflictError
from edge.ports import BrokerLink, EventReader
from edge.publish.documents import json_bytes
from edge.publish.lane import Lane
from edge.publish.session import CLOUD_EVENT

PATIENCE = 10.0  # seconds without any progress
TURN = 0.2

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Probe:
    """A broker that works: what the connection is, and the seconds from publishing to reading back."""

    facts: LinkFacts
    round_trip: float


def probe(link: BrokerLink, topics: Topics, *, clock: Clock, mark: str) -> Probe:
    """Connect, publish `mark`, and read it back; raises BrokerError saying which of these failed."""
    facts = link.open(lambda: False)
    link.subscribe([topics.test])
    begun = clock()
    sent = False
    while clock() - begun < PATIENCE:
        if not sent:
            link.publish(OutMessage(topics.test, mark.encode(), content_type="text/plain"))
            sent = True
        for happened in link.turn(TURN):
            match happened:
                case Arrived(payload=payload) if payload == mark.encode():
                    return Probe(facts, clock() - begun)
                case Refused(line=line) | Denied(line=line):
                    raise BrokerError(line)
                case _:
                    pass
    raise BrokerError(f"{topics.test}: what was published did not come back; does the ACL let us read there?")


def replay(
    link: BrokerLink,
    events: EventReader,
    topics: Topics,
    *,
    first: int,
    last: int | None,
    clock: Clock,
    tell: Callable[[int], None] = lambda _count: None,
) -> int:
    """Deliver the events from `first` to `last` (None: the newest) again; return how many there were.

    They keep their ids. `tell` hears how many more have arrived. Raises ConflictError where the range is
    empty, BrokerError saying from where to go on.
    """
    newest = events.last_seq()
    upto = newest if last is None else min(last, newest)
    if upto < first:
        raise ConflictError(f"there are no events from {first} to {upto}; the newest is {newest}")
    lane = Lane(events, after=first - 1, upto=upto)
    facts = link.open(lambda: False)
    count = 0
    while not lane.done:
        room = (facts.window if count else 1) - len(lane.flight)  # one first: its refusal says why
        for event in lane.next(room):
            payload = json_bytes(event.published(topics.device))
            token = link.publish(OutMessage(topics.event(event.type), payload, content_type=CLOUD_EVENT))
            lane.flight.send(token, event.seq, clock())
        arrived = _listen(link, lane, clock)
        count += arrived
        tell(arrived)
    return count


def _listen(link: BrokerLink, lane: Lane, clock: Clock) -> int:
    """Return how many events arrived in one turn."""
    resume = f"go on with --from-seq {lane.flight.acknowledged + 1}"
    try:
        happened = link.turn(TURN)
    except BrokerError as error:
        raise BrokerError(f"{error}; {resume}") from None
    arrived = 0
    for one in happened:
        match one:
            case Delivered(token):
                arrived += lane.flight.arrive(token)
            case Refused(line=line):
                raise BrokerError(f"{line}; {resume}")
            case _:
                pass
    oldest = lane.flight.oldest()
    if oldest is not None and clock() - oldest > PATIENCE:
        raise BrokerError(f"the broker acknowledged nothing for {PATIENCE:g} s; {resume}")
    return arrived
