from collections.abc import Sequence

import pytest

from edge.domain.gallery import Candidate
from edge.domain.quality import QualityReason, QualityVerdict
from edge.domain.recognise import (
    RECHECK_SECONDS,
    SEEN_FRAMES,
    Cooldown,
    ProbeJudgement,
    RecognitionReason,
    RecognitionRules,
    TrackDecision,
    TrackEvidence,
    judge_probe,
)
from edge.domain.score import Metric, ScoreScale

DISTANCE = ScoreScale(Metric.EUCLIDEAN, 0.0, -10.0, 100.0, 0.0, 10.0)
COSINE = ScoreScale(Metric.COSINE, 0.0, 100.0, 0.0, -1.0, 1.0)
RULES = RecognitionRules(threshold=0.42, margin=0.04, agree_frames=3, fresh_seconds=2.0)
FRAME = 1 / 15
GOOD = QualityVerdict()


def near(*people: tuple[str, float]) -> list[Candidate]:
    return [
        Candidate(person_id=name, reference_id=f"reference of {name}", score=score) for name, score in people
    ]


def probe(name: str = "ann", score: float = 0.3) -> ProbeJudgement:
    return judge_probe(near((name, score), ("somebody else", 0.9)), DISTANCE, RULES)


NOBODY = probe("ann", 0.6)


class Track:
    """The evidence of one track, fed frame by frame; `decisions` is what it said."""

    def __init__(self, rules: RecognitionRules = RULES) -> None:
        self.evidence = TrackEvidence(DISTANCE, rules)
        self.at = 10.0
        self.decisions: list[TrackDecision] = []

    def see(self, *judgements: ProbeJudgement, every: float = FRAME) -> "Track":
        for judgement in judgements:
            self.at += every
            self.evidence.see(self.at, GOOD)
            decision = self.evidence.add(self.at, judgement)
            self.decisions += [decision] if decision else []
        return self

    def poor(self, *reasons: QualityReason) -> "Track":
        for reason in reasons:
            self.at += FRAME
            self.evidence.see(self.at, QualityVerdict((reason,)))
        return self

    @property
    def people(self) -> list[str | None]:
        return [decision.person_id for decision in self.decisions]


@pytest.mark.parametrize(
    ("scale", "threshold", "best", "second", "reason"),
    [
        (DISTANCE, 0.42, 0.42, 0.9, "accepted"),
        (DISTANCE, 0.42, 0.421, 0.9, "unknown"),
        (DISTANCE, 0.42, 0.30, 0.33, "below_margin"),
        (DISTANCE, 0.42, 0.30, 0.35, "accepted"),
        (COSINE, 0.60, 0.60, 0.1, "accepted"),
        (COSINE, 0.60, 0.599, 0.1, "unknown"),
        (COSINE, 0.60, 0.70, 0.67, "below_margin"),
    ],
)
def test_a_probe_is_somebody_within_the_threshold_and_ahead_of_the_second_person(
    scale: ScoreScale, threshold: float, best: float, second: float, reason: str
) -> None:
    rules = RecognitionRules(threshold, 0.04, 3, 2.0)
    judgement = judge_probe(near(("ann", best), ("bob", second)), scale, rules)
    assert judgement.reason == reason
    assert judgement.accepted == (reason == "accepted")


def test_a_probe_alone_in_the_gallery_needs_no_lead_and_an_empty_one_recognises_nobody() -> None:
    assert judge_probe(near(("ann", 0.3)), DISTANCE, RULES).accepted
    assert judge_probe([], DISTANCE, RULES).reason is RecognitionReason.EMPTY_GALLERY


@pytest.mark.parametrize("agree", [1, 3, 5])
def test_as_many_frames_as_the_rules_say_must_agree(agree: int) -> None:
    track = Track(RecognitionRules(0.42, 0.04, agree_frames=agree, fresh_seconds=2.0))
    track.see(*[probe()] * (agree - 1))
    assert track.decisions == []
    track.see(probe())
    assert track.people == ["ann"]


def test_the_decision_rests_on_the_worst_of_the_agreeing_probes() -> None:
    track = Track().see(probe(score=0.2), probe(score=0.41), probe(score=0.3))
    [decision] = track.decisions
    assert (decision.score, decision.frames, decision.reason) == (0.41, 3, RecognitionReason.ACCEPTED)
    assert decision.first_seen == pytest.approx(10.0 + FRAME)
    assert decision.at == pytest.approx(10.0 + 3 * FRAME)


@pytest.mark.parametrize(
    "other", [NOBODY, probe("bob"), judge_probe(near(("ann", 0.3), ("bob", 0.31)), DISTANCE, RULES)]
)
def test_one_probe_that_says_otherwise_makes_the_count_begin_anew(other: ProbeJudgement) -> None:
    track = Track().see(probe(), probe(), other, probe(), probe())
    assert track.decisions == []
    assert track.see(probe()).people == ["ann"]


def test_two_people_in_turn_are_neither() -> None:
    assert Track().see(*[probe("ann"), probe("bob")] * 8).decisions == []


def test_frames_that_are_not_fresh_do_not_count() -> None:
    assert Track().see(*[probe()] * 3, every=1.01).decisions == []
    assert Track().see(*[probe()] * 3, every=0.99).people == ["ann"]


