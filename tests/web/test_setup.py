"""The first run, lost passwords, invitations, and everybody's accounts."""

import re

import pytest

from edge.domain.account import AccountRole
from edge.domain.events import EventType
from edge.errors import ConflictError
from edge.office.accounts import SETUP_HOURS
from edge.office.one_time import ALPHABET, code_digest, new_code
from tests.web.secured import OTHER, PASSWORD, Browser, Secured

CODE = re.compile(r'class="secret">([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})<')


def use(browser: Browser, code: str, name: str = "yui", password: str = PASSWORD) -> int:
    """Enter a code, and then name and password; return the last status."""
    first = browser.post("/setup", {"code": code}, form="/setup")
    if first.status_code != 200:
        return first.status_code
    return browser.post(
        "/setup", {"code": code, "name": name, "password": password}, form="/setup"
    ).status_code


def test_the_first_run_leads_to_the_code_and_a_code_to_an_admin(secured: Secured) -> None:
    browser = secured.browser()
    assert browser.get("/", follow_redirects=True).request.path == "/setup"
    assert "sudo edgectl setup-code" in browser.get("/setup").text
    assert use(browser, secured.accounts.setup_code(actor="system")) == 303
    assert "<h1>Your account</h1>" in browser.get("/account").text
    assert secured.accounts.account("yui").role is AccountRole.ADMIN
    assert secured.browser().get("/", follow_redirects=True).request.path == "/login"


def test_there_is_no_default_password(secured: Secured) -> None:
    assert secured.accounts.accounts() == []
    for name, password in (("admin", "admin"), ("admin", ""), ("root", "root"), ("edge", "edge")):
        assert (
            secured.browser(f"192.0.2.{len(name + password)}")
            .log_in(name, password, form="/setup")
            .status_code
            == 422
        )


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code}\n"])
def test_a_code_may_be_typed_as_people_type(secured: Secured, typed: "type[str]") -> None:
    code = secured.accounts.setup_code(actor="system")
    assert use(secured.browser(), typed(code)) == 303


def test_letters_that_look_alike_are_read_as_one() -> None:
    assert code_digest("O1IL-0000-UVVV") == code_digest("0111-0000-VVVV")
    assert not set("ILOU") & set(ALPHABET)
    assert len({new_code() for _ in range(100)}) == 100


def test_a_code_is_used_once_holds_for_a_day_and_only_the_last_counts(secured: Secured) -> None:
    old, code = (secured.accounts.setup_code(actor="system") for _ in range(2))
    assert use(secured.browser("192.0.2.5"), old) == 422
    secured.wait(SETUP_HOURS * 3600 - 1)
    assert use(secured.browser("192.0.2.6"), code) == 303
    assert use(secured.browser("192.0.2.7"), code, "ken") == 422
    late = secured.accounts.setup_code(actor="uid:0", again=True)
    secured.wait(SETUP_HOURS * 3600 + 1)
    assert use(secured.browser("192.0.2.8"), late, "ken") == 422


def test_where_there_is_an_admin_only_a_reset_makes_a_code(secured: Secured) -> None:
    secured.join()
    with pytest.raises(ConflictError, match="edgectl admin reset"):
        secured.accounts.setup_code(actor="uid:0")
    browser = secured.browser()
    assert use(browser, secured.accounts.setup_code(actor="uid:0", again=True), "yui", OTHER) == 303
    assert secured.browser().log_in(password=PASSWORD).status_code == 422
    assert secured.browser().log_in(password=OTHER).status_code == 303


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("yui", "short", "at least 12 are needed"),
        ("yui", "password1234", "tried first"),
        ("yui", "aaaaaaaaaaaaaaaa", "tried first"),
        ("yui.mori", "yui.mori-porch-2026", "tried first"),
        ("yui", "x" * 900, "at most 128"),
        ("y", PASSWORD, "2 to 32 letters"),
        ("yui mori", PASSWORD, "2 to 32 letters"),
        ("<b>yui</b>", PASSWORD, "2 to 32 letters"),
    ],
)
def test_what_is_wrong_with_an_account_is_said_and_uses_no_code_up(
    secured: Secured, name: str, password: str, why: str
) -> None:
    code = secured.accounts.setup_code(actor="system")
    browser = secured.browser()
    answer = browser.post("/setup", {"code": code, "name": name, "password": password}, form="/setup")
    assert answer.status_code == 422
    assert why in answer.text
    assert password not in answer.text
    assert use(browser, code) == 303


