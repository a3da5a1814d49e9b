import math
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.domain.score import Metric, ScoreScale, percent_text
from edge.errors import ConfigError, ModelError

DLIB = ScoreScale(Metric.EUCLIDEAN, -4.76190475, -0.380952375, 100.0, 0.0, 2.0)
JAPANESE = ScoreScale(Metric.COSINE, -23.71, 49.98, 73.69, -1.0, 1.0)
LINE = ScoreScale(Metric.COSINE, 0.0, 50.0, 50.0, -1.0, 1.0)
SCALES = (DLIB, JAPANESE, LINE, ScoreScale(Metric.EUCLIDEAN, 0.0, -25.0, 100.0, 0.0, 4.0))


def coefficient() -> st.SearchStrategy[float]:
    return st.floats(-100, 100, allow_nan=False).filter(lambda value: value == 0 or abs(value) > 1e-6)


@st.composite
def any_scale(draw: st.DrawFn) -> ScoreScale:
    low = draw(st.floats(-2, 3))
    width = draw(st.floats(0.1, 3))
    metric = draw(st.sampled_from(Metric))
    try:
        scale = ScoreScale(
            metric, draw(coefficient()), draw(coefficient()), draw(coefficient()), low, low + width
        )
    except ModelError:
        assume(False)
        raise
    assume(scale.usable[1] - scale.usable[0] > 1e-3)
    return scale


@pytest.mark.parametrize(
    ("score", "percent"),
    [
        (0.0, 73.69),
        (0.2, 82.74),
        (0.3, 86.55),
        (0.4, 89.89),
        (0.5, 92.75),
        (0.6, 95.14),
        (0.8, 98.50),
        (0.9, 99.47),
        (1.0, 99.96),
    ],
)
def test_the_curve_of_japanese_face_gives_its_published_percents(score: float, percent: float) -> None:
    assert round(JAPANESE.percent(score), 2) == percent


@pytest.mark.parametrize(
    ("percent", "score"),
    [(80, 0.1349), (85, 0.2578), (90, 0.4036), (95, 0.5934), (99, 0.8457), (99.1, 0.8560), (89.8884, 0.4)],
)
def test_the_inverse_of_japanese_face_gives_its_published_cosines(percent: float, score: float) -> None:
    assert JAPANESE.score(percent) == pytest.approx(score, abs=5e-5)


@pytest.mark.parametrize(
    ("distance", "percent"), [(0.6, 98.06), (0.3966, 99.10), (0.35, 99.28), (0.42, 99.00), (0.5, 98.62)]
)
def test_the_curve_of_dlib_gives_its_published_percents(distance: float, percent: float) -> None:
    assert round(DLIB.percent(distance), 2) == percent
    assert DLIB.score(DLIB.percent(distance)) == pytest.approx(distance, abs=1e-9)


@pytest.mark.parametrize(
    ("threshold", "passing"),
    [
        (99.0, [99.27, 99.44, 99.37, 99.16, 99.07, 99.27]),
        (99.1, [99.27, 99.44, 99.37, 99.16, 99.27]),
    ],
)
def test_the_look_alikes_of_the_published_study_pass_as_published(
    threshold: float, passing: list[float]
) -> None:
    pairs = [98.97, 99.27, 99.44, 98.87, 99.37, 99.16, 99.07, 99.27]
    limit = DLIB.score(threshold)
    assert [percent for percent in pairs if DLIB.accepts(DLIB.score(percent), limit)] == passing


def test_the_inverse_of_dlib_falls_with_percent() -> None:
    assert DLIB.score(99.5) < DLIB.score(99.0) < DLIB.score(98.0)


@given(scale=any_scale(), share=st.floats(1e-3, 1))
def test_percent_to_score_and_back_is_the_same(scale: ScoreScale, share: float) -> None:
    percent = scale.least + share * (scale.most - scale.least)
    assume(scale.least + 1e-9 < percent <= scale.most)
    assert scale.percent(scale.score(percent)) == pytest.approx(percent, rel=1e-12, abs=1e-9)


