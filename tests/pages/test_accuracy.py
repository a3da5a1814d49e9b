import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from edge.domain.events import EventType
from edge.domain.false_match import FalseMatchRow, FalseMatchTable
from edge.domain.model_in_force import ModelInForce
from edge.domain.person import Reference
from edge.domain.score import Metric, ScoreScale
from edge.domain.score_bins import ScoreBins
from edge.models.profile_file import shipped_table
from edge.office import score_study
from edge.office.score_study import StudyRun
from edge.web import thresholds
from edge.web.roles import Role
from edge.web.score_chart import score_chart
from tests.pages.conftest import Client, Open, Site
from tests.pages.site import model_in_force

DLIB = ScoreScale(Metric.EUCLIDEAN, -4.76190475, -0.380952375, 100, 0, 2)
COSINE = ScoreScale(Metric.COSINE, -23.71, 49.98, 73.69, -1, 1)


def references(count: int, of: int) -> list[Reference]:
    chance = np.random.default_rng(3)
    rows = chance.normal(size=(count, 16)).astype(np.float32) * 0.4
    return [Reference(f"r{n}", f"p{n % of}", "m", row) for n, row in enumerate(rows)]


def brute(found: list[Reference], scale: ScoreScale) -> tuple[list[float], list[float], tuple[str, str]]:
    """Compare everybody with everybody, the simple way."""
    same, other = [], []
    for one, two in itertools.combinations(found, 2):
        if scale.metric is Metric.COSINE:
            norms = np.linalg.norm(one.vector) * np.linalg.norm(two.vector)
            score = float(one.vector @ two.vector / norms)
        else:
            score = float(np.linalg.norm(one.vector - two.vector))
        if one.person_id == two.person_id:
            same.append(score)
        else:
            other.append((score, one.person_id, two.person_id))
    best = max(other) if scale.metric is Metric.COSINE else min(other)
    return same, [score for score, *_ in other], (best[1], best[2])


def done(run: StudyRun) -> score_study.Study:
    while not run.step():
        assert 0 <= run.progress < 1
    return run.result()


@pytest.mark.parametrize("scale", [DLIB, COSINE])
@pytest.mark.parametrize("slice_", [1, 700, 10**6])
def test_the_study_is_that_of_comparing_everybody(
    monkeypatch: pytest.MonkeyPatch, scale: ScoreScale, slice_: int
) -> None:
    monkeypatch.setattr(score_study, "SLICE", slice_)
    found = references(60, 23)
    study = done(StudyRun(found, scale))
    same, other, best = brute(found, scale)
    assert (study.genuine.total, study.impostor.total) == (len(same), len(other))
    assert (study.people, study.references, study.pairs, study.sampled) == (23, 60, len(other), False)
    assert set(best) == {study.closest[0].one, study.closest[0].other}
    for threshold in (-0.4, 0.2, 0.9, 1.3):
        share = sum(scale.accepts(score, threshold) for score in other) / len(other)
        assert study.impostor.accepted(threshold) == pytest.approx(share, abs=0.02)
    pairs = [frozenset({pair.one, pair.other}) for pair in study.closest]
    assert len(pairs) == len(set(pairs)) == score_study.CLOSEST


def test_beyond_so_many_pairs_some_are_chosen_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score_study, "MOST_PAIRS", 2000)
    found = references(400, 200)
    study = done(StudyRun(found, DLIB))
    again = done(StudyRun(found, DLIB))
    assert study.sampled
    assert study.genuine.total == 200  # those of one person are all compared
    assert 1500 < study.impostor.total <= 2000
    assert study.pairs == 400 * 399 // 2 - 200
    assert (study.impostor.counts == again.impostor.counts).all()


@pytest.mark.parametrize("count", [0, 1])
def test_a_study_of_nobody_says_nothing(count: int) -> None:
    study = done(StudyRun(references(count, 1), DLIB))
    assert (study.genuine.total, study.impostor.total, study.closest) == (0, 0, ())
    assert study.impostor.accepted(0.5) is None
    assert score_chart(study, DLIB, 0.42).genuine == ""


