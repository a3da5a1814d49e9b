"""What the parent does with a recognition or a PIN: policy, journal row, door, world, in this order.

Anything unexpected denies: the door is told of a grant only past a durable `access.granted`, unless the site
chose to open without a journal.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from edge.domain.access_reason import Denial, Grant, Mode
from edge.domain.door_input import Committed, Pulse
from edge.domain.door_lamps import Cue
from edge.domain.door_view import PinAnswer
from edge.domain.events import EventType, Instant, NewEvent
from edge.door_judge import Claim, Judge, Verdict
from edge.door_loop import DoorLoop
from edge.errors import DoorError, StoreBusyError, StoreError, StoreUncertainError
from edge.guard import guarded
from edge.keeper_journal import PATIENCE, Contrary, KeeperJournal
from edge.ports import Clock, Journal
from edge.vision_wire import NotRecognised, Recognised

log = structlog.get_logger("edge.doorkeeper")

_TOO_LONG = "nothing was done; the journal took too long"
_ASKS_FOR_MORE = (Denial.SECOND_FACTOR_MISSING, Denial.SECOND_PERSON_MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperRules:
    """What the doorkeeper itself goes by.

    In the mode ATTENDANCE a grant moves nothing. Whoever was recognised has `pin_seconds` to enter a PIN.
    """

    mode: Mode = Mode.DOOR
    pin_seconds: float = 30.0


class Doorkeeper:
    """Decides, journals and acts, for one thread, at one door, or at none where `door` is None.

    `cue` is called with what lamps tell whoever stands there, `let_in` with the verdict on everybody for
    whom the door opened, on the door's thread, or who passes where there is none; `punches` says what a
    grant means for attendance; `later` has the doorkeeper's thread do a job.
    """

    def __init__(
        self,
        *,
        judge: Judge,
        journal: Journal,
        clock: Clock,
        rules: KeeperRules,
        door: DoorLoop | None,
        cue: Callable[[Cue | None], None] = lambda _: None,
        let_in: Callable[[Verdict], None] = lambda _: None,
        punches: Callable[[NewEvent, Instant], Sequence[NewEvent]] = lambda _, __: (),
        later: Callable[[Callable[[], None]], object] = lambda _: None,
    ) -> None:
        self._judge = judge
        self._rows = KeeperJournal(journal, spare=None if door is None else self._follow, later=later)
        self._clock = clock
        self._rules = rules
        self._door = door
        self._cue = cue
        self._let_in = let_in
        self._punches = punches
        self._retired = False
        self._waiting: tuple[Claim, float] | None = None  # whose PIN is waited for, and until when

    def announce_to(self, announce: Callable[[], None]) -> None:
        """Call `announce` after each durable event."""
        self._rows.announce = announce

    def retire(self) -> None:
        """Open nothing any more; from any thread."""
        self._retired = True

    @property
    def unwritten(self) -> int:
        """Return how many events found no place in the journal and are not told there yet."""
        return self._rows.unwritten

    @property
    def pin_for(self) -> str | None:
        """Return the id of whoever was recognised and has still to enter a PIN; from any thread."""
        claim = self._claim()
        return None if claim is None else claim.person_id

    def record(self, event: NewEvent) -> bool:
        """Journal an event and announce it; False where it could not be written, which is said once.

        Events that were not written are counted, and a `journal.gap` tells how many, once it can.
        """
        return self._rows.write(event).number is not None

    def recognised(self, seen: Recognised) -> None:
        """Decide whether a recognised person may pass, and let in who may."""
        if self._retired:
            return
        self._settle()
        told: dict[str, Any] = {"band": seen.band, "percent": round(seen.percent, 2), "fpir": seen.fpir}
        if seen.reference is not None:
            told["reference"] = seen.reference
        claim = Claim(person_id=seen.person_id, at=seen.at, fpir=seen.fpir, data={**self._data(seen), **told})
        verdict = self._judge.face(claim)
        self._waiting = None
        if verdict.reason is Denial.SECOND_FACTOR_MISSING:
            self._wait_for(claim)
        self._conclude(verdict, lambda: self._judge.stale(seen.at))

    def not_recognised(self, seen: NotRecognised) -> None:
        """Journal that somebody was not recognised, and why."""
        data = {"reason": seen.reason, "hint": seen.hint, **self._data(seen)}
        if seen.percent is not None:
            data["percent"] = round(seen.percent, 2)
        self.record(NewEvent(EventType.ACCESS_DENIED, None, data))
        self._cue(Cue.DENIED)

    def enter_pin(self, digits: str, by: float) -> PinAnswer:
        """Decide by a PIN, until monotonic second `by`; raises DoorError where that has passed."""
        self._settle()
        if self._retired or self._clock.monotonic() > by:
            raise DoorError("the PIN came too late to be looked at; enter it again")
        claim = self._claim()
        verdict = self._judge.pin(digits, claim)
        last = self._conclude(verdict, lambda: self._clock.monotonic() > by)
        self._waiting = None
        if claim is not None and not last.granted:  # also after a right one, so that it tells nothing
            self._wait_for(claim)
        return PinAnswer(granted=last.granted, reason=last.reason, sentence=last.sentence, wait=last.wait)

    def journal_first(self, event: NewEvent, contrary: NewEvent | None, by: float) -> int | None:
        """Journal what an admin decided, before it is done, and return its row.

        None where it could not be written and the site acts all the same. Raises DoorError where nothing is
        to be done, also after monotonic second `by`; `contrary` then takes back what was journaled too late.
        """
        if self._retired or self._clock.monotonic() > by:
            raise DoorError("nothing was done; the journal is slow or stuck")
        row: int | None = None
        try:
            row = self._rows.append(event, lambda: () if contrary is None else (contrary,))
        except StoreUncertainError:
            raise DoorError(_TOO_LONG) from None
        except StoreError as error:
            if not self._opens_unjournaled():
                raise DoorError(f"nothing was done; the journal cannot be written ({error})") from None
        if self._clock.monotonic() > by:
            if row is not None and contrary is not None:
                self._rows.write(contrary, kept=True)
            raise DoorError(_TOO_LONG)
        if row is None:
            self._follow(event)
        return row

    def cancel_pin(self) -> None:
        """Wait for nobody's PIN any more."""
        self._waiting = None
        self._cue(None)

    def _settle(self) -> None:
        """See to it that nobody is judged by a grant that is still to be taken back."""
        with contextlib.suppress(StoreBusyError):
            self._rows.settle(PATIENCE)

    def _wait_for(self, claim: Claim) -> None:
        self._waiting = (claim, self._clock.monotonic() + self._rules.pin_seconds)

    def _claim(self) -> Claim | None:
        waiting = self._waiting
        return waiting[0] if waiting is not None and self._clock.monotonic() < waiting[1] else None

    def _conclude(self, verdict: Verdict, late: Callable[[], bool]) -> Verdict:
        """Journal a verdict, open where it is a grant, and return what came of it."""
        first, *more = verdict.events
        kept = self._opens_unjournaled() and (verdict.granted or bool(first.data.get("pin")))
        row = self._rows.write(first, kept=kept, contrary=self._contrary(verdict))
        last = verdict
        if row.doubtful:
            last = _unavailable(verdict)
        elif verdict.granted:
            last = self._opened(verdict, row.number, late)
        elif row.number is None and not self._opens_unjournaled():  # a right PIN would be answered so as well
            last = _unavailable(verdict)
        with guarded("doorkeeper"):
            self._show(last)
        for event in more:  # a silent alarm, after the door so that nothing tells of it there
            self._rows.write(event, kept=True)
        if last.granted:
            with guarded("doorkeeper"):
                self._punch(first)
        return last

    def _punch(self, granted: NewEvent) -> None:
        """Journal what a grant means for attendance, once the door is told of it."""
        try:
            events = self._punches(granted, granted.at or self._clock.now())
        except StoreError as error:
            log.warning("attendance cannot be read, nobody punches", error=str(error))
            return
        for event in events:  # whoever passed has worked, whatever the journal does
            self._rows.write(event, kept=True)

    def _contrary(self, verdict: Verdict) -> Contrary | None:
        """Return what takes back a grant that was journaled after it was given up, None where nothing is."""
        if not verdict.granted or verdict.reason is Grant.EVACUATION:
            return None
        return lambda: self._judge.not_opened(verdict, Denial.STALE).events

    def _opened(self, verdict: Verdict, row: int | None, late: Callable[[], bool]) -> Verdict:
        if row is None and not self._opens_unjournaled():
            return _unavailable(verdict)
        if late():  # the journal took long; whoever it was may have gone
            return self._not_opened(verdict, row, Denial.STALE)
        if self._retired:
            return self._not_opened(verdict, row, Denial.UNAVAILABLE)
        if verdict.reason is Grant.EVACUATION:
            return verdict  # the doors are open; it is only noted who passes
        if self._rules.mode is Mode.DOOR and self._door is not None:
            denial = self._told(self._door, verdict, row)
            return verdict if denial is None else self._not_opened(verdict, row, denial)
        with guarded("doorkeeper"):
            self._let_in(verdict)
        return verdict

    def _told(self, door: DoorLoop, verdict: Verdict, row: int | None) -> Denial | None:
        """Tell the door of a grant, or return why that is not done.

        A lockdown may have begun while it was judged and journaled. One that the door takes even before the
        grant is the door's own to see: it then records what is given along, and nobody was let in.
        """
        if door.state.lockdown and not verdict.through_lockdown:
            return Denial.LOCKDOWN
        otherwise = self._judge.not_opened(verdict, Denial.LOCKDOWN).events
        pulse = Pulse(through_lockdown=verdict.through_lockdown, otherwise=otherwise)
        if not door.post(Committed(pulse, row), done=lambda: self._let_in(verdict)):
            log.error("the door takes no grant; it is stuck")
            return Denial.UNAVAILABLE
        return None

    def _not_opened(self, verdict: Verdict, row: int | None, reason: Denial) -> Verdict:
        """Take a grant back, by the way that it took itself: never before it in the journal."""
        denied = self._judge.not_opened(verdict, reason)
        for event in denied.events:
            if row is None:
                self._follow(event)
            else:
                self._rows.write(event, kept=True)
        return denied

    def _follow(self, event: NewEvent) -> None:
        """Have an event follow by the door's ring, as soon as the journal works."""
        if self._door is not None:
            self._door.record(event, event.at or self._clock.now())

    def _opens_unjournaled(self) -> bool:
        return self._door is not None and self._door.rules.open_unjournaled

    def _show(self, last: Verdict) -> None:
        if last.granted:
            self._cue(Cue.GRANTED)
        else:
            self._cue(Cue.WAITING if last.reason in _ASKS_FOR_MORE else Cue.DENIED)

    def _data(self, seen: Recognised | NotRecognised) -> dict[str, Any]:
        """Return what every access event says; `latency_ms` is from the deciding frame to here."""
        return {
            "track": seen.track,
            "frame": seen.frame,
            "frames": seen.frames,
            "latency_ms": round((self._clock.monotonic() - seen.at) * 1000),
            "people": seen.people,
            "model_version": seen.model_version,
        }


def _unavailable(verdict: Verdict) -> Verdict:
    return Verdict(reason=Denial.UNAVAILABLE, events=verdict.events, person=verdict.person)
