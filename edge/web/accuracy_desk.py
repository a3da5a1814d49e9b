"""The study of the site's scores: each look carries it on a little; kept until the gallery changes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from edge.domain.model_in_force import ModelInForce
from edge.office.score_study import Study, StudyRun
from edge.ports import PeopleReader

TURN = 0.15  # seconds of one look: whoever waits for the page sees how far it is


@dataclass(frozen=True, slots=True)
class Look:
    """How far the study is; `study` is None until it is done."""

    progress: float
    study: Study | None


class AccuracyDesk:
    """Answers any number of viewers; one at a time computes, and never for longer than a turn."""

    def __init__(self, people: PeopleReader, clock: Callable[[], float]) -> None:
        self._people = people
        self._clock = clock
        self._lock = threading.Lock()
        self._key: tuple[str, int] | None = None
        self._run: StudyRun | None = None
        self._study: Study | None = None

    def look(self, model: ModelInForce) -> Look:
        """Return the study of the present gallery, or how far it is. Raises StoreError."""
        with self._lock:
            key = (model.version, self._people.generation())
            if key != self._key:
                self._key, self._study = key, None
                self._run = StudyRun(self._people.references(model.version), model.scale)
            return self._carried_on()

    def _carried_on(self) -> Look:
        if self._study is None and self._run is not None:
            end = self._clock() + TURN
            while not self._run.step():
                if self._clock() > end:
                    return Look(self._run.progress, None)
            self._study, self._run = self._run.result(), None
        return Look(1.0, self._study)