@pytest.mark.parametrize("metric", Metric)
def test_a_threshold_accepts_what_is_closer(metric: Metric) -> None:
    bins = ScoreBins.empty(metric, 0.0, 1.0)
    bins.add(np.array([0.1, 0.2, 0.3, 0.9], np.float32))
    assert bins.accepted(0.5) == pytest.approx(0.75 if metric is Metric.EUCLIDEAN else 0.25)
    assert bins.accepted(-1) == (0 if metric is Metric.EUCLIDEAN else 1)
    assert bins.accepted(2) == (1 if metric is Metric.EUCLIDEAN else 0)
    bins.add(np.array([5.0, -5.0], np.float32))  # counted at the ends
    assert bins.total == 6
    assert sum(bins.shape(20)) == 6


def test_thresholds_go_from_loose_to_strict_with_that_in_force_among_them() -> None:
    model = model_in_force()
    rows = thresholds.rows(model, done(StudyRun(references(60, 23), DLIB)))
    percents = [row.percent for row in rows]
    assert percents == sorted(percents)
    assert model.threshold in {row.score for row in rows}
    known = [row.fpir for row in rows if row.fpir is not None]
    assert known == sorted(known, reverse=True)
    at = next(row for row in rows if row.score == model.threshold)
    assert at.fpir == model.risk(23).fpir
    assert not at.allowed


def shipped(name: str) -> ModelInForce:
    """Return a model as its profile shipped with the program says."""
    table = shipped_table(name)
    numbers = table["embedding"]
    metric = Metric(numbers["metric"])
    rates = FalseMatchTable(metric, [FalseMatchRow(**row) for row in table["false_match"]])
    scale = ScoreScale(metric, *numbers["curve"], *numbers["range"])
    door = numbers["door"]
    return replace(
        model_in_force(), name=name, scale=scale, threshold=door, advised=door, false_matches=rates
    )


@pytest.mark.parametrize(
    ("name", "hundredths"), [("dlib-resnet29", range(9800, 9960)), ("omz-0095", range(9000, 9980, 6))]
)
def test_whatever_threshold_is_in_force_it_is_among_those_shown(name: str, hundredths: range) -> None:
    model = shipped(name)
    study = done(StudyRun([], model.scale))
    attendance = shipped_table(name)["embedding"]["attendance"]
    for score in [attendance, *(model.scale.score(percent / 100) for percent in hundredths)]:
        rows = thresholds.rows(replace(model, threshold=score), study)
        assert score in {row.score for row in rows}
        assert len({row.percent for row in rows}) == len(rows)


