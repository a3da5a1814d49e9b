"""What programs may ask: tokens and scopes, people, events, doors, problems, and the document."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from edge.domain.account import AccountRole
from edge.domain.api_token import Scope
from edge.domain.events import EventType, NewEvent
from edge.web.account import Account
from edge.web.api.limits import REQUESTS, Pace
from edge.web.roles import Role
from tests.pages.site import open_site
from tests.web.secured import Browser, Secured
from tests.web.test_hostile_names import HOSTILE

PICTURE = "/9j/4AAQ"


class Program:
    """A program with a token."""

    def __init__(self, app: Flask, token: str = "") -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        return self.client.open(
            f"/api/v1{path}",
            method=method,
            base_url="https://porch:8443",
            headers={**self.headers, **more.pop("headers", {})},
            **more,
        )


NUMBERS = count(1)


def program(secured: Secured, *scopes: Scope, days: int | None = None) -> Program:
    """Return a program with a token of its own, and so at its own pace."""
    _, token = secured.tokens.make(f"ERP {next(NUMBERS)}", scopes, days=days, actor="admin:yui")
    return Program(secured.app, token)


def is_problem(answer: TestResponse, status: int) -> dict[str, Any]:
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    body: dict[str, Any] = answer.get_json(force=True)
    assert body["status"] == status
    assert body["title"]
    return body


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Any]]:
    """Return a program that may do all, and the store of the site it asks."""
    numbers = count()

    def whoever() -> Account:
        return Account(f"erp {next(numbers)}", Role.PUBLIC, "token", frozenset(Scope))  # each at its own pace

    folder = Path(tmp_path_factory.mktemp("api"))
    with open_site(folder, people=30, events=400, account=whoever) as (app, store, _):
        yield Program(app), store


def test_without_a_token_or_with_a_wrong_one_nothing_is_answered(secured: Secured) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer edge_x"},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer "},
    ):
        answer = Program(secured.app).ask("GET", "/health", headers=headers)
        is_problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_is_shown_once_and_kept_as_a_hash(secured: Secured) -> None:
    made, token = secured.tokens.make("ERP", [Scope.READ], actor="admin:yui")
    assert token.startswith("edge_")
    assert len(token) >= 43
    kept = secured.store.path.read_bytes() + secured.store.path.with_name("edge.db-wal").read_bytes()
    assert token.encode() not in kept
    assert token not in repr(secured.tokens.tokens()) + repr(made)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/health", Scope.READ),
        ("GET", "/doors", Scope.READ),
        ("GET", "/events", Scope.READ),
        ("GET", "/openapi.json", Scope.READ),
        ("POST", "/people", Scope.ENROL),
        ("POST", "/doors/unlock", Scope.DOOR),
        ("POST", "/doors/hold", Scope.DOOR),
        ("GET", "/settings", Scope.ADMIN),
    ],
)
def test_a_scope_includes_no_other(secured: Secured, method: str, path: str, scope: Scope) -> None:
    others = program(secured, *(one for one in Scope if one is not scope))
    is_problem(others.ask(method, path, json={"name": "x"} if method == "POST" else None), 403)
    right = program(secured, scope)
    assert right.ask(method, path, json={"name": "Ken"} if method == "POST" else None).status_code != 403


def test_a_token_ends_when_it_is_revoked_or_too_old(secured: Secured) -> None:
    short, long = program(secured, Scope.READ, days=1), program(secured, Scope.READ)
    secured.wait(86399)
    assert [one.ask("GET", "/health").status_code for one in (short, long)] == [200, 200]
    secured.wait(2)
    assert [one.ask("GET", "/health").status_code for one in (short, long)] == [401, 200]
    secured.tokens.revoke(secured.tokens.tokens()[1].id, actor="admin:yui")
    assert long.ask("GET", "/health").status_code == 401


def test_a_cookie_opens_nothing_here_but_the_document(secured: Secured) -> None:
    secured.join()
    browser = secured.browser()
    browser.log_in()
    assert browser.get("/api/v1/people").status_code == 403
    assert browser.client.post("/api/v1/doors/unlock", json={}, base_url=browser.base).status_code == 403
    assert browser.get("/api/v1/openapi.json").status_code == 200


def test_a_token_opens_no_page(secured: Secured) -> None:
    one = program(secured, *Scope)
    for path in ("/", "/people", "/settings", "/account"):
        assert one.client.get(path, base_url="https://porch:8443", headers=one.headers).status_code in {
            302,
            401,
        }


def test_an_act_names_the_token_in_the_journal(secured: Secured) -> None:
    answer = program(secured, Scope.ENROL).ask("POST", "/people", json={"name": "Ken"})
    assert answer.status_code == 201
    (event,) = secured.told(EventType.PERSON_ENROLLED)
    assert event["actor"].startswith("token:ERP ")


def test_too_many_requests_wait(secured: Secured) -> None:
    one = program(secured, Scope.READ)
    answers = [one.ask("GET", "/health") for _ in range(int(REQUESTS.most) + 5)]
    assert [answer.status_code for answer in answers] == [200] * int(REQUESTS.most) + [429] * 5
    is_problem(answers[-1], 429)
    assert answers[-1].headers["Retry-After"] == "1"
    secured.wait(1)
    assert one.ask("GET", "/health").status_code == 200


def test_the_pace_of_one_program_is_not_that_of_another() -> None:
    pace = Pace()
    for _ in range(int(REQUESTS.most)):
        assert pace.wait("a", 0.0) == 0.0
    assert pace.wait("a", 0.0) > 0
    assert pace.wait("b", 0.0) == 0.0


def test_people_are_added_looked_for_changed_and_forgotten(site: tuple[Program, Any]) -> None:
    one, store = site
    made = one.ask("POST", "/people", json={"name": " 森　結衣 ", "external_id": "K-1"}).get_json()["person"]
    assert made["name"] == "森 結衣"
    found = one.ask("GET", "/people", query_string={"text": "森 k-1"}).get_json()
    assert [person["id"] for person in found["people"]] == [made["id"]]
    change = {
        "valid_until": "2027-01-31T18:00:00+09:00",
        "groups": ["総務"],
        "second_factor": True,
        "consent": {"on": "2026-11-01"},
    }
    changed = one.ask("PATCH", f"/people/{made['id']}", json=change).get_json()
    assert changed["valid_until"] == "2027-01-31T09:00:00Z"
    assert (changed["groups"], changed["second_factor"], changed["name"]) == (["総務"], True, "森 結衣")
    again = one.ask(
        "PATCH", f"/people/{made['id']}", json={"valid_until": None, "consent": None, "name": None}
    )
    assert (again.get_json()["valid_until"], again.get_json()["consent"]) == (None, None)
    assert again.get_json()["groups"] == ["総務"]
    assert one.ask("DELETE", f"/people/{made['id']}").status_code == 204
    is_problem(one.ask("GET", f"/people/{made['id']}"), 404)
    assert store.journal.events(type=EventType.PERSON_REMOVED)[-1].data["actor"].startswith("token:erp")


def test_only_the_scope_admin_takes_a_safeguard_away(tmp_path: Path) -> None:
    scopes: list[Scope] = [Scope.ENROL]

    def whoever() -> Account:
        return Account("erp", Role.PUBLIC, "token", frozenset(scopes))

    with open_site(tmp_path, people=1, events=0, account=whoever) as (app, store, _):
        one, path = Program(app), f"/people/{store.people.people()[0].id}"
        marked = {"second_factor": True, "groups": ["清掃"]}  # which always asks for a PIN
        assert one.ask("PATCH", path, json=marked).status_code == 200
        lifting = ({"second_factor": False}, {"second_factor": True, "groups": ["清掃", "総務"]})
        for change in lifting:
            is_problem(one.ask("PATCH", path, json=change), 403)
        person = store.people.people()[0]
        assert (person.second_factor, person.groups) == (True, ("清掃",))
        assert one.ask("PATCH", path, json={"external_id": "K-1"}).status_code == 200
        scopes.append(Scope.ADMIN)
        for change in lifting:
            assert one.ask("PATCH", path, json=change).status_code == 200


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x", "nmae": "y"}, "nmae"),
        ({"name": "x", "allow_look_alike": "yes"}, "allow_look_alike"),
        ({"name": "x", "pictures": [{"data": "%%%"}]}, "pictures.0.data"),
        ({"name": "x", "pictures": [{"data": PICTURE}] * 11}, "pictures"),
        ([], ""),
    ],
)
def test_what_is_wrong_in_a_body_is_said_with_its_place(
    site: tuple[Program, Any], body: Any, at: str
) -> None:
    told = is_problem(site[0].ask("POST", "/people", json=body), 422)
    assert told["errors"][0]["at"] == at


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b'{"name": NaN}', b"[" * 100_000])
def test_what_is_no_json_is_said_too(site: tuple[Program, Any], data: bytes) -> None:
    answer = site[0].ask("POST", "/people", data=data, content_type="application/json")
    is_problem(answer, 422)


def test_other_problems_are_told_in_the_same_form(site: tuple[Program, Any]) -> None:
    one, store = site
    person = store.people.people()[0]
    is_problem(one.ask("GET", "/nothing"), 404)
    assert "GET" in one.ask("PUT", "/people").headers["Allow"]
    is_problem(one.ask("PUT", "/people"), 405)
    is_problem(one.ask("POST", "/people", data="x", content_type="text/plain"), 415)
    is_problem(one.ask("POST", "/people", data="x" * 10_000_000, content_type="application/json"), 413)
    is_problem(one.ask("GET", "/people/x"), 404)
    is_problem(one.ask("GET", f"/people/{person.name}"), 404)
    is_problem(
        one.ask("PATCH", f"/people/{person.id}", json={"external_id": store.people.people()[1].external_id}),
        409,
    )
    is_problem(one.ask("PATCH", f"/people/{person.id}", json={"groups": ["nobody"]}), 404)
    is_problem(one.ask("POST", "/doors/unlock", json={"seconds": 61}), 422)
    is_problem(one.ask("GET", "/attendance/days?first=2026-11-02&last=2026-11-01"), 422)
    is_problem(one.ask("GET", "/attendance/days?first=2020-01-01&last=2026-11-01"), 422)
    told = is_problem(one.ask("POST", "/people", json={"name": "x", "pictures": [{"data": PICTURE}]}), 422)
    assert told["pictures"][0]["outcome"] == "refused"


def test_events_are_read_page_by_page_either_way(site: tuple[Program, Any]) -> None:
    one, store = site
    seen, after = [], 0
    while page := one.ask("GET", "/events", query_string={"after": after, "limit": 150}).get_json()["events"]:
        seen += [int(event["sequence"]) for event in page]
        after = seen[-1]
    assert seen == sorted(set(seen))
    assert seen[-1] == store.journal.last_seq()
    newest = one.ask("GET", "/events", query_string={"limit": 2}).get_json()["events"]
    older = one.ask("GET", "/events", query_string={"limit": 1, "before": newest[1]["sequence"]}).get_json()[
        "events"
    ]
    assert [int(event["sequence"]) for event in newest + older] == seen[-1:-4:-1]


def test_events_are_chosen_by_type_person_and_time(site: tuple[Program, Any]) -> None:
    one, _ = site
    asked = {
        "type": ["access.granted", "access.denied"],
        "begin": "2026-11-26T00:00:00Z",
        "end": "2026-11-27T00:00:00Z",
    }
    found = one.ask("GET", "/events", query_string={**asked, "limit": 1000}).get_json()["events"]
    assert found
    assert {event["type"] for event in found} <= {"edge.access.granted", "edge.access.denied"}
    assert all("2026-11-26" in event["time"] for event in found)
    person = next(event["subject"] for event in found if "subject" in event)
    own = one.ask("GET", "/events", query_string={"person": person, "limit": 1000}).get_json()["events"]
    assert {event["subject"] for event in own} == {person}
    is_problem(one.ask("GET", "/events?type=nothing"), 422)
    is_problem(one.ask("GET", "/events?begin=yesterday"), 422)
    is_problem(one.ask("GET", "/events?begin=2026-11-26T00:00:00"), 422)  # no zone: nobody knows which one


def test_no_exact_score_and_no_silent_alarm_is_told(secured: Secured) -> None:
    append = secured.store.journal.append
    append(
        NewEvent(EventType.ACCESS_DENIED, None, {"reason": "unknown", "percent": 98.71, "band": "doubtful"})
    )
    append(NewEvent(EventType.ACCESS_DURESS, None, {"door": "door"}))
    told = program(secured, Scope.READ).ask("GET", "/events?limit=1000").get_json()["events"]
    assert "edge.access.duress" not in {event["type"] for event in told}
    denied = next(event for event in told if event["type"] == "edge.access.denied")
    assert "percent" not in denied["data"]
    assert denied["data"]["band"] == "doubtful"
    by_type = program(secured, Scope.READ).ask("GET", "/events?type=access.duress")
    assert by_type.get_json()["events"] == []
    office = program(secured, Scope.READ, Scope.ADMIN)
    assert len(office.ask("GET", "/events?type=access.duress").get_json()["events"]) == 1


def test_the_door_is_unlocked_locked_and_held(site: tuple[Program, Any]) -> None:
    one, _ = site
    for act in ("unlock", "lock", "hold", "release"):
        answer = one.ask("POST", f"/doors/{act}", json={})
        assert answer.status_code == 200
        assert answer.get_json()["line"]
    assert one.ask("GET", "/doors").get_json()["doors"][0]["name"] == "door"


def test_days_of_work_and_who_is_inside(site: tuple[Program, Any]) -> None:
    one, _ = site
    days = one.ask("GET", "/attendance/days?first=2026-11-20&last=2026-11-27").get_json()["days"]
    assert days
    assert {"person", "day", "came", "left", "worked", "breaks", "marks"} == set(days[0])
    inside = one.ask("GET", "/attendance/inside").get_json()["inside"]
    assert inside
    assert all(person["since"].endswith("Z") for person in inside)


def test_settings_are_shown_without_secrets(site: tuple[Program, Any]) -> None:
    found = {one["key"]: one for one in site[0].ask("GET", "/settings").get_json()["settings"]}
    assert found["device.name"]["value"] == "front-door"
    assert found["device.name"]["origin"] == "file"
    assert found["door.pulse_seconds"]["origin"] == "default"


def test_hostile_names_come_back_as_they_are(site: tuple[Program, Any]) -> None:
    one, _ = site
    for name in HOSTILE:
        answer = one.ask("POST", "/people", json={"name": name})
        if answer.status_code == 201:
            made = answer.get_json()["person"]
            assert one.ask("GET", f"/people/{made['id']}").get_json()["name"] == made["name"]
            assert answer.content_type == "application/json"
        else:
            is_problem(answer, 409)


def test_the_document_describes_every_operation_and_its_faults(site: tuple[Program, Any]) -> None:
    found = site[0].ask("GET", "/openapi.json").get_json()
    assert found["openapi"] == "3.1.0"
    served = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in site[0].client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and rule.rule != "/api/v1/openapi.json"
    }
    described = {(path, method) for path, methods in found["paths"].items() for method in methods}
    assert described == served
    for path, methods in found["paths"].items():
        for method, one in methods.items():
            assert "Scope: `" in one["description"], f"{method} {path}"
            assert {"401", "403", "422", "429", "503"} <= set(one["responses"])
    text = json.dumps(found)
    for reference in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert reference in found["components"]["schemas"]


def test_the_page_of_tokens_makes_shows_once_and_revokes(secured: Secured) -> None:
    secured.join()
    browser = secured.browser()
    browser.log_in()
    page = "/settings/tokens"
    assert browser.post(page, {"name": "x", "days": "30"}, form=page).status_code == 422
    assert browser.post(page, {"name": "a:b", "scope": "read"}, form=page).status_code == 422
    assert browser.post(page, {"name": "x", "scope": "read", "days": "-1"}, form=page).status_code == 422
    made = browser.post(page, {"name": "Payroll", "scope": ["read", "nonsense"], "days": "90"}, form=page)
    assert made.status_code == 200
    token = made.text.split('class="secret">')[1].split("<")[0]
    assert Program(secured.app, token).ask("GET", "/health").status_code == 200
    shown = browser.get(page).text
    assert token not in shown
    assert "Payroll" in shown
    (kept,) = secured.tokens.tokens()
    assert kept.scopes == {Scope.READ}
    assert browser.post(f"{page}/{kept.id}/revoke", form=page).status_code == 303
    assert Program(secured.app, token).ask("GET", "/health").status_code == 401
    assert browser.post(f"{page}/{kept.id}/revoke", form=page).status_code == 404


def test_only_an_admin_makes_tokens(secured: Secured) -> None:
    secured.join()
    secured.join("ken", AccountRole.OPERATOR)
    browser: Browser = secured.browser()
    browser.log_in("ken")
    assert browser.get("/settings/tokens").status_code == 403
    assert (
        browser.post("/settings/tokens", {"name": "x", "scope": "read"}, form="/account").status_code == 403
    )
