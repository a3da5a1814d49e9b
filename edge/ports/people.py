"""What is asked of whoever keeps people, their references and the rules of access."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from edge.domain.access_group import Group
from edge.domain.person import NO_DETAILS, Details, NewReference, NewVisitor, Person, Reference
from edge.domain.schedule import Schedule
from edge.domain.schedule_calendar import Calendar, Holiday
from edge.domain.second_factor_pin import PinHashes


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
        details: Details = NO_DETAILS,
        actor: str,
    ) -> Person:
        """Add a person with references and details, all or nothing.

        `seen_generation` is the generation the look-alike check was made at: raises GalleryChangedError
        where it is no longer the current one, so check and insert are one. `look_alikes` are the people
        whose likeness was overridden: they and the new person get `second_factor`. Raises ConflictError
        for an employee number in use or a validity that ends before it begins, NotFoundError for a
        schedule or group that does not exist.
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

    def update(self, person: Person, *, actor: str) -> Person:
        """Write what an admin may change of a person, and return what is stored.

        That is name, employee number, validity, schedule, groups, second factor and consent. `person` is one
        that was read, with `dataclasses.replace` applied. Raises ConflictError where somebody else changed it
        since, or for a value that cannot be; NotFoundError where the person, schedule or a group is gone.
        """
        ...

    def remove(self, *, person_id: str, actor: str) -> None:
        """Forget a person: name, vectors, crops, PINs, groups. Events keep the pseudonymous id.

        Raises NotFoundError.
        """
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


class AccessChanges(AccessBook, Protocol):
    """Changes who may pass when. Each change is one transaction and journals its event in it.

    All methods raise StoreError where nothing could be written.
    """

    def put_schedule(self, schedule: Schedule, *, actor: str) -> None:
        """Add a schedule, or replace the one of the same name; its zone has to be an IANA one or None."""
        ...

    def remove_schedule(self, name: str, *, actor: str) -> None:
        """Remove a schedule; raises NotFoundError, and ConflictError where a person or group has it."""
        ...

    def put_holiday(self, holiday: Holiday, *, actor: str) -> None:
        """Add a holiday, or replace the one of the same name and first day."""
        ...

    def remove_holiday(self, name: str, first: date | None = None, *, actor: str) -> int:
        """Remove all holidays of a name, or the one that begins on `first`, and return how many.

        Raises NotFoundError for none.
        """
        ...

    def put_group(self, group: Group, *, actor: str) -> None:
        """Add a group, or replace the one of the same name; raises NotFoundError for an unknown schedule."""
        ...

    def remove_group(self, name: str, *, actor: str) -> None:
        """Remove a group; raises NotFoundError, and ConflictError where it has members."""
        ...

    def set_pins(self, person_id: str, hashes: PinHashes, *, actor: str) -> None:
        """Keep these hashes as a person's PINs, no PIN where there are none; raises NotFoundError.

        Journals a `person.changed` with `pin` `set` or `removed`, by which wrong entries are forgotten.
        """
        ...

    def forget_wrong_pins(self, person_id: str, *, actor: str) -> None:
        """Journal that a person's wrong entries count no more (`pin`: `reset`); raises NotFoundError."""
        ...

    def add_visitor(self, visitor: NewVisitor, *, actor: str) -> Person:
        """Add somebody without references, whose PIN says who they are, and return them.

        Raises ConflictError where another visitor has this PIN, NotFoundError for an unknown group or
        schedule.
        """
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
