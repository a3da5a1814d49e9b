import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.false_match import UNKNOWN, FalseMatchRow, FalseMatchTable, fpir, largest_gallery
from edge.domain.score import Metric, ScoreScale

# Measured with the ONNX form of dlib's net on LFW and two groups of Asian people.
DISTANCES = FalseMatchTable(
    Metric.EUCLIDEAN,
    (
        FalseMatchRow("LFW", 0.60, 0.0124, 3000),
        FalseMatchRow("LFW", 0.50, 0.0004, 3000),
        FalseMatchRow("LFW", 0.45, 0.0, 3000),
        FalseMatchRow("LFW", 0.42, 0.0, 3000),
        FalseMatchRow("Japanese", 0.60, 0.336, 1830),
        FalseMatchRow("Japanese", 0.50, 0.041, 1830),
        FalseMatchRow("Japanese", 0.42, 0.0024, 1830),
        FalseMatchRow("East Asian", 0.60, 0.430, 1326),
        FalseMatchRow("East Asian", 0.42, 0.0077, 1326),
        FalseMatchRow("London", 0.60, 0.0107),
        FalseMatchRow("London", 0.45, 0.0),
    ),
)
COSINES = FalseMatchTable(
    Metric.COSINE,
    (
        FalseMatchRow("LFW", 0.40, 0.0003, 3000),
        FalseMatchRow("Japanese", 0.40, 0.015, 1830),
        FalseMatchRow("Japanese", 0.50, 0.0, 1830),
        FalseMatchRow("Japanese", 0.60, 0.0, 1830),
        FalseMatchRow("East Asian", 0.40, 0.042, 1326),
        FalseMatchRow("East Asian", 0.50, 0.0023, 1326),
        FalseMatchRow("East Asian", 0.60, 0.0, 1326),
    ),
)


def test_at_a_measured_threshold_the_worst_groups_rate_counts_as_measured() -> None:
    worst = DISTANCES.worst(0.42)
    assert (worst.rate, worst.bound, worst.known) == (0.0107, True, True)  # London's next looser row
    without_london = FalseMatchTable(
        Metric.EUCLIDEAN, tuple(row for row in DISTANCES.rows if row.group != "London")
    )
    worst = without_london.worst(0.42)
    assert (worst.group, worst.rate, worst.bound, worst.known) == ("East Asian", 0.0077, False, True)


def test_a_threshold_that_went_through_percent_and_back_is_the_measured_one() -> None:
    dlib = ScoreScale(Metric.EUCLIDEAN, -4.76190475, -0.380952375, 100.0, 0.0, 2.0)
    threshold = dlib.score(99.0)
    assert threshold > 0.42
    table = FalseMatchTable(Metric.EUCLIDEAN, tuple(row for row in DISTANCES.rows if row.group != "London"))
    assert table.worst(threshold) == table.worst(0.42)
    assert not table.worst(threshold).bound


def test_between_rows_the_next_looser_one_is_an_upper_bound() -> None:
    assert DISTANCES.worst(0.55).rate == 0.43
    assert DISTANCES.worst(0.55).bound
    worst = COSINES.worst(0.45)
    assert (worst.group, worst.rate, worst.bound) == ("East Asian", 0.042, True)


def test_stricter_than_every_row_the_strictest_one_is_an_upper_bound() -> None:
    assert COSINES.worst(0.9) == COSINES.worst(0.7)
    assert COSINES.worst(0.9).bound


def test_no_match_in_n_pairs_counts_as_three_in_n() -> None:
    worst = COSINES.worst(0.6)
    assert worst.group == "East Asian"
    assert worst.rate == pytest.approx(3 / 1326)
    assert worst.bound


def test_looser_than_every_row_nothing_is_known() -> None:
    for table, threshold in ((DISTANCES, 0.61), (COSINES, 0.39), (COSINES, math.nan)):
        assert table.worst(threshold) == UNKNOWN
        assert table.worst(threshold).rate == 1.0
        assert not table.worst(threshold).known


def test_no_rows_or_rows_that_say_nothing_are_no_evidence() -> None:
    assert FalseMatchTable(Metric.COSINE, ()).worst(0.5) == UNKNOWN
    silent = FalseMatchTable(Metric.COSINE, (FalseMatchRow("London", 0.5, 0.0),))
    assert silent.worst(0.5) == UNKNOWN
    both = FalseMatchTable(Metric.COSINE, (*silent.rows, FalseMatchRow("LFW", 0.5, 0.001, 3000)))
    assert (both.worst(0.5).group, both.worst(0.5).rate) == ("LFW", 0.001)


def test_a_group_measured_only_at_stricter_thresholds_does_not_let_a_better_one_stand_for_it() -> None:
    table = FalseMatchTable(
        Metric.EUCLIDEAN,
        (FalseMatchRow("LFW", 0.6, 0.01, 3000), FalseMatchRow("Japanese", 0.5, 0.04, 1830)),
    )
    assert table.worst(0.6) == UNKNOWN
    assert table.worst(0.5).group == "Japanese"


@given(st.floats(0.2, 0.6), st.floats(0.2, 0.6))
def test_a_stricter_threshold_never_has_a_higher_rate_here(first: float, second: float) -> None:
    strict, loose = sorted((first, second))
    measured = FalseMatchTable(Metric.EUCLIDEAN, tuple(row for row in DISTANCES.rows if row.group != "LFW"))
    assert measured.worst(strict).rate <= measured.worst(loose).rate


@pytest.mark.parametrize(("people", "expected"), [(100, 0.2136), (500, 0.6993), (1, 0.0024), (0, 0.0)])
def test_fpir_grows_with_the_gallery(people: int, expected: float) -> None:
    assert fpir(0.0024, people) == pytest.approx(expected, abs=1e-4)


@given(st.floats(1e-300, 1.0), st.integers(0, 60))
def test_fpir_is_exact_for_tiny_rates(rate: float, people: int) -> None:
    exact = 1 - (1 - Fraction(rate)) ** people
    assert fpir(rate, people) == pytest.approx(float(exact), rel=1e-12)


def test_fpir_of_a_rate_below_the_resolution_of_one_is_not_lost() -> None:
    assert fpir(1e-20, 1000) == pytest.approx(1e-17)
    assert fpir(1.0, 3) == 1.0
    assert fpir(1.0, 0) == 0.0


@given(st.floats(1e-9, 0.999), st.floats(1e-6, 0.999))
def test_the_largest_gallery_stays_under_the_limit_and_one_more_person_does_not(
    rate: float, limit: float
) -> None:
    people = largest_gallery(rate, limit)
    assert people is not None
    assert fpir(rate, people) <= limit < fpir(rate, people + 1)


def test_the_limits_of_the_largest_gallery() -> None:
    assert largest_gallery(0.0, 0.01) is None
    assert largest_gallery(0.5, 1.0) is None
    assert largest_gallery(1.0, 0.5) == 0
    assert largest_gallery(0.1, 0.0) == 0
    assert largest_gallery(0.01, 0.01) == 1
    assert largest_gallery(0.0077, 0.01) == 1
    assert largest_gallery(0.0024, 0.01) == 4
