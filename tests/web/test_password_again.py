"""Where the password is asked for once more, and where the browser is led from there."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from edge.domain.account import AccountRole
from edge.errors import BackupError
from edge.web.upload_slot import UploadSlot
from tests.web.secured import PASSWORD, Browser, Secured

SOMEBODY = "0" * 26
MATTERS = [
    ("/settings/clock", {"act": "vouch"}),
    ("/settings/backup/drop", {}),
    ("/access/schedule/remove", {"name": "office"}),
    ("/access/groups/remove", {"name": "office"}),
    ("/access/holidays/remove", {"name": "new year", "first": "2027-01-01"}),
    ("/attendance/inside", {}),
    (f"/people/{SOMEBODY}/references/{SOMEBODY}/remove", {}),
    (f"/people/{SOMEBODY}/events/1/dispute", {"remove": "1"}),
]
DOES_NOT = [
    ("/attendance/inside", {"person": SOMEBODY}),
    (f"/people/{SOMEBODY}/events/1/dispute", {"remove": "", "void": "1"}),
]


class Backups:
    """Takes no backup for a good one."""

    def waiting(self) -> None:
        return None

    def put_back(self, path: Path, passphrase: str, *, actor: str) -> None:
        del passphrase, actor
        raise BackupError(f"backup: {path.stat().st_size} bytes, and the passphrase is wrong")


@pytest.fixture
def restoring(secured: Secured, yui: Browser, tmp_path: Path) -> Browser:
    """Return the browser of an admin at a terminal that takes backups."""
    office = SimpleNamespace(upload=UploadSlot(tmp_path), backups=Backups(), restart=None)
    parts = secured.app.extensions["edge"]
    secured.app.extensions["edge"] = replace(parts, office=cast("Any", office))
    return yui


@pytest.mark.parametrize(("path", "form"), MATTERS)
def test_what_cannot_be_undone_asks_for_the_password(
    secured: Secured, yui: Browser, path: str, form: dict[str, str]
) -> None:
    secured.wait(301)
    answer = yui.post(path, form, form="/account")
    assert (answer.status_code, answer.headers.get("Location")) == (303, "/login/again?next=/account")


@pytest.mark.parametrize(("path", "form"), DOES_NOT)
def test_what_is_done_in_a_hurry_or_undone_does_not(
    secured: Secured, yui: Browser, path: str, form: dict[str, str]
) -> None:
    secured.wait(301)
    assert yui.post(path, form, form="/account").status_code in {
        404,
        503,
    }  # there is no such person, no office


def test_whoever_gave_it_is_told_to_do_once_more_what_was_not_done(secured: Secured, yui: Browser) -> None:
    secured.wait(301)
    yui.post("/account/sessions", form="/account")
    again = {"password": PASSWORD, "next": "/account"}
    assert yui.post("/login/again", again, form="/login/again").headers["Location"] == "/account"
    assert "once more what you were about to do" in yui.get("/account").text
    secured.wait(301)
    yui.get("/account/authenticator")  # a page is simply gone on to
    yui.post("/login/again", again, form="/login/again")
    assert "once more" not in yui.get("/account").text


@pytest.mark.parametrize(
    "path", ["/events/export/csv", "/attendance/export/xlsx", f"/people/{SOMEBODY}/copy.zip"]
)
def test_a_file_leads_back_to_the_page_with_its_link(secured: Secured, yui: Browser, path: str) -> None:
    secured.wait(301)
    answer = yui.get(path, headers={"Referer": f"{yui.base}/events?kind=denied"})
    assert answer.headers["Location"] == "/login/again?next=/events?kind%3Ddenied"
    assert yui.get(path).headers["Location"] == "/login/again?next=/"


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("/settings/backup/restore", "/settings/backup"),
        ("/settings/backup/take", "/settings/backup"),
        ("/accuracy/threshold", "/accuracy"),
        ("/settings/accounts/ken/reset", "/settings/accounts"),
        ("/settings/accounts?x=1", "/settings/accounts?x%3D1"),
        ("/logout", "/"),
        ("/nowhere/at/all", "/"),
    ],
)
def test_the_way_back_leads_to_a_page_that_opens(
    secured: Secured, yui: Browser, came_from: str, back: str
) -> None:
    token = yui.token("/account")
    secured.wait(301)
    answer = yui.send("/account/sessions", {"csrf_token": token}, form=came_from)
    assert answer.headers["Location"] == f"/login/again?next={back}"


def piece(browser: Browser, offset: int, data: bytes, token: str) -> int:
    return browser.client.post(
        f"/settings/backup/part?offset={offset}",
        data=data,
        headers={"Origin": browser.base, "X-CSRFToken": token},
        base_url=browser.base,
    ).status_code


def test_a_long_upload_is_not_interrupted(secured: Secured, restoring: Browser) -> None:
    token = restoring.token("/account")
    assert piece(restoring, 0, b"abc", token) == 200
    for place in (3, 6, 9):
        secured.wait(200)
        assert piece(restoring, place, b"def", token) == 200
    secured.wait(200)
    answer = restoring.send("/settings/backup/restore", {"csrf_token": token, "passphrase": "x"})
    assert "12 bytes, and the passphrase is wrong" in answer.text
    answer = restoring.send("/settings/backup/restore", {"csrf_token": token, "passphrase": "x"})
    assert answer.status_code == 303  # what came was dropped with it
    assert piece(restoring, 0, b"abc", token) == 303


def test_what_rests_or_is_somebody_elses_is_not_gone_on_with(secured: Secured, restoring: Browser) -> None:
    token = restoring.token("/account")
    assert piece(restoring, 0, b"abc", token) == 200
    secured.wait(301)
    assert piece(restoring, 3, b"def", token) == 303
    restoring.post("/login/again", {"password": PASSWORD}, form="/login/again")
    assert piece(restoring, 0, b"abc", token) == 200
    secured.join("ken", AccountRole.ADMIN)
    ken = secured.browser("192.0.2.9")
    ken.log_in("ken")
    assert piece(ken, 3, b"def", ken.token("/account")) == 400


def test_a_file_that_comes_with_the_form_begins_anew(secured: Secured, restoring: Browser) -> None:
    token = restoring.token("/account")
    assert piece(restoring, 0, b"abc", token) == 200
    secured.wait(200)
    assert piece(restoring, 3, b"def", token) == 200
    secured.wait(200)
    form = {"csrf_token": token, "passphrase": "x", "file": (BytesIO(b"x"), "x.edgebackup")}
    answer = restoring.send("/settings/backup/restore", form, content_type="multipart/form-data")
    assert answer.status_code == 303