def test_the_page_is_there_for_a_threshold_close_to_another_row(
    site: Site, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = site.app.extensions["edge"]
    model = replace(model_in_force(), threshold=0.45, advised=0.45)  # dlib's, as it takes attendance
    office = replace(parts.office, model=lambda: model)
    monkeypatch.setitem(site.app.extensions, "edge", replace(parts, office=office))
    while (answer := client.get("/accuracy")).text.count("threshold-form") == 0:
        assert answer.status_code == 200
        client.get("/accuracy/progress")
    assert answer.status_code == 200
    assert 'value="98.86"' in answer.text


def test_the_page_shows_scores_risk_and_look_alikes(visit: Open) -> None:
    page = visit("/accuracy")
    expect(page.locator("#scores .genuine")).to_have_attribute("d", re.compile("^M"))
    expect(page.locator(".tile").first).to_contain_text("32 %")
    expect(page.locator("main")).to_contain_text("A second factor is needed")
    expect(page.get_by_role("row", name=re.compile("told apart")).first).to_be_visible()


def test_the_slider_shows_what_another_threshold_would_do(visit: Open) -> None:
    page = visit("/accuracy")
    slider = page.get_by_role("slider")
    before = page.locator('[data-fact="fpir"]').inner_text()
    x = page.locator("#threshold-line").get_attribute("x1")
    slider.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    assert page.locator('[data-fact="fpir"]').inner_text() != before
    assert float(page.locator("#threshold-line").get_attribute("x1") or 0) > float(x or 0)
    assert float(page.get_by_label("Threshold in percent").input_value()) > 99.0
    page.get_by_label("Threshold in percent").fill("99.00")
    expect(page.locator('[data-fact="fpir"]')).to_have_text(before)


def test_a_new_threshold_is_asked_about_written_down_and_can_be_taken_back(site: Site, visit: Open) -> None:
    page = visit("/accuracy")
    page.get_by_label("Threshold in percent").fill("99.25")
    page.get_by_role("button", name="Change the threshold").click()
    page.get_by_role("dialog").get_by_role("button", name="Change the threshold").click()
    expect(page.locator(".banner.ok")).to_contain_text("The threshold is changed.")
    expect(page.locator("main")).to_contain_text("A threshold of 99.25 % is chosen")
    event = site.store.journal.events(type=EventType.ADMIN_SETTINGS_CHANGED)[-1]
    assert event.data == {"keys": {"recognition.threshold_percent": 99.25}, "actor": "admin:yui"}
    file = site.made.database.parent / "page.toml"
    assert "threshold_percent = 99.25" in file.read_text("utf-8")
    page.get_by_role("button", name="Take the change back").click()
    expect(page.locator(".banner.ok")).to_contain_text("The change is taken back.")
    expect(page.locator("main")).not_to_contain_text("is chosen")
    assert "threshold_percent" not in file.read_text("utf-8")


def test_enter_asks_about_the_new_threshold_and_takes_none_back(
    site: Site, client: Client, visit: Open
) -> None:
    assert client.post("/accuracy/threshold", {"percent": "98"}).status_code == 303
    page = visit("/accuracy")
    page.get_by_label("Threshold in percent").fill("99")
    page.get_by_label("Threshold in percent").press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    waiting = site.app.extensions["edge"].office.settings.waiting
    assert waiting()["recognition.threshold_percent"] == 98
    page.get_by_role("dialog").get_by_role("button", name="Change the threshold").click()
    expect(page.locator("main")).to_contain_text("A threshold of 99.00 % is chosen")
    client.post("/accuracy/threshold", {"act": "undo"})
    assert waiting().get("recognition.threshold_percent") is None


@pytest.mark.parametrize(
    ("percent", "status"),
    [("100.5", 422), ("12", 422), ("nan", 422), ("inf", 422), ("much", 400), ("1e9", 422)],
)
def test_a_threshold_that_is_none_changes_nothing(
    site: Site, client: Client, percent: str, status: int
) -> None:
    client.get("/accuracy")
    before = len(site.store.journal.events(type=EventType.ADMIN_SETTINGS_CHANGED))
    assert client.post("/accuracy/threshold", {"percent": percent}).status_code == status
    assert len(site.store.journal.events(type=EventType.ADMIN_SETTINGS_CHANGED)) == before


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
def test_scores_are_for_admins(site: Site, client: Client, role: Role) -> None:
    site.as_role(role)
    assert client.get("/accuracy").status_code == 403
    assert client.get("/accuracy/progress").status_code == 403
    assert client.post("/accuracy/threshold", {"percent": "99"}).status_code == 403


def test_while_it_is_computed_the_page_waits(
    site: Site, visit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.web.accuracy_desk.TURN", 0.0)
    monkeypatch.setattr(score_study, "SLICE", 2000)
    person = site.store.people.people()[0]
    site.store.people.update(person, actor="admin:mori")
    desk = site.app.extensions["edge"].office.accuracy
    monkeypatch.setattr(desk, "_key", None)
    page = visit("/accuracy")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("#scores")).to_be_visible(timeout=20_000)
