"""Groups: what people may do because of what they belong to."""

from dataclasses import dataclass

from edge.domain.schedule import ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A named set of people.

    `schedule` names when its members may pass, at the doors named in `doors` (None: all). `second_factor`
    asks them for a PIN every time. `passback_exempt` leaves them out of anti-passback, `alone` out of the
    two-person rule; an `escort` is one of whom that rule may ask for at least one. `lockdown_pass` lets them
    through a lockdown. `first_person` says that their arrival may begin the office hours.
    """

    name: str
    schedule: str = ALWAYS.name
    doors: frozenset[str] | None = None
    second_factor: bool = False
    passback_exempt: bool = False
    alone: bool = False
    escort: bool = False
    lockdown_pass: bool = False
    first_person: bool = True

    def serves(self, door: str) -> bool:
        """Return whether the group's schedule counts at a door."""
        return self.doors is None or door in self.doors
