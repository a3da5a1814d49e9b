"""The moment as pages see it, put together: the live picture, new events, pictures from outside."""

from dataclasses import dataclass

from edge.bootstrap.examine import build_examiner
from edge.config import Settings
from edge.errors import NotFoundError
from edge.examiner import ChildExaminer
from edge.live_events import LiveEvents
from edge.live_view import LiveWindow
from edge.ports import Clock, Store


@dataclass(frozen=True, slots=True, eq=False)
class LiveParts:
    """What tells of the moment; `fd` is the end of the live picture that vision children inherit."""

    window: LiveWindow
    events: LiveEvents
    examiner: ChildExaminer
    fd: int

    def close(self) -> None:
        """Let nobody look any longer, and examine nothing more; may be called twice."""
        self.events.close()
        self.window.close()
        self.examiner.close()


def build_live(settings: Settings, store: Store, clock: Clock) -> LiveParts:
    """Return the moment, listening."""

    def name_of(person_id: str) -> str | None:
        try:
            return store.people.find(person_id).name
        except NotFoundError:
            return None

    window = LiveWindow(clock.monotonic, name_of)
    examiner = build_examiner(settings)
    examiner.open()
    return LiveParts(window, LiveEvents(store.journal, clock.monotonic), examiner, window.open())