@given(scale=st.sampled_from(SCALES), share=st.floats(0.001, 0.999))
def test_score_to_percent_and_back_is_the_same(scale: ScoreScale, share: float) -> None:
    low, high = scale.usable
    score = low + share * (high - low)
    assert scale.score(scale.percent(score)) == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize("a", [1e-3, 1e-6, 1e-9, 1e-12, 1e-15, -1e-15, -1e-12, -1e-6])
def test_an_almost_straight_curve_is_inverted_exactly(a: float) -> None:
    scale = ScoreScale(Metric.COSINE, a, 50.0, 50.0, -1.0, 1.0)
    assert scale.score(scale.percent(0.321)) == pytest.approx(0.321, abs=1e-9)


@given(scale=any_scale(), first=st.floats(-5, 8), second=st.floats(-5, 8))
def test_a_closer_score_never_shows_a_lower_percent(scale: ScoreScale, first: float, second: float) -> None:
    if scale.closer(first, second):
        assert scale.percent(first) >= scale.percent(second) - 1e-9


def test_the_range_is_cut_at_the_vertex() -> None:
    wide = ScoreScale(Metric.COSINE, -23.71, 49.98, 73.69, -1.0, 2.0)
    assert wide.usable == pytest.approx((-1.0, 49.98 / 47.42))
    assert wide.percent(1.5) == wide.percent(1.9) == wide.most
    bowl = ScoreScale(Metric.EUCLIDEAN, 10.0, -20.0, 90.0, 0.0, 2.0)
    assert bowl.usable == (0.0, 1.0)
    assert bowl.percent(1.7) == bowl.least == 80.0


