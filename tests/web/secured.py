"""The pages with accounts over a real database, and browsers that keep cookies and the tokens of forms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge.adapters.hasher_argon2 import HasherArgon2
from edge.adapters.store_sqlite import SqliteStore
from edge.domain.account import AccountRole
from edge.domain.box_load import BoxLoad
from edge.domain.events import EventType
from edge.office.accounts import AccountDesk
from edge.office.api_tokens import TokenDesk
from edge.office.login import LoginDesk
from edge.web.app import create_admin_app
from edge.web.login_hasher import OneAtATime
from edge.web.parts import WebParts
from edge.web.security_parts import SecurityParts
from tests.pages.fake_doors import FakeDoors
from tests.store.conftest import FakeClock

PASSWORD = "heron under blue umbrella"
OTHER = "seven slow turtles at dawn"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class CountingHasher:
    """A hasher that is quick, and notes how often it was asked whether a password is right."""

    def __init__(self) -> None:
        self.asked = 0
        self._hasher = HasherArgon2(memory_kib=8, passes=1)

    def hashed(self, secret: str) -> str:
        return self._hasher.hashed(secret)

    def matches(self, secret: str, hashed: str) -> bool:
        self.asked += 1
        return self._hasher.matches(secret, hashed)

    def digest(self, secret: str, salt: bytes) -> str:
        return self._hasher.digest(secret, salt)


@dataclass
class Secured:
    """A terminal whose pages have accounts."""

    store: SqliteStore
    clock: FakeClock
    hasher: CountingHasher = field(default_factory=CountingHasher)
    changes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.accounts = AccountDesk(
            accounts=self.store.admins,
            sessions=self.store.sessions,
            budgets=self.store.budgets,
            hasher=self.hasher,
            clock=self.clock,
            device="porch",
        )
        self.tokens = TokenDesk(tokens=self.store.tokens, budgets=self.store.budgets, clock=self.clock)
        self.app = self.build()

    def build(self) -> Flask:
        """Return the application; a second one stands for the daemon after a restart."""
        login = LoginDesk(
            accounts=self.store.admins,
            sessions=self.store.sessions,
            budgets=self.store.budgets,
            journal=self.store.journal,
            hasher=OneAtATime(self.hasher),
            clock=self.clock,
        )
        security = SecurityParts(
            login=login,
            accounts=self.accounts,
            tokens=self.tokens,
            key=self.store.pages_key(),
            hosts=frozenset({"porch", "porch.local", "localhost"}),
        )
        values: dict[str, Any] = {
            "device": "porch",
            "language": "en",
            "people": self.store.people,
            "events": self.store.journal,
            "query": self.store.query,
            "clock": self.clock,
            "health": lambda: {"state": "well", "reasons": []},
            "zone": ZoneInfo("Asia/Tokyo"),
            "doors": FakeDoors(),
            "box": cast("Any", SimpleNamespace(read=BoxLoad)),
            "security": security,
        }
        return _app(WebParts(**{**values, **self.changes}))

    def browser(
        self, address: str = "192.0.2.1", *, secure: bool = True, app: Flask | None = None
    ) -> "Browser":
        """Return a browser that has never been here."""
        return Browser((app or self.app).test_client(), address, secure)

    def join(
        self, name: str = "yui", role: AccountRole = AccountRole.ADMIN, password: str = PASSWORD
    ) -> None:
        """Make an account by a code."""
        if role is AccountRole.ADMIN:
            code = self.accounts.setup_code(actor="uid:0", again=True)
        else:
            code = self.accounts.invite(name, role, actor="uid:0")
        self.accounts.join(code, name, password, "127.0.0.1")
        self.store.budgets.refill(["code:127.0.0.1", "code"])

    def told(self, kind: EventType) -> list[dict[str, Any]]:
        """Return the data of the events of a type."""
        return [dict(event.data) for event in self.store.journal.events(type=kind)]

    def wait(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self.clock.wall += seconds
        self.clock.ticks += seconds


@cache
def _built() -> Flask:
    return create_admin_app(_kept[0])


_kept: list[WebParts] = []


def _app(parts: WebParts) -> Flask:
    """Return the one application of these tests, which takes its time to build, with other parts."""
    _kept[:] = [parts]
    app = _built()
    assert parts.security is not None
    app.extensions.update({"edge": parts, "edge.security": parts.security})
    app.secret_key = parts.security.key
    return app


class Browser:
    """A browser at an address: keeps cookies and sends the tokens of forms, and from where they come."""

    def __init__(self, client: FlaskClient, address: str, secure: bool) -> None:
        self.client = client
        self.address = address
        self.base = "https://porch:8443" if secure else "http://localhost:8443"

    def get(self, path: str, **more: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **self._as_sent(more))

    def post(
        self, path: str, data: Mapping[str, Any] | None = None, *, form: str = "/login", **more: Any
    ) -> TestResponse:
        """Send a form, with the token that the page at `form` holds."""
        return self.send(path, {"csrf_token": self.token(form), **(data or {})}, form=form, **more)

    def token(self, form: str = "/login") -> str:
        """Return the token that the forms of a page hold."""
        found = TOKEN.search(self.get(form, follow_redirects=True).text)
        return found[1] if found else ""

    def send(self, path: str, data: Mapping[str, Any], *, form: str = "/login", **more: Any) -> TestResponse:
        """Send what is in `data` as the page at `form` sends it."""
        headers = {"Origin": self.base, "Referer": f"{self.base}{form}", **more.pop("headers", {})}
        return self.client.post(path, data=data, headers=headers, **self._as_sent(more))

    def log_in(self, name: str = "yui", password: str = PASSWORD, **more: Any) -> TestResponse:
        """Log in."""
        return self.post("/login", {"name": name, "password": password}, **more)

    def cookie(self, name: str) -> str | None:
        """Return what a cookie holds."""
        found = self.client.get_cookie(name, domain=self.base.split("/")[2].partition(":")[0])
        return found.value if found else None

    def _as_sent(self, more: dict[str, Any]) -> dict[str, Any]:
        return {"base_url": self.base, "environ_base": {"REMOTE_ADDR": self.address}, **more}
