"""What the core asks of the outside world. Adapters implement these; fakes in tests do too."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.domain.access_group import Group
from edge.domain.door_view import DoorView, PinAnswer
from edge.domain.event_filter import EventFilter
from edge.domain.events import Event, Instant, NewEvent
from edge.domain.face import Box, Detection, Frame, Landmarks, LandmarkScheme, Picture, QualityFigures
from edge.domain.mqtt_message import Happening, LinkFacts, OutMessage
from edge.domain.person import NewReference, Person, Reference
from edge.domain.schedule import Schedule
from edge.domain.schedule_calendar import Calendar
from edge.domain.second_factor_pin import PinHashes


class Clock(Protocol):
    """Time. Durations come from `monotonic`; the wall clock is only for people."""

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        ...

    def now(self) -> Instant:
        """Return this instant by both clocks, with what is known of the wall clock's trust."""
        ...


class Camera(Protocol):
    """A source of frames, used by one thread. Everything slow happens in `open` and `read`."""

    def open(self) -> None:
        """Start the source; raises CameraError."""
        ...

    def read(self, timeout: float) -> Frame | None:
        """Return the next frame, or None where none came within `timeout` seconds.

        Raises CameraError where the source is lost, EndOfFilm where a film is over.
        """
        ...

    def close(self) -> None:
        """Release the source; may be called twice."""
        ...


class EndOfFilm(Exception):  # noqa: N818 - an end is no error; it leaves `Camera.read` as StopIteration leaves next()
    """A replayed film or folder has no further frame."""


class Detector(Protocol):
    """Finds faces."""

    def detect(self, picture: Picture, *, smallest: float = 0.0) -> list[Detection]:
        """Return the faces of an RGB picture, the most confident first.

        Faces narrower than `smallest` pixels are of no interest, which lets a detector look in a lower
        resolution; it has a smallest width of its own as well.
        """
        ...


class Landmarker(Protocol):
    """Finds the five points of one face."""

    @property
    def scheme(self) -> LandmarkScheme:
        """Return the scheme of the points found."""
        ...

    def locate(self, picture: Picture, box: Box) -> Landmarks:
        """Return the landmarks of the face in `box`, in pixels of the RGB picture."""
        ...


class Aligner(Protocol):
    """Cuts the crop an embedder was trained on."""

    @property
    def scheme(self) -> LandmarkScheme:
        """Return the landmark scheme needed."""
        ...

    def align(self, picture: Picture, landmarks: Landmarks) -> Picture:
        """Return the aligned RGB crop in the size of the profile."""
        ...


class QualityMeter(Protocol):
    """Measures a face; judging is the core's work."""

    def measure(
        self, picture: Picture, detection: Detection, landmarks: Landmarks, crop: Picture
    ) -> QualityFigures:
        """Return what was measured of the face."""
        ...


class Embedder(Protocol):
    """Turns aligned crops into vectors."""

    @property
    def version(self) -> str:
        """Return the model version: vectors of different versions never meet."""
        ...

    @property
    def dimension(self) -> int:
        """Return the number of values of one vector."""
        ...

    def embed(self, crops: Sequence[Picture]) -> NDArray[np.float32]:
        """Return the n×dimension float32 matrix of n aligned RGB crops, row by row."""
        ...


class References(Protocol):
    """Reads the gallery; what the vision child may do with the database."""

    def generation(self) -> int:
        """Return a number that grows with each change of people or references."""
        ...

    def people(self) -> list[Person]:
        """Return everybody, by name."""
        ...

    def references(self, model_version: str, *, known: frozenset[str] = frozenset()) -> list[Reference]:
        """Return the references of one model version, without those whose ids are in `known`."""
        ...

    def reference_ids(self, model_version: str) -> frozenset[str]:
        """Return the ids of all references of one model version."""
        ...


class PeopleReader(References, Protocol):
    """Reads people for whoever asks by name."""

    def enrolled(self, model_version: str) -> int:
        """Return the number of people with a reference of one model version."""
        ...

    def references_of(self, person_id: str) -> list[Reference]:
        """Return the references of one person, of all model versions."""
        ...

    def find(self, who: str) -> Person:
        """Return the one person with this id, unique id prefix (8+), employee number or exact name.

        Raises NotFoundError, or ConflictError where several fit.
        """
        ...


class People(PeopleReader, Protocol):
    """Reads and changes people. Each change is one transaction and journals its event in it."""

    def enrol(
        self,
        *,
        name: str,
        external_id: str | None,
        references: Sequence[NewReference],
        seen_generation: int,
        look_alikes: Sequence[str] = (),
        actor: str,
    ) -> Person:
        """Add a person with references, all or nothing.

        `seen_generation` is the generation the look-alike check was made at: raises GalleryChangedError
        where it is no longer the current one, so check and insert are one. `look_alikes` are the people
        whose likeness was overridden: they and the new person get `second_factor`. Raises ConflictError
        for an employee number in use.
        """
        ...

    def extend(
        self,
        *,
        person_id: str,
        references: Sequence[NewReference],
        seen_generation: int,
        look_alikes: Sequence[str] = (),
        actor: str,
    ) -> Person:
        """Add references to a person; otherwise as `enrol`. Raises NotFoundError."""
        ...

    def remove(self, *, person_id: str, actor: str) -> None:
        """Forget a person: name, vectors, crops. Events keep the pseudonymous id. Raises NotFoundError."""
        ...