@pytest.mark.parametrize(
    ("metric", "curve", "span"),
    [
        (Metric.COSINE, (0.0, 0.0, 90.0), (-1.0, 1.0)),
        (Metric.EUCLIDEAN, (1e-14, 1e-14, 90.0), (0.0, 2.0)),
        (Metric.COSINE, (-4.76190475, -0.380952375, 100.0), (0.0, 2.0)),  # falls with the cosine
        (Metric.EUCLIDEAN, (-23.71, 49.98, 73.69), (0.0, 1.0)),  # rises with the distance
        (Metric.COSINE, (-23.71, 49.98, 73.69), (1.06, 2.0)),  # all beyond the vertex
        (Metric.COSINE, (math.nan, 1.0, 0.0), (0.0, 1.0)),
        (Metric.COSINE, (1.0, math.inf, 0.0), (0.0, 1.0)),
        (Metric.COSINE, (0.0, 1.0, 0.0), (0.0, math.inf)),
        (Metric.COSINE, (1e308, 1e308, 0.0), (0.0, 1e10)),
        (Metric.COSINE, (0.0, 1.0, 0.0), (1.0, 1.0)),
        (Metric.COSINE, (0.0, 1.0, 0.0), (1.0, 0.0)),
    ],
)
def test_a_scale_that_never_rises_with_closeness_is_refused(
    metric: Metric, curve: tuple[float, float, float], span: tuple[float, float]
) -> None:
    with pytest.raises(ModelError) as refusal:
        ScoreScale(metric, *curve, *span)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("scale", "percent", "words"),
    [
        (JAPANESE, 99.97, "no score reaches it; give 0.01 to 99.96"),
        (JAPANESE, 0.0, "every score reaches it"),
        (JAPANESE, -3.0, "every score reaches it"),
        (DLIB, 80.0, "every score reaches it; give 80.20 to 100.00"),
        (DLIB, 100.01, "no score reaches it; give 80.20 to 100.00"),
        (DLIB, math.nan, "no score reaches it"),
        (ScoreScale(Metric.COSINE, -23.71, 49.98, 73.69, 0.0, 1.0), 73.69, "every score reaches it"),
    ],
)
def test_a_percent_that_no_score_or_every_score_reaches_is_no_threshold(
    scale: ScoreScale, percent: float, words: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        scale.score(percent)
    assert len(refusal.value.problems) == 1
    assert words in refusal.value.problems[0]


def test_the_percent_of_the_closest_score_is_a_threshold() -> None:
    assert JAPANESE.score(99.96) == pytest.approx(1.0)
    assert DLIB.score(100.0) == 0.0
    assert JAPANESE.score(JAPANESE.most) == pytest.approx(1.0)


def test_a_score_at_the_threshold_is_accepted() -> None:
    assert DLIB.accepts(0.42, 0.42)
    assert not DLIB.accepts(0.4200001, 0.42)
    assert JAPANESE.accepts(0.4, 0.4)
    assert not JAPANESE.accepts(0.3999999, 0.4)


def test_what_is_not_a_number_is_never_accepted_ahead_or_shown() -> None:
    for scale in SCALES:
        assert not scale.accepts(math.nan, 0.4)
        assert not scale.accepts(0.4, math.nan)
        assert not scale.ahead(math.nan, 0.4, 0.0)
        assert not scale.closer(math.nan, 0.4)
        with pytest.raises(ModelError, match="not a number"):
            scale.percent(math.nan)


def test_ahead_is_measured_towards_closeness() -> None:
    assert DLIB.ahead(0.25, 0.5, 0.25)
    assert not DLIB.ahead(0.25, 0.5, 0.26)
    assert not DLIB.ahead(0.5, 0.25, 0.0)
    assert JAPANESE.ahead(0.5, 0.25, 0.25)
    assert not JAPANESE.ahead(0.5, 0.25, 0.26)
    assert not JAPANESE.ahead(0.25, 0.5, 0.0)


def number(text: str) -> Decimal:
    assert text.endswith(" %")
    value = text.removesuffix(" %")
    assert len(value.partition(".")[2]) >= 2
    return Decimal(value)


@given(
    scale=st.sampled_from(SCALES),
    share=st.floats(0.01, 0.99),
    step=st.floats(-0.02, 0.02) | st.floats(-1e-6, 1e-6) | st.floats(-1e-15, 1e-15) | st.just(0.0),
)
def test_the_printed_percent_never_contradicts_the_decision(
    scale: ScoreScale, share: float, step: float
) -> None:
    low, high = scale.usable
    threshold = low + share * (high - low)
    score = threshold + step
    limit = scale.percent(threshold)
    printed = number(percent_text(score, threshold, scale))
    two_decimals = Decimal(f"{limit:.2f}")
    if scale.accepts(score, threshold):
        assert printed >= two_decimals
        assert printed >= Decimal(limit) - Decimal("1e-6")
    else:
        assert printed < two_decimals
        assert printed < Decimal(limit)
    assert float(printed) == pytest.approx(scale.percent(score), abs=0.021)


@pytest.mark.parametrize(
    ("score", "threshold", "text"),
    [
        (0.42, 0.42, "99.00 %"),
        (0.41, 0.42, "99.04 %"),
        (0.4201, 0.42, "98.9996 %"),
        (0.4200001, 0.42, "98.9999996 %"),
        (0.43, 0.42, "98.96 %"),
        (0.0, 0.42, "100.00 %"),
        (0.0, 0.0, "100.00 %"),
        (1e-12, 0.0, "99.9999999999996 %"),
        (1e-30, 0.0, "99.99 %"),  # the same percent in floating point, and still rejected
        (0.35, 0.35, "99.2834 %"),  # 99.283333…: two decimals would be below it
        (0.3501, 0.35, "99.27 %"),  # 99.28298: two decimals would show the threshold's
        (5.0, 2.0, "80.18 %"),  # beyond the end of the scale, and rejected
    ],
)
def test_decimals_are_added_where_they_are_needed(score: float, threshold: float, text: str) -> None:
    assert percent_text(score, threshold, DLIB) == text
