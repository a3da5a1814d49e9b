"""The text format, character by character."""

import pytest

from edge.domain.exposition import Family, Sample, exposition
from edge.domain.latency import Latencies


def test_a_page_is_what_the_format_says() -> None:
    page = exposition(
        [
            Family("edge_up_seconds", "gauge", "Since\nthe start \\ begin.", [Sample(1.5)]),
            Family("edge_empty", "gauge", "Nothing.", []),
            Family(
                "edge_events_total",
                "counter",
                "Events.",
                [Sample(3, {"type": 'a"b\\c\nd', "who": "写"}), Sample(0, {"type": "x"})],
            ),
        ]
    )
    assert page == (
        "# HELP edge_up_seconds Since\\nthe start \\\\ begin.\n"
        "# TYPE edge_up_seconds gauge\n"
        "edge_up_seconds 1.5\n"
        "# HELP edge_events_total Events.\n"
        "# TYPE edge_events_total counter\n"
        'edge_events_total{type="a\\"b\\\\c\\nd",who="写"} 3\n'
        'edge_events_total{type="x"} 0\n'
    )


def test_a_histogram_has_cumulative_buckets_up_to_all_a_sum_and_a_count() -> None:
    spent = Latencies().with_one(0.001).with_one(0.0011).with_one(0.3).with_one(7)
    page = exposition([Family("t_seconds", "histogram", "Time.", [Sample(spent, {"stage": "embed"})])])
    lines = page.splitlines()[2:]
    assert lines[:2] == [
        't_seconds_bucket{stage="embed",le="0.001"} 1',
        't_seconds_bucket{stage="embed",le="0.0025"} 2',
    ]
    assert lines[-5:] == [
        't_seconds_bucket{stage="embed",le="1"} 3',
        't_seconds_bucket{stage="embed",le="2.5"} 3',
        't_seconds_bucket{stage="embed",le="+Inf"} 4',
        't_seconds_sum{stage="embed"} 7.3021',
        't_seconds_count{stage="embed"} 4',
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(float("inf"), "+Inf"), (float("-inf"), "-Inf"), (float("nan"), "NaN"), (1e21, "1e+21"), (True, "1")],
)
def test_numbers_are_written_as_the_scraper_reads_them(value: float, text: str) -> None:
    assert exposition([Family("x", "gauge", "X.", [Sample(value)])]).splitlines()[-1] == f"x {text}"


@pytest.mark.parametrize("name", ["", "1x", "a-b", "a b", "ä"])
def test_a_name_that_would_spoil_the_page_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name for Prometheus"):
        Family(name, "gauge", "X.", [])


@pytest.mark.parametrize("label", ["le", "__name__", "a-b", ""])
def test_a_label_that_would_spoil_the_page_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="no label for Prometheus"):
        Family("x", "gauge", "X.", [Sample(1, {label: "v"})])


def test_a_histogram_holds_latencies_and_nothing_else_does() -> None:
    with pytest.raises(ValueError, match="a gauge with Latencies"):
        Family("x", "gauge", "X.", [Sample(Latencies())])
    with pytest.raises(ValueError, match="a histogram with int"):
        Family("x", "histogram", "X.", [Sample(1)])