class AccessBook(Protocol):
    """Reads who may pass when, as an admin wrote it down; from any thread. All methods raise StoreError.

    Of a person, the schedule, groups, validity and visits are in `Person` as `People.find` gives it.
    """

    def generation(self) -> int:
        """Return a number that grows with each change of schedules, holidays, groups or PINs."""
        ...

    def schedules(self) -> dict[str, Schedule]:
        """Return the schedules by name, without `always` and `never`, which exist by themselves."""
        ...

    def calendar(self) -> Calendar:
        """Return the holidays."""
        ...

    def groups(self) -> dict[str, Group]:
        """Return the groups by name."""
        ...

    def pins(self, person_id: str) -> PinHashes:
        """Return the hashes of a person's PINs; both None where there are none, or nobody by this id."""
        ...

    def visitor_salt(self) -> bytes:
        """Return the salt under which visitor PINs are looked up, made at random with the database."""
        ...

    def visitor(self, digest: str) -> Person | None:
        """Return the visitor whose PIN has this digest, None where nobody has."""
        ...


class SecretHasher(Protocol):
    """Turns secrets into hashes that are slow to try; from any thread, tens of milliseconds a call."""

    def hashed(self, secret: str) -> str:
        """Return a hash with a fresh random salt in it."""
        ...

    def matches(self, secret: str, hashed: str) -> bool:
        """Return whether `secret` is what was hashed; False for a hash that cannot be read."""
        ...

    def digest(self, secret: str, salt: bytes) -> str:
        """Return a hash that is always the same for a secret and a salt, so that it can be looked up."""
        ...


class EventReader(Protocol):
    """Reads the event log."""

    def events(self, *, since_seq: int = 0, limit: int = 1000) -> list[Event]:
        """Return events with seq > since_seq, in order, at most `limit`."""
        ...

    def last_seq(self) -> int:
        """Return the highest sequence number written, 0 where there is none."""
        ...


class EventQuery(Protocol):
    """Looks into the event log, quickly also where it is long. All methods raise StoreError."""

    def newest(self, which: EventFilter, *, before: int | None = None, limit: int = 100) -> list[Event]:
        """Return the newest matching events with seq < before (None: all), the newest first."""
        ...

    def oldest(self, which: EventFilter, *, after: int = 0, limit: int = 1000) -> list[Event]:
        """Return the first matching events with seq > after, in the order of the journal."""
        ...

    def count(self, which: EventFilter) -> int:
        """Return the number of matching events."""
        ...


class Journal(EventReader, Protocol):
    """The event log, which is also the outbox. A returned event is durable."""

    def append(self, event: NewEvent) -> Event:
        """Write one event durably and return it; raises StoreError where that is not possible."""
        ...


class Outbox(EventReader, Protocol):
    """The event log as a sink sees it: with the position up to which the sink has acknowledged all."""

    def cursor(self, sink: str) -> int:
        """Return the last sequence number that `sink` has acknowledged, 0 for a new one."""
        ...

    def advance(self, sink: str, seq: int) -> None:
        """Note durably that `sink` has acknowledged all up to `seq`; retention waits for it from then on.

        Raises StoreError.
        """
        ...

    def forget(self, sink: str) -> None:
        """Have nothing wait for `sink` any more. Raises StoreError."""
        ...


class Nonces(Protocol):
    """Remembers across restarts which nonces were used."""

    def use(self, nonce: str, *, expires: int, now: float) -> bool:
        """Use up a nonce and return True, False where it was used before; times are UTC seconds.

        Raises StoreError.
        """
        ...


class Pruner(Protocol):
    """Deletes old events."""

    def prune(
        self, *, before: float | None = None, keep: int | None = None, disk_is_filling: bool = False
    ) -> int:
        """Delete events older than `before` (UTC seconds) and beyond the newest `keep`; return how many.

        Never one that a sink has not acknowledged, unless `disk_is_filling`. Raises StoreError.
        """
        ...


