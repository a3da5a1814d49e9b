from datetime import UTC
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask

from edge.domain.box_load import BoxLoad
from edge.domain.door_view import DoorView
from edge.domain.events import Instant
from edge.web.app import Account, create_admin_app
from edge.web.parts import WebParts
from edge.web.roles import Role


def application(role: Role) -> Flask:
    parts = WebParts(
        device="porch",
        language="en",
        people=cast("Any", SimpleNamespace()),
        events=cast("Any", SimpleNamespace(last_seq=lambda: 0, events=lambda **_: [])),
        clock=cast("Any", SimpleNamespace(now=lambda: Instant(0.0, 0, trusted=True))),
        health=dict,
        zone=UTC,
        query=cast("Any", SimpleNamespace(newest=lambda *_, **__: [], count=lambda _: 0)),
        doors=cast("Any", SimpleNamespace(status=lambda: (DoorView(door="door"),))),
        box=cast("Any", SimpleNamespace(read=BoxLoad)),
    )
    return create_admin_app(parts, lambda: Account("yui", role))


def test_nobody_sees_a_page_without_login() -> None:
    assert application(Role.PUBLIC).test_client().get("/").status_code == 401
    assert application(Role.KIOSK).test_client().get("/").status_code == 403
    assert application(Role.VIEWER).test_client().get("/").status_code == 200


@pytest.mark.parametrize(("accepts", "title"), [("en", "Dashboard"), ("ja", "ダッシュボード")])
def test_the_browser_chooses_the_language(accepts: str, title: str) -> None:
    answer = application(Role.ADMIN).test_client().get("/", headers={"Accept-Language": accepts})
    assert f"<h1>{title}</h1>" in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
