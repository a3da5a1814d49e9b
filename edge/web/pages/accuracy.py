"""How well the terminal tells this site's people apart, and what another threshold would do."""

import json
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, flash, g, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as AnyResponse

from edge.domain.event_filter import EventFilter
from edge.domain.events import EventType
from edge.domain.model_in_force import ModelInForce
from edge.errors import ConfigError
from edge.office.score_study import Study
from edge.web import thresholds
from edge.web.days import bounds, next_day, today
from edge.web.margins import margins
from edge.web.parts import office, parts
from edge.web.request_show import names, words
from edge.web.roles import Role, allows
from edge.web.score_chart import score_chart
from edge.web.session_gate import fresh

accuracy = Blueprint("accuracy", __name__, url_prefix="/accuracy")

READ = 5000  # events of a day or week that are looked at
WEEK = 7


@accuracy.get("")
@allows(Role.ADMIN)
def show() -> str:
    """Show the study, or how far it is."""
    model = office().model()
    if model is None:
        return render_template("accuracy/nothing.html")
    look = office().accuracy.look(model)
    if look.study is None:
        return render_template("accuracy/working.html", progress=look.progress)
    return _page(model, look.study)


@accuracy.get("/progress")
@allows(Role.ADMIN)
def progress() -> Response:
    """Carry the study on, and say how far it is."""
    model = office().model()
    if model is None:
        raise NotFound
    look = office().accuracy.look(model)
    return jsonify(progress=look.progress, done=look.study is not None)


@accuracy.post("/threshold")
@allows(Role.ADMIN)
@fresh
def change() -> AnyResponse | tuple[str, int]:
    """Change the threshold for the next start, or take such a change back."""
    model = office().model()
    if model is None:
        raise NotFound
    wanted = _percent()
    try:
        if wanted is not None:
            model.scale.score(wanted)  # refuses what no score or every score reaches
        keys = {("recognition", "threshold_percent"): wanted}
        office().settings.change(keys, actor=g.account.actor)
    except ConfigError as error:
        look = office().accuracy.look(model)
        if look.study is None:
            raise
        return _page(model, look.study, problem=str(error)), 422
    done = (
        "The change is taken back. The threshold stays as it is."
        if wanted is None
        else "The threshold is changed. It is in force after a restart of the terminal."
    )
    flash(words(done), "ok")
    return redirect(url_for("accuracy.show"), 303)


def _page(model: ModelInForce, study: Study, problem: str = "") -> str:
    rows = thresholds.rows(model, study)
    chart = score_chart(study, model.scale, model.threshold)
    at = next(number for number, one in enumerate(rows) if one.score == model.threshold)
    named: list[dict[str, Any]] = [
        {"one": names()(pair.one), "other": names()(pair.other), "ids": (pair.one, pair.other), "row": pair}
        for pair in study.closest
    ]
    return render_template(
        "accuracy/page.html",
        model=model,
        study=study,
        risk=model.risk(study.people),
        chart=chart,
        rows=rows,
        rows_json=json.dumps([{**asdict(one), "x": chart.x(one.score)} for one in rows]),
        at=at,
        few=rows[:: max(1, len(rows) // 8)],
        closest=named,
        today=margins(_events(1, EventType.ACCESS_GRANTED, EventType.ACCESS_DENIED)),
        strangers=margins(_events(WEEK, EventType.ACCESS_DENIED)).strangers / WEEK,
        waiting=office().settings.waiting().get("recognition.threshold_percent"),
        problem=problem,
    )


def _events(days: int, *kinds: EventType) -> list[Any]:
    zone = parts().zone
    day = today(parts().clock.now().wall, zone)
    begin, end = bounds(next_day(day, 1 - days), day, zone)
    which = EventFilter(types=frozenset(kinds), begin=begin, end=end)
    return parts().query.newest(which, limit=READ)


def _percent() -> float | None:
    """Return the percent of the form, None where a change is taken back."""
    text = request.form.get("percent", "").strip()
    if request.form.get("act") == "undo":
        return None
    try:
        return float(text)
    except ValueError:
        raise BadRequest from None