def test_somebody_is_said_once_and_somebody_else_on_the_same_track_as_well() -> None:
    track = Track().see(*[probe("ann")] * 20, *[probe("bob")] * 20)
    assert track.people == ["ann", "bob"]


@pytest.mark.parametrize(
    ("probes", "every", "said"), [(5, 0.2, 0), (6, 0.02, 0), (6, 0.11, 1), (30, 0.11, 1)]
)
def test_a_stranger_is_told_once_after_twice_the_frames_and_half_a_second(
    probes: int, every: float, said: int
) -> None:
    track = Track().see(*[NOBODY] * probes, every=every)
    assert track.people == [None] * said


def test_a_stranger_is_told_the_closest_score_and_the_prevailing_reason() -> None:
    close = judge_probe(near(("ann", 0.40), ("bob", 0.41)), DISTANCE, RULES)
    track = Track().see(NOBODY, close, close, close, close, NOBODY, every=0.11)
    [decision] = track.decisions
    assert (decision.reason, decision.score) == (RecognitionReason.BELOW_MARGIN, 0.40)


def test_a_stranger_may_still_be_recognised_and_is_no_stranger_then() -> None:
    track = Track().see(*[NOBODY] * 6, every=0.11).see(*[probe()] * 3)
    assert track.people == [None, "ann"]
    assert track.evidence.recognised == "ann"


def test_who_was_recognised_is_never_told_to_be_nobody() -> None:
    assert Track().see(*[probe()] * 3).see(*[NOBODY] * 30, every=0.11).people == ["ann"]


def test_a_decided_track_is_compared_only_now_and_then_unless_the_last_probe_contradicts() -> None:
    track = Track()
    assert track.evidence.wants_probe(track.at)
    track.see(*[probe()] * 3)
    assert not track.evidence.wants_probe(track.at + 0.9 * RECHECK_SECONDS)
    assert track.evidence.wants_probe(track.at + RECHECK_SECONDS)
    track.see(NOBODY)
    assert track.evidence.wants_probe(track.at + FRAME)


def test_a_doubted_face_has_no_name_until_a_probe_gives_it_back() -> None:
    track = Track().see(*[probe()] * 3)
    track.evidence.doubt()
    assert track.evidence.recognised is None
    assert not track.evidence.decided
    assert track.evidence.wants_probe(track.at + FRAME)
    assert track.see(probe()).people == ["ann"]
    assert track.evidence.recognised == "ann"


def test_a_doubted_face_that_is_somebody_else_begins_with_nothing() -> None:
    track = Track().see(*[probe("ann")] * 3)
    track.evidence.doubt()
    track.see(probe("bob"), probe("bob"))
    assert track.evidence.recognised is None
    assert track.people == ["ann"]
    track.see(probe("bob"))
    assert track.people == ["ann", "bob"]
    assert track.decisions[1].first_seen == pytest.approx(10.0 + 4 * FRAME)


def test_what_was_gathered_before_a_doubt_helps_nobody_to_a_name() -> None:
    track = Track().see(probe(), probe())
    track.evidence.doubt()
    assert track.see(probe(), probe()).decisions == []
    assert track.see(probe()).people == ["ann"]


def test_a_stranger_who_is_doubted_at_each_look_is_told_all_the_same() -> None:
    track = Track()
    for _ in range(6):
        track.evidence.doubt()
        track.see(NOBODY, every=1.33)
    assert track.people == [None]


def test_a_face_that_was_compared_before_a_doubt_says_nothing_at_its_end() -> None:
    track = Track().see(probe()).poor(*[QualityReason.HOLD_STILL] * 9)
    track.evidence.doubt()
    assert track.evidence.end(track.at) is None


@pytest.mark.parametrize(
    ("seen", "hint"),
    [
        ([QualityReason.HOLD_STILL] * SEEN_FRAMES, QualityReason.HOLD_STILL),
        ([QualityReason.TOO_FAR] * 4 + [QualityReason.HOLD_STILL] * 3, QualityReason.TOO_FAR),
        ([QualityReason.HOLD_STILL] * (SEEN_FRAMES - 1), None),
    ],
)
def test_a_face_that_never_was_good_enough_is_told_what_would_help(
    seen: Sequence[QualityReason], hint: QualityReason | None
) -> None:
    track = Track().poor(*seen)
    decision = track.evidence.end(track.at)
    assert (decision and decision.hint) == hint
    if decision is not None:
        assert decision.reason is RecognitionReason.POOR_QUALITY
        assert (decision.person_id, decision.score, decision.frames) == (None, None, len(seen))


def test_a_face_that_was_compared_says_nothing_at_its_end() -> None:
    track = Track().poor(*[QualityReason.HOLD_STILL] * 9).see(probe())
    assert track.evidence.end(track.at) is None


def test_the_cooldown_holds_for_each_by_itself_and_begins_with_what_was_said() -> None:
    cooldown = Cooldown(10.0)
    assert cooldown.passes("ann", 0.0)
    assert cooldown.passes("bob", 4.0)
    assert not cooldown.passes("ann", 9.9)  # what was not said does not begin it anew
    assert cooldown.passes("ann", 10.0)
    assert not cooldown.passes("bob", 13.9)
    assert Cooldown(0.0).passes("ann", 0.0)
