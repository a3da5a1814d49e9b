"""Who is it: one probe against its candidates, and a track from several probes that agree."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from edge.domain.gallery import Candidate
from edge.domain.quality import QualityReason, QualityVerdict
from edge.domain.score import ScoreScale

DENY_FACTOR = 2  # times `agree_frames` probes that agree on nobody: a stranger is told later than a friend
DENY_SECONDS = 0.5  # over which these must spread: one bad moment is no stranger
SEEN_FRAMES = 6  # good or bad, from which a face that was never usable is worth a word
RECHECK_SECONDS = 1.0  # between embeddings of a track that was decided


class RecognitionReason(StrEnum):
    """Why a probe or a track is somebody, or nobody."""

    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    BELOW_MARGIN = "below_margin"
    EMPTY_GALLERY = "empty_gallery"
    POOR_QUALITY = "poor_quality"


@dataclass(frozen=True, slots=True)
class RecognitionRules:
    """When a face is somebody.

    `threshold` and `margin` are scores: of the best person, and its lead over the second-best. `agree_frames`
    probes of a track must agree, all seen within `fresh_seconds`. No defaults here: the configuration's are
    the only ones.
    """

    threshold: float
    margin: float
    agree_frames: int
    fresh_seconds: float


@dataclass(frozen=True, slots=True)
class ProbeJudgement:
    """What one probe says; `best` and `second` are the nearest two people, None where there are fewer."""

    accepted: bool
    reason: RecognitionReason
    best: Candidate | None = None
    second: Candidate | None = None


def judge_probe(
    candidates: Sequence[Candidate], scale: ScoreScale, rules: RecognitionRules
) -> ProbeJudgement:
    """Return what a probe says by its candidates: best first, one a person, two where there are."""
    if not candidates:
        return ProbeJudgement(accepted=False, reason=RecognitionReason.EMPTY_GALLERY)
    best = candidates[0]
    second = candidates[1] if len(candidates) > 1 else None
    reason = RecognitionReason.ACCEPTED
    if not scale.accepts(best.score, rules.threshold):
        reason = RecognitionReason.UNKNOWN
    elif second is not None and not scale.ahead(best.score, second.score, rules.margin):
        reason = RecognitionReason.BELOW_MARGIN
    return ProbeJudgement(reason is RecognitionReason.ACCEPTED, reason, best, second)


@dataclass(frozen=True, slots=True)
class TrackDecision:
    """What several probes of a track say together.

    `person_id` is set where they recognise somebody. `score` is the farthest of the agreeing probes, or the
    closest of those that agree on nobody; None where there was no probe. `hint` is the prevailing reason of
    poor quality. `at` is the time of the deciding frame, `frames` how many probes it rests on. `reference_id`
    is that which the last agreeing probe came closest to.
    """

    reason: RecognitionReason
    person_id: str | None
    score: float | None
    frames: int
    first_seen: float
    at: float
    hint: QualityReason | None = None
    reference_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Probe:
    at: float
    judgement: ProbeJudgement

    @property
    def person_id(self) -> str | None:
        best = self.judgement.best
        return best.person_id if self.judgement.accepted and best is not None else None


class TrackEvidence:
    """Gathers what the frames of one track say; times are those of the frames, and only grow.

    A person is recognised once: after that only somebody else is news. Being nobody is said once, and may
    still be followed by a recognition.
    """

    def __init__(self, scale: ScoreScale, rules: RecognitionRules) -> None:
        self._scale = scale
        self._rules = rules
        self._probes: deque[_Probe] = deque(maxlen=max(rules.agree_frames * DENY_FACTOR, 1))
        self._poor: Counter[QualityReason] = Counter()
        self._frames = 0
        self._first_seen: float | None = None
        self._last_probe: float | None = None
        self._nobody_since: float | None = None  # the first of the latest probes that are nobody's
        self._recognised: str | None = None
        self._denied = False
        self._doubted = False

    @property
    def recognised(self) -> str | None:
        """Return the person this track was last recognised as, None while that is in doubt."""
        return None if self._doubted else self._recognised

    @property
    def decided(self) -> bool:
        """Return whether this track was said to be somebody, or nobody, and nothing puts that in doubt."""
        return (self._recognised is not None or self._denied) and not self._doubted

    def wants_probe(self, at: float) -> bool:
        """Return whether a good face at `at` is worth embedding."""
        if self._last_probe is None or not self.decided:
            return True
        return at - self._last_probe >= RECHECK_SECONDS or self._undecided_again()

    def doubt(self) -> None:
        """Take note that the face may be somebody else's by now.

        Whom it was recognised as, the next probe confirms or not. Where it was nobody yet, no probe so far
        speaks for a name: those that come have to agree by themselves. That it was nobody's goes on to count,
        or a stranger in a hot box, doubted at each look, would never be told.
        """
        self._doubted = self._recognised is not None
        if not self._doubted:
            nobodys = [probe for probe in self._probes if probe.person_id is None]
            self._probes.clear()
            self._probes.extend(nobodys)

    def see(self, at: float, quality: QualityVerdict) -> None:
        """Count a frame in which the face was seen, good or not."""
        self._first_seen = at if self._first_seen is None else self._first_seen
        self._frames += 1
        if quality.reasons:
            self._poor[quality.reasons[0]] += 1

    def add(self, at: float, judgement: ProbeJudgement) -> TrackDecision | None:
        """Take a probe of a good face, counted by `see` before; return a new decision, if there is one."""
        self._last_probe = at
        if self._doubted:
            self._settle(at, judgement)
        self._probes.append(_Probe(at, judgement))
        if judgement.accepted:
            self._nobody_since = None
        elif self._nobody_since is None:
            self._nobody_since = at
        return self._recognition(at) or self._denial(at)

    def end(self, at: float) -> TrackDecision | None:
        """Return what is to be said of a track that ends: that a face was seen for long and never usable."""
        compared = self._last_probe is not None
        if self._recognised or self._denied or compared or self._frames < SEEN_FRAMES:
            return None
        reason = RecognitionReason.POOR_QUALITY
        hint = self._poor.most_common(1)[0][0] if self._poor else None
        return TrackDecision(reason, None, None, self._frames, self._began(at), at, hint)

    def _recognition(self, at: float) -> TrackDecision | None:
        wanted = self._rules.agree_frames
        latest = list(self._probes)[-wanted:]
        person_id = latest[-1].person_id
        agree = len(latest) == wanted and all(probe.person_id == person_id for probe in latest)
        fresh = at - latest[0].at <= self._rules.fresh_seconds
        if person_id is None or not agree or not fresh or person_id == self._recognised:
            return None
        self._recognised = person_id
        score = self._farthest([probe.judgement.best.score for probe in latest if probe.judgement.best])
        closest = latest[-1].judgement.best
        return TrackDecision(
            RecognitionReason.ACCEPTED,
            person_id,
            score,
            wanted,
            self._began(at),
            at,
            reference_id=closest.reference_id if closest is not None else None,
        )

    def _denial(self, at: float) -> TrackDecision | None:
        probes = list(self._probes)
        if self._recognised or self._denied or len(probes) < self._rules.agree_frames * DENY_FACTOR:
            return None
        if any(probe.judgement.accepted for probe in probes):
            return None
        if self._nobody_since is None or at - self._nobody_since < DENY_SECONDS:
            return None
        self._denied = True
        reason = Counter(probe.judgement.reason for probe in probes).most_common(1)[0][0]
        scores = [probe.judgement.best.score for probe in probes if probe.judgement.best]
        return TrackDecision(reason, None, self._closest(scores), len(probes), self._began(at), at)

    def _settle(self, at: float, judgement: ProbeJudgement) -> None:
        """End a doubt: the same person as before, or somebody of whom nothing is known yet."""
        self._doubted = False
        if _Probe(at, judgement).person_id != self._recognised:
            self._probes.clear()
            self._poor.clear()
            self._frames, self._first_seen = 1, at
            self._nobody_since = self._recognised = None

    def _undecided_again(self) -> bool:
        """Return whether the last probe contradicts what was decided, so that the next ones matter."""
        return bool(self._probes) and self._probes[-1].person_id != self._recognised

    def _began(self, at: float) -> float:
        return at if self._first_seen is None else self._first_seen

    def _farthest(self, scores: Sequence[float]) -> float | None:
        ordered = self._by_closeness(scores)
        return ordered[-1] if ordered else None

    def _closest(self, scores: Sequence[float]) -> float | None:
        ordered = self._by_closeness(scores)
        return ordered[0] if ordered else None

    def _by_closeness(self, scores: Sequence[float]) -> list[float]:
        return sorted(scores, reverse=self._scale.closer(1.0, 0.0))


class Cooldown:
    """Lets the same thing be said again only after a while; times only grow."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: dict[str, float] = {}

    def passes(self, what: str, at: float) -> bool:
        """Return whether `what` may be said at `at`, and take it as said if so."""
        self._last = {key: said for key, said in self._last.items() if at - said < self._seconds}
        if what in self._last:
            return False
        self._last[what] = at
        return True
