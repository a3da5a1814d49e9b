"""Logging in: passwords, sessions, cookies, the second factor, and the password again."""

import re
from dataclasses import replace

import pyotp
import pytest

from edge.domain.account import AccountRole
from edge.domain.events import EventType
from edge.web.app import create_admin_app
from tests.web.secured import OTHER, PASSWORD, Browser, Secured

HOUR = 3600.0


def test_nobody_is_let_in_without_logging_in(secured: Secured) -> None:
    secured.join()
    browser = secured.browser()
    answer = browser.get("/events?kind=all")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=/events?kind%3Dall")
    assert browser.get("/events", headers={"Accept": "application/json"}).status_code == 401
    assert browser.get("/events", headers={"Sec-Fetch-Mode": "cors"}).status_code == 401


def test_the_right_password_leads_to_where_one_wanted_to(secured: Secured) -> None:
    secured.join()
    browser = secured.browser()
    answer = browser.post("/login", {"name": " YUI ", "password": PASSWORD, "next": "/account"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert browser.get("/account").status_code == 200
    assert secured.told(EventType.ADMIN_LOGGED_IN) == [
        {"account": "yui", "address": "192.0.2.1", "known_browser": False}
    ]


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example/", "/\\evil.example", "\tjavascript:x"]
)
def test_nobody_is_led_elsewhere(secured: Secured, target: str) -> None:
    secured.join()
    answer = secured.browser().post("/login", {"name": "yui", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("yui", "wrong"),
        ("ken", PASSWORD),
        ("", ""),
        ("yui", ""),
        ("yui", PASSWORD + "x"),
        ("yui'--", "x"),
        ("yui", "\ud800"),
    ],
)
def test_what_is_wrong_says_the_same_whatever_it_was(secured: Secured, name: str, password: str) -> None:
    secured.join()
    browser = secured.browser()
    answer = browser.log_in(name, password.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    assert answer.status_code == 422
    assert "The name or the password is wrong." in answer.text
    assert browser.cookie("__Host-edge") is None
    assert browser.get("/account").status_code == 302
    assert secured.hasher.asked == 1  # also for a name that nobody has


def test_a_name_that_nobody_has_is_not_written_down(secured: Secured) -> None:
    secured.join()
    secured.browser().log_in("hunter2", "x")
    (event,) = secured.told(EventType.ADMIN_LOGIN_FAILED)
    assert event == {"account": None, "address": "192.0.2.1", "step": "password"}


def test_a_password_is_the_same_from_every_keyboard(secured: Secured) -> None:
    secured.join(password="かな漢字 ﾊﾝｶｸ 12 cafe\u0301")
    assert secured.browser().log_in(password="かな漢字 ハンカク 12 caf\u00e9").status_code == 303


def test_a_disabled_account_is_let_in_no_more_and_ends_at_once(secured: Secured, yui: Browser) -> None:
    secured.join("ken", AccountRole.VIEWER)
    ken = secured.browser("192.0.2.2")
    ken.log_in("ken")
    assert ken.get("/account").status_code == 200
    secured.accounts.change("ken", enabled=False, actor="admin:yui")
    assert ken.get("/account").status_code == 302
    assert ken.log_in("ken").status_code == 422
    assert yui.get("/account").status_code == 200


def test_cookies_are_of_this_host_over_tls_alone_and_no_script_reads_them(secured: Secured) -> None:
    secured.join()
    answer = secured.browser().log_in()
    cookies = {one.partition("=")[0]: one for one in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) >= {"__Host-edge", "__Host-edge-browser"}
    for cookie in cookies.values():
        assert cookie.partition("=")[0].startswith("__Host-")
        attributes = {one.strip().casefold() for one in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes
        assert not [one for one in attributes if one.startswith("domain")]
    assert "Max-Age" not in cookies["__Host-edge"]  # it goes with the browser


def test_on_loopback_without_tls_cookies_work_as_well(secured: Secured) -> None:
    secured.join()
    browser = secured.browser("127.0.0.1", secure=False)
    answer = browser.log_in()
    assert answer.headers.getlist("Set-Cookie")[0].startswith("edge")
    assert browser.get("/account").status_code == 200


def test_the_database_holds_no_cookie_and_no_password(secured: Secured, yui: Browser) -> None:
    kept = secured.store.path.read_bytes() + secured.store.path.with_name("edge.db-wal").read_bytes()
    for secret in (yui.cookie("__Host-edge"), yui.cookie("__Host-edge-browser"), PASSWORD):
        assert secret is not None
        assert secret.encode() not in kept


def test_a_new_login_is_a_new_session_and_new_tokens(secured: Secured, yui: Browser) -> None:
    first = yui.cookie("__Host-edge")
    page = yui.get("/account").text
    assert yui.post("/login", {"name": "yui", "password": PASSWORD}, form="/account").status_code == 303
    assert yui.cookie("__Host-edge") != first
    assert len(secured.accounts.sessions(secured.accounts.account("yui"))) == 1
    old = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert old is not None
    answer = yui.client.post(
        "/account/sessions",
        data={"csrf_token": old[1]},
        base_url=yui.base,
        headers={"Origin": yui.base},
    )
    assert answer.status_code == 400


def test_a_made_up_session_is_nobodys(secured: Secured, yui: Browser) -> None:
    stranger = secured.browser()
    for made_up in ("x", "a" * 43, "' OR 1=1 --", "é" * 20, "\x00"):
        stranger.client.set_cookie("__Host-edge", made_up, domain="porch", secure=True)
        assert stranger.get("/account").status_code == 302
    assert yui.get("/account").status_code == 200


def test_a_session_ends_after_a_quarter_of_an_hour_without_a_person(secured: Secured, yui: Browser) -> None:
    for _ in range(4):
        secured.wait(14 * 60)
        assert yui.get("/account").status_code == 200
    for _ in range(16):  # a page that looks for news by itself is no person
        secured.wait(60)
        answer = yui.get("/account", headers={"Sec-Fetch-Mode": "cors"})
    assert answer.status_code == 401
    assert yui.get("/account").status_code == 302


def test_a_session_ends_after_eight_hours_whatever_is_done(secured: Secured, yui: Browser) -> None:
    for _ in range(8 * 6 - 1):
        secured.wait(600)
        assert yui.get("/account").status_code == 200
    secured.wait(601)
    assert yui.get("/account").status_code == 302


def test_setting_the_wall_clock_neither_ends_nor_lengthens_a_session(secured: Secured, yui: Browser) -> None:
    secured.clock.wall += 10 * 365 * 86400
    assert yui.get("/account").status_code == 200
    secured.clock.wall -= 20 * 365 * 86400
    secured.clock.ticks += 16 * 60
    assert yui.get("/account").status_code == 302


def test_a_restart_of_the_daemon_ends_no_session(secured: Secured, yui: Browser) -> None:
    again = secured.build()
    client = again.test_client()
    client.set_cookie("__Host-edge", yui.cookie("__Host-edge") or "", domain="porch", secure=True)
    assert client.get("/account", base_url=yui.base).status_code == 200


def test_logging_out_ends_the_session_itself(secured: Secured, yui: Browser) -> None:
    token = yui.cookie("__Host-edge")
    answer = yui.post("/logout", form="/account")
    assert answer.headers["Location"] == "/login"
    assert yui.cookie("__Host-edge") is None
    assert answer.headers["Clear-Site-Data"] == '"storage"'
    yui.client.set_cookie("__Host-edge", token or "", domain="porch", secure=True)
    assert yui.get("/account").status_code == 302
    assert secured.told(EventType.ADMIN_LOGGED_OUT) == [{"account": "yui", "actor": "admin:yui"}]


def test_what_was_shown_is_kept_by_no_browser(yui: Browser) -> None:
    assert yui.get("/account").headers["Cache-Control"] == "no-store"


def test_the_password_is_changed_with_the_old_one_and_ends_all_else(secured: Secured, yui: Browser) -> None:
    phone = secured.browser("192.0.2.9")
    phone.log_in()
    changed = {"old": PASSWORD, "password": OTHER}
    assert yui.post("/account/password", {**changed, "old": "wrong"}, form="/account").status_code == 422
    assert (
        yui.post("/account/password", {**changed, "password": "password1234"}, form="/account").status_code
        == 422
    )
    assert phone.get("/account").status_code == 200
    assert yui.post("/account/password", changed, form="/account").status_code == 303
    assert yui.get("/account").status_code == 200
    assert phone.get("/account").status_code == 302
    assert phone.log_in().status_code == 422
    assert phone.log_in(password=OTHER).status_code == 303


def test_log_out_everywhere_else(secured: Secured, yui: Browser) -> None:
    phone = secured.browser("192.0.2.9")
    phone.log_in()
    assert "192.0.2.9" in yui.get("/account").text
    secured.wait(301)
    asked = yui.post("/account/sessions", form="/account")
    assert asked.headers["Location"] == "/login/again?next=/account"
    assert phone.get("/account").status_code == 200
    yui.post("/login/again", {"password": PASSWORD}, form="/login/again")
    assert yui.post("/account/sessions", form="/account").status_code == 303
    assert phone.get("/account").status_code == 302
    assert yui.get("/account").status_code == 200


def secret_of(browser: Browser) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', browser.get("/account/authenticator").text)
    assert found is not None
    return found[1].replace(" ", "")


def code_of(secret: str, secured: Secured, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(secured.clock.wall) + 30 * steps)


def with_second_factor(secured: Secured, yui: Browser) -> tuple[str, list[str]]:
    """Switch the second factor on; return its secret and the recovery codes."""
    secret = secret_of(yui)
    answer = yui.post(
        "/account/authenticator", {"code": code_of(secret, secured)}, form="/account/authenticator"
    )
    codes = re.findall(r'class="secret">([0-9A-Z-]+)<', answer.text)
    assert (answer.status_code, len(codes), len(set(codes))) == (200, 10, 10)
    secured.wait(60)
    return secret, codes


def test_the_second_factor_is_on_only_once_the_app_knows_the_secret(secured: Secured, yui: Browser) -> None:
    secret = secret_of(yui)
    for wrong in ("", "000000", "12345", "abcdef", code_of(secret, secured, 5)):
        answer = yui.post("/account/authenticator", {"code": wrong}, form="/account/authenticator")
        assert answer.status_code == 422
    assert not secured.accounts.account("yui").second_factor
    with_second_factor(secured, yui)
    assert secured.accounts.account("yui").second_factor


def test_a_password_alone_is_half_a_login(secured: Secured, yui: Browser) -> None:
    secret, _ = with_second_factor(secured, yui)
    thief = secured.browser("192.0.2.66")
    answer = thief.log_in()
    assert answer.headers["Location"] == "/login/code?next=/"
    assert thief.cookie("__Host-edge-browser") is None
    assert thief.get("/account").status_code == 302
    assert thief.post("/account/sessions").status_code == 401
    assert thief.post("/login/code", {"code": "000000"}, form="/login/code").status_code == 422
    assert thief.get("/account").status_code == 302
    right = thief.post("/login/code", {"code": code_of(secret, secured)}, form="/login/code")
    assert right.status_code == 303
    assert thief.get("/account").status_code == 200


def test_a_code_of_the_app_is_used_once(secured: Secured, yui: Browser) -> None:
    secret, _ = with_second_factor(secured, yui)
    code = code_of(secret, secured)
    for expected in (303, 422):
        browser = secured.browser("192.0.2.7")
        browser.log_in()
        assert browser.post("/login/code", {"code": code}, form="/login/code").status_code == expected


def test_half_a_login_is_over_after_five_minutes(secured: Secured, yui: Browser) -> None:
    secret, _ = with_second_factor(secured, yui)
    browser = secured.browser("192.0.2.7")
    browser.log_in()
    secured.wait(301)
    answer = browser.post("/login/code", {"code": code_of(secret, secured)}, form="/login")
    assert answer.headers["Location"].startswith("/login?")
    assert browser.get("/account").status_code == 302


def test_a_recovery_code_is_used_once_in_its_place(secured: Secured, yui: Browser) -> None:
    _, codes = with_second_factor(secured, yui)
    typed = codes[0].lower().replace("-", " ").replace("0", "o")
    for expected in (303, 422):
        browser = secured.browser("192.0.2.7")
        browser.log_in()
        assert browser.post("/login/code", {"code": typed}, form="/login/code").status_code == expected
    assert "Recovery codes left: 9" in yui.get("/account").text


def test_guesses_at_the_second_factor_are_few(secured: Secured, yui: Browser) -> None:
    secret, _ = with_second_factor(secured, yui)
    thief = secured.browser("192.0.2.66")
    thief.log_in()
    answers = [
        thief.post("/login/code", {"code": f"{guess:06}"}, form="/login/code").status_code
        for guess in range(40)
    ]
    assert answers.count(422) == 5
    assert set(answers[5:]) == {429}
    assert (
        thief.post("/login/code", {"code": code_of(secret, secured)}, form="/login/code").status_code == 429
    )


def test_switching_the_second_factor_off_wants_the_password(secured: Secured, yui: Browser) -> None:
    with_second_factor(secured, yui)
    secured.wait(301)
    answer = yui.post("/account/authenticator/remove", form="/account")
    assert answer.headers["Location"] == "/login/again?next=/account"
    assert secured.accounts.account("yui").second_factor
    assert yui.post("/login/again", {"password": "wrong"}, form="/login/again").status_code == 422
    answer = yui.post("/login/again", {"password": PASSWORD, "next": "/account"}, form="/login/again")
    assert answer.headers["Location"] == "/account"
    assert yui.post("/account/authenticator/remove", form="/account").status_code == 303
    assert not secured.accounts.account("yui").second_factor


def test_giving_the_password_again_gives_the_session_a_new_token(secured: Secured, yui: Browser) -> None:
    before = yui.cookie("__Host-edge")
    secured.wait(301)
    assert yui.post("/login/again", {"password": PASSWORD}, form="/login/again").status_code == 303
    assert yui.cookie("__Host-edge") not in {None, before}
    assert yui.get("/account/authenticator").status_code == 200
    thief = secured.browser("192.0.2.66")
    thief.client.set_cookie("__Host-edge", before or "", domain="porch", secure=True)
    assert thief.get("/account").status_code == 302
    assert len(secured.accounts.sessions(secured.accounts.account("yui"))) == 1


def test_a_new_token_does_not_lengthen_a_session(secured: Secured, yui: Browser) -> None:
    for _ in range(8 * 6 - 1):
        secured.wait(600)
        assert yui.get("/account").status_code == 200
    assert yui.post("/login/again", {"password": PASSWORD}, form="/login/again").status_code == 303
    secured.wait(601)
    assert yui.get("/account").status_code == 302


def test_the_password_counts_as_just_entered_for_five_minutes(secured: Secured, yui: Browser) -> None:
    assert yui.get("/account/authenticator").status_code == 200
    secured.wait(299)
    assert yui.get("/account/authenticator").status_code == 200
    secured.wait(2)
    assert yui.get("/account/authenticator").headers["Location"] == "/login/again?next=/account/authenticator"


def test_guesses_at_the_password_of_a_session_are_few(secured: Secured, yui: Browser) -> None:
    before = secured.hasher.asked
    answers = [
        yui.post("/login/again", {"password": f"guess {guess}"}, form="/login/again").status_code
        for guess in range(100)
    ]
    assert secured.hasher.asked - before == answers.count(422) == 10
    assert set(answers[10:]) == {429}


def test_pages_can_be_shown_in_no_frame_and_run_no_foreign_script(secured: Secured) -> None:
    secured.join()
    headers = secured.browser().get("/login").headers
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'; object-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"


def test_only_a_certificate_that_is_vouched_for_is_insisted_on(secured: Secured) -> None:
    assert "Strict-Transport-Security" not in secured.browser().get("/login").headers
    security = secured.app.extensions["edge.security"]
    vouched = create_admin_app(
        replace(secured.app.extensions["edge"], security=replace(security, vouched=True))
    )
    assert (
        vouched.test_client()
        .get("/login", base_url="https://porch")
        .headers["Strict-Transport-Security"]
        .startswith("max-age=31536000")
    )
    assert (
        "Strict-Transport-Security"
        not in vouched.test_client().get("/login", base_url="http://porch").headers
    )