class BrokerLink(Protocol):
    """A connection to a message broker, used by one thread. All raises BrokerError where it is lost."""

    def open(self, give_up: Callable[[], bool]) -> LinkFacts:
        """Connect and log in, or raise BrokerError; `give_up` is asked between steps whether to stop trying.

        May be called again after `close`.
        """
        ...

    def subscribe(self, filters: Sequence[str]) -> None:
        """Ask for messages; a broker that denies them says so by a `Denied` later."""
        ...

    def publish(self, message: OutMessage) -> int:
        """Hand a message over with QoS 1 and return its token, unique among those on their way."""
        ...

    def turn(self, timeout: float) -> list[Happening]:
        """Do what the network wants, for at most `timeout` seconds without news, and return what happened."""
        ...

    def wake(self) -> None:
        """End a `turn` that waits; from any thread."""
        ...

    def close(self) -> None:
        """Say goodbye and disconnect without waiting; may be called twice."""
        ...


class Relay(Protocol):
    """The lock's relay."""

    def pulse(self, seconds: float) -> None:
        """Energise for `seconds`; returns at once. Raises DeviceError."""
        ...

    def idle(self) -> None:
        """Drive the relay idle at once."""
        ...


class Lock(Protocol):
    """The lock's relay as a door machine drives it."""

    def energise(self, seconds: float | None) -> None:
        """Energise until `seconds` from now, None for until told otherwise; replaces the end that there was.

        The end is armed before the line moves and comes by itself, whatever the caller does. Returns at once.
        Raises DeviceError, with the line idle as far as it can be driven.
        """
        ...

    def idle(self) -> None:
        """Drive the relay idle at once; raises DeviceError."""
        ...


class DoorControl(Protocol):
    """The doors of this terminal, for whoever may ask; from any thread.

    `actor` is who asks, as the audit names it; it stands in the event. `door` is a door's name, None for the
    only one. What changes something waits until it is done or refused, at most some three seconds, and
    returns one line for people. Raises DoorError where it is refused or nobody answers in time, NotFoundError
    for a door that does not exist; nothing is half done. Who may ask is the caller's to know.
    """

    def status(self) -> tuple[DoorView, ...]:
        """Return every door as it stands, without waiting."""
        ...

    def unlock(
        self, *, actor: str, door: str | None = None, seconds: float | None = None, reason: str = ""
    ) -> str:
        """Unlock for `seconds`, None for as long as a grant does; refused in a lockdown."""
        ...

    def lock(self, *, actor: str, door: str | None = None) -> str:
        """Lock: pulses and holds end, office hours included, until their next beginning."""
        ...

    def hold(self, *, actor: str, door: str | None = None, reason: str = "") -> str:
        """Unlock until `release` or `lock`; refused in a lockdown. Ends with the daemon."""
        ...

    def release(self, *, actor: str, door: str | None = None) -> str:
        """End a `hold`."""
        ...

    def lockdown(self, on: bool, *, actor: str) -> str:
        """Begin or end the lockdown of the whole site; survives a restart."""
        ...

    def evacuation(self, on: bool, *, actor: str) -> str:
        """Begin or end the evacuation of the whole site: all doors are open; survives a restart."""
        ...

    def forgive(self, *, actor: str, person: str | None = None) -> str:
        """Forgive anti-passback to the person with this id, None for everybody."""
        ...

    def enter_pin(self, digits: str, *, door: str | None = None) -> PinAnswer:
        """Decide by a PIN that was entered at a door, and let in who may pass.

        It belongs to whoever was recognised there last and has still to enter one (`DoorView.pin_for`), else
        to a visitor. Raises DoorError only where nobody could decide in time.
        """
        ...

    def cancel_pin(self, *, door: str | None = None) -> None:
        """Wait no longer for the PIN of whoever was recognised."""
        ...


class Thermometer(Protocol):
    """A temperature of the box."""

    @property
    def name(self) -> str:
        """Return which sensor it is, for people."""
        ...

    def read(self) -> float:
        """Return °C; raises DeviceError where there is nothing to read, or no number."""
        ...


class ServiceNotifier(Protocol):
    """Whoever started the daemon and watches over it. No call waits; False means that it was not told."""

    @property
    def period(self) -> float | None:
        """Return in how many seconds each sign of life is due, None where none is wanted."""
        ...

    def ready(self, status: str) -> bool:
        """Tell that the service has started, and in a line how it stands."""
        ...

    def status(self, text: str) -> bool:
        """Tell in a line how the service stands."""
        ...

    def alive(self) -> bool:
        """Give a sign of life."""
        ...

    def stopping(self) -> bool:
        """Tell that the service is about to end."""
        ...


class Store(Protocol):
    """What a process that writes holds: people and journal over one database, one writer."""

    @property
    def people(self) -> People:
        """Return the people."""
        ...

    @property
    def journal(self) -> Journal:
        """Return the event log."""
        ...

    def close(self) -> None:
        """Close the database; may be called twice."""
        ...


class StoreReader(Protocol):
    """What a process that only looks holds: people and journal, while another process writes."""

    @property
    def people(self) -> PeopleReader:
        """Return the people."""
        ...

    @property
    def journal(self) -> EventReader:
        """Return the event log."""
        ...

    def close(self) -> None:
        """Close the database; may be called twice."""
        ...
