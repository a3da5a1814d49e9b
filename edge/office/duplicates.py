"""Two entries that are one person: how much alike they are, and what becomes of their references."""

from collections.abc import Sequence

import numpy as np

from edge.domain.enrolment import best_score, pair_scores
from edge.domain.person import Person, Reference
from edge.domain.score import ScoreScale
from edge.ports import PeopleReader, PeopleRoll


class Duplicates:
    """Makes one person of two; at most `most` references of one person are kept."""

    def __init__(self, people: PeopleReader, roll: PeopleRoll, *, most: int) -> None:
        self._people = people
        self._roll = roll
        self._most = most

    def likeness(self, one: str, other: str, version: str, scale: ScoreScale) -> float | None:
        """Return the best score between two people's references, None where one of them has none."""
        mine, theirs = (_of(self._people.references_of(person), version) for person in (one, other))
        if not mine or not theirs:
            return None
        scores = pair_scores(
            scale.metric, *(np.stack([reference.vector for reference in side]) for side in (mine, theirs))
        )
        return best_score(scale, [float(score) for score in scores.ravel()])

    def merge(self, kept: str, gone: str, *, actor: str) -> Person:
        """Make `gone` part of `kept`, whose own references come first; the newest of the others follow.

        Raises NotFoundError, ConflictError.
        """
        mine = self._people.references_of(kept)
        moved: list[str] = []
        for version in sorted({one.model_version for one in self._people.references_of(gone)}):
            room = max(self._most - len(_of(mine, version)), 0)
            newest = sorted(_of(self._people.references_of(gone), version), key=lambda one: one.created)
            moved += [one.id for one in newest[len(newest) - min(room, len(newest)) :]]
        return self._roll.merge(kept=kept, gone=gone, references=frozenset(moved), actor=actor)


def _of(references: Sequence[Reference], version: str) -> list[Reference]:
    return [one for one in references if one.model_version == version]