def test_guesses_at_codes_are_few(secured: Secured) -> None:
    code = secured.accounts.setup_code(actor="system")
    answers = [
        secured.browser(f"192.0.2.{guess % 20}")
        .post("/setup", {"code": f"{guess:012}"}, form="/setup")
        .status_code
        for guess in range(60)
    ]
    assert answers.count(422) == 10
    assert answers.count(429) == 50
    assert use(secured.browser(), code) == 429
    secured.wait(120)
    assert use(secured.browser(), code) == 303


def test_an_invitation_makes_the_account_it_is_for(secured: Secured, yui: Browser) -> None:
    shown = yui.post("/settings/accounts", {"name": "Ken", "role": "viewer"}, form="/settings/accounts")
    code = CODE.search(shown.text)
    assert code is not None
    assert "https://porch:8443/setup" in shown.text
    assert code[1] not in yui.get("/settings/accounts").text
    ken = secured.browser("192.0.2.9")
    assert use(ken, code[1], "mallory") == 422
    assert use(ken, code[1], "ken", OTHER) == 303
    assert ken.get("/account").status_code == 200
    assert ken.get("/settings/accounts").status_code == 403
    assert secured.told(EventType.ADMIN_JOINED)[-1]["offered_by"] == "admin:yui"


def test_an_invitation_can_be_taken_back(secured: Secured, yui: Browser) -> None:
    shown = yui.post("/settings/accounts", {"name": "ken", "role": "viewer"}, form="/settings/accounts")
    code = CODE.search(shown.text)
    assert code is not None
    assert yui.post("/settings/accounts/ken/withdraw", form="/settings/accounts").status_code == 303
    assert use(secured.browser("192.0.2.9"), code[1], "ken") == 422


@pytest.mark.parametrize(
    ("form", "status"),
    [({"name": "", "role": "admin"}, 422), ({"name": "ken", "role": "root"}, 400), ({}, 400)],
)
def test_a_wrong_invitation_is_refused(
    secured: Secured, yui: Browser, form: dict[str, str], status: int
) -> None:
    assert yui.post("/settings/accounts", form, form="/settings/accounts").status_code == status
    assert secured.accounts.invitations() == []


def test_an_account_that_is_there_is_invited_under_no_other_role(secured: Secured, yui: Browser) -> None:
    secured.join("ken", AccountRole.VIEWER)
    for name in ("yui", "Ken"):
        form = {"name": name, "role": "operator"}
        answer = yui.post("/settings/accounts", form, form="/settings/accounts")
        assert answer.status_code == 422
        assert "its role is changed in the list" in answer.text
    assert secured.accounts.invitations() == []
    form = {"name": "ken", "role": "viewer"}
    assert yui.post("/settings/accounts", form, form="/settings/accounts").status_code == 200
    assert secured.accounts.account("yui").role is AccountRole.ADMIN


def test_an_admin_changes_roles_disables_and_gives_new_passwords(secured: Secured, yui: Browser) -> None:
    secured.join("ken", AccountRole.VIEWER)
    ken = secured.browser("192.0.2.9")
    ken.log_in("ken")

    def act(what: str, **form: str) -> int:
        return yui.post(f"/settings/accounts/ken/{what}", form, form="/settings/accounts").status_code

    assert act("role", role="operator") == 303
    assert ken.get("/account").status_code == 302
    assert secured.accounts.account("ken").role is AccountRole.OPERATOR
    ken.log_in("ken")
    assert act("log-out") == 303
    assert ken.get("/account").status_code == 302
    assert act("disable") == 303
    assert ken.log_in("ken").status_code == 422
    assert act("enable") == 303
    assert ken.log_in("ken").status_code == 303
    assert act("reset") == 200
    assert act("dance") == 404
    assert yui.post("/settings/accounts/nobody/disable", form="/settings/accounts").status_code == 404
    for what in ("disable", "role"):
        answer = yui.post(f"/settings/accounts/yui/{what}", {"role": "viewer"}, form="/settings/accounts")
        assert answer.status_code == 422
        assert "last administrator" in answer.text
    assert yui.get("/settings/accounts").status_code == 200


def test_changing_accounts_wants_the_password_again(secured: Secured, yui: Browser) -> None:
    secured.join("ken", AccountRole.VIEWER)
    secured.wait(301)
    for path in ("/settings/accounts", "/settings/accounts/ken/disable", "/settings/tokens"):
        answer = yui.post(path, {"name": "x", "role": "admin"}, form="/settings/accounts")
        assert answer.headers["Location"] == "/login/again?next=/settings/accounts"
    assert secured.accounts.account("ken").enabled
    assert secured.accounts.invitations() == []
    assert secured.tokens.tokens() == []
