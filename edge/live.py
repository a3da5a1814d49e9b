"""Frames in, decisions out: faces are followed, their good frames compared, each track decided once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.domain.face import Box, Detection, Face, Frame
from edge.domain.gallery import Gallery
from edge.domain.quality import QualityLimits, QualityReason, judge
from edge.domain.recognise import (
    Cooldown,
    RecognitionRules,
    TrackDecision,
    TrackEvidence,
    judge_probe,
)
from edge.domain.score import ScoreScale
from edge.domain.track import SURE, Track, Tracker, TrackRules
from edge.gaze import Gaze
from edge.pipeline import StillPipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRules:
    """What decides on tracks.

    `faces_at_once` is how many faces are followed, the largest first. A person, and nobody for one reason, is
    told again only after `cooldown` seconds.
    """

    scale: ScoreScale
    recognition: RecognitionRules
    quality: QualityLimits
    track: TrackRules
    faces_at_once: int
    cooldown: float


@dataclass(frozen=True, slots=True)
class Finding:
    """A decision to be told: of which track, at which frame number, in a gallery of how many people."""

    track: int
    decision: TrackDecision
    frame: int
    people: int


@dataclass(frozen=True, slots=True)
class Watched:
    """A face that is followed: where and when it was last seen, and as whom it was recognised, if it was.

    `decided` says that it was said to be somebody, or nobody; `hint` what was wrong with it when it was last
    judged, None where nothing was.
    """

    track: int
    box: Box
    seen: float
    person_id: str | None
    decided: bool = False
    hint: QualityReason | None = None


class LivePipeline:
    """The pipeline of a camera, for one thread; times are those of the frames, and only grow.

    `faces` counts the faces followed so far, once a frame, and `tracks` the tracks that began.
    """

    def __init__(self, *, pipeline: StillPipeline, gaze: Gaze, gallery: Gallery, rules: LiveRules) -> None:
        self._pipeline = pipeline
        self._gaze = gaze
        self._gallery = gallery
        self._rules = rules
        self._tracker = Tracker(rules.track)
        self._evidence: dict[int, TrackEvidence] = {}
        self._hints: dict[int, QualityReason | None] = {}
        self._waiting: dict[int, TrackDecision] = {}  # recognised while their person's cooldown ran
        self._cooldown = Cooldown(rules.cooldown)
        self._number = 0
        self.faces = 0
        self.tracks = 0

    @property
    def watched(self) -> tuple[Watched, ...]:
        """Return the faces that are followed, those longest in view first."""
        return tuple(self._watched(track, track.detection.box) for track in self._tracker.tracks)

    def in_view(self, at: float) -> tuple[Watched, ...]:
        """Return the same with where each face should be at `at`: for whoever draws it over a frame."""
        return tuple(self._watched(track, track.expected(at)) for track in self._tracker.tracks)

    def _watched(self, track: Track, box: Box) -> Watched:
        return Watched(
            track.id,
            box,
            track.seen,
            self._recognised(track.id),
            self._decided(track.id),
            self._hints.get(track.id),
        )

    def throttle(self, rate: float) -> None:
        """Do only this share, 0 to 1, of the full work, as heat allows."""
        self._gaze.rate = rate

    def step(self, frame: Frame) -> list[Finding]:
        """Return what a frame decides."""
        self._number = frame.number
        tracks = self._tracker.tracks
        detections = self._gaze.look(frame, tracks, self._undecided(tracks))
        if detections is None:
            return []
        update = self._tracker.update(self._largest(detections), frame.at)
        self.faces += len(update.seen)
        self.tracks += sum(track.frames == 1 for track in update.seen)
        told = self._end(update.ended, frame.at)
        probes: list[tuple[int, Face]] = []
        for track in update.seen:
            evidence = self._evidence.setdefault(
                track.id, TrackEvidence(self._rules.scale, self._rules.recognition)
            )
            if track.leap > SURE:
                evidence.doubt()
            if not evidence.wants_probe(frame.at):
                continue
            face = self._pipeline.face(frame.picture, track.detection)
            quality = judge(face.figures, self._rules.quality)
            evidence.see(frame.at, quality)
            self._hints[track.id] = None if quality.ok else quality.reasons[0]
            if quality.ok:
                probes.append((track.id, face))
        return told + self._compare(probes, frame.at)

    def finish(self, at: float) -> list[Finding]:
        """End every track, as when the film is over or the camera lost; return what is left to be told."""
        told = self._end(list(self._evidence), at)
        self._tracker = Tracker(self._rules.track)
        return told

    def _undecided(self, tracks: Sequence[Track]) -> int:
        return sum(not self._decided(track.id) for track in tracks)

    def _decided(self, track: int) -> bool:
        return track in self._evidence and self._evidence[track].decided

    def _recognised(self, track: int) -> str | None:
        return self._evidence[track].recognised if track in self._evidence else None

    def _largest(self, detections: Sequence[Detection]) -> list[Detection]:
        by_size = sorted(detections, key=lambda found: found.box.area, reverse=True)
        return by_size[: self._rules.faces_at_once]

    def _compare(self, probes: Sequence[tuple[int, Face]], at: float) -> list[Finding]:
        if not probes:
            return []
        snapshot = self._gallery.snapshot
        told: list[Finding] = []
        vectors = self._pipeline.embed([face for _, face in probes])
        for (track, _), vector in zip(probes, vectors, strict=True):
            candidates = snapshot.search(vector, count=2)
            judgement = judge_probe(candidates, self._rules.scale, self._rules.recognition)
            evidence = self._evidence[track]
            decision = evidence.add(at, judgement)
            again = judgement.accepted and candidates[0].person_id == evidence.recognised
            if decision is None and again and track in self._waiting:
                decision = replace(self._waiting[track], at=at)
            told += self._tell(track, decision, at, snapshot.people)
        return told

    def _end(self, tracks: Sequence[int], at: float) -> list[Finding]:
        told: list[Finding] = []
        for track in tracks:
            self._waiting.pop(track, None)
            self._hints.pop(track, None)
            evidence = self._evidence.pop(track, None)
            if evidence is not None:
                told += self._tell(track, evidence.end(at), at, self._gallery.snapshot.people)
        return told

    def _tell(self, track: int, decision: TrackDecision | None, at: float, people: int) -> list[Finding]:
        if decision is None:
            return []
        self._waiting.pop(track, None)
        if not self._cooldown.passes(decision.person_id or f"nobody: {decision.reason}", at):
            if decision.person_id is not None:
                self._waiting[track] = decision
            return []
        return [Finding(track, decision, self._number, people)]
