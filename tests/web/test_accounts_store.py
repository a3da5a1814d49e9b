"""Accounts, codes, sessions, known browsers, budgets and tokens in a real database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.account import AccountRole, CodeKind
from edge.domain.api_token import Scope
from edge.domain.events import EventType
from edge.domain.login_budget import Budget
from edge.domain.login_session import HALF_DONE, IDLE, LONGEST
from edge.errors import ConflictError, NotFoundError
from tests.store.conftest import Terminal

NOW = 1_700_000_000.0
CODE, OTHER, SESSION = "c" * 64, "d" * 64, "5" * 64


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path)
    yield made
    for store in made.opened:
        store.close()


@pytest.fixture
def store(terminal: Terminal) -> SqliteStore:
    return terminal.open()


def join(
    store: SqliteStore, name: str = "yui", role: AccountRole = AccountRole.ADMIN, digest: str = CODE
) -> str:
    store.admins.offer(
        digest=digest, kind=CodeKind.SETUP, role=role, name=None, expires=NOW + 60, actor="uid:0"
    )
    return store.admins.redeem(digest, name=name, password="hash-1", now=NOW).id


def told(store: SqliteStore, kind: EventType) -> list[dict[str, object]]:
    return [dict(event.data) for event in store.journal.events() if event.type is kind]


def open_session(store: SqliteStore, account: str, digest: str = SESSION, at: float = 100.0) -> None:
    store.sessions.open(
        digest=digest, account=account, monotonic=at, complete=True, address="192.0.2.1", agent="Firefox"
    )


def test_a_code_makes_one_account_and_no_second(store: SqliteStore) -> None:
    assert not store.admins.has_admin()
    join(store)
    assert store.admins.has_admin()
    with pytest.raises(ConflictError, match="wrong, used up or too old"):
        store.admins.redeem(CODE, name="ken", password="x", now=NOW)
    assert [account.name for account in store.admins.accounts()] == ["yui"]
    assert told(store, EventType.ADMIN_JOINED) == [
        {"account": "yui", "role": "admin", "new": True, "offered_by": "uid:0", "actor": "admin:yui"}
    ]


def test_a_code_that_is_too_old_or_unknown_is_worth_nothing(store: SqliteStore) -> None:
    store.admins.offer(
        digest=CODE, kind=CodeKind.SETUP, role=AccountRole.ADMIN, name=None, expires=NOW, actor="uid:0"
    )
    for digest in (CODE, OTHER):
        assert store.admins.offered(digest, NOW) is None
        with pytest.raises(ConflictError):
            store.admins.redeem(digest, name="yui", password="x", now=NOW)
    assert store.admins.accounts() == []


def test_a_new_code_takes_the_place_of_the_last(store: SqliteStore) -> None:
    for digest in (CODE, OTHER):
        store.admins.offer(
            digest=digest, kind=CodeKind.SETUP, role=AccountRole.ADMIN, name=None, expires=NOW + 9, actor="a"
        )
    assert store.admins.offered(CODE, NOW) is None
    assert store.admins.offered(OTHER, NOW) is not None


def test_an_invitation_is_for_its_name_alone(store: SqliteStore) -> None:
    store.admins.offer(
        digest=CODE,
        kind=CodeKind.INVITATION,
        role=AccountRole.VIEWER,
        name="ken",
        expires=NOW + 9,
        actor="admin:yui",
    )
    with pytest.raises(ConflictError, match='for the login name "ken"'):
        store.admins.redeem(CODE, name="mallory", password="x", now=NOW)
    assert [offer.name for offer in store.admins.offers(NOW)] == ["ken"]
    assert store.admins.redeem(CODE, name="ken", password="x", now=NOW).role is AccountRole.VIEWER
    assert store.admins.offers(NOW) == []


def test_an_invitation_can_be_taken_back(store: SqliteStore) -> None:
    store.admins.offer(
        digest=CODE, kind=CodeKind.INVITATION, role=AccountRole.VIEWER, name="ken", expires=NOW + 9, actor="a"
    )
    store.admins.withdraw("ken", actor="admin:yui")
    assert store.admins.offered(CODE, NOW) is None
    with pytest.raises(NotFoundError):
        store.admins.withdraw("ken", actor="admin:yui")


def test_taking_an_account_over_ends_all_that_was_its(store: SqliteStore) -> None:
    account = join(store)
    store.admins.set_totp(account, "SECRET", ["1" * 64], keep=None, actor="admin:yui")
    open_session(store, account)
    store.sessions.know(OTHER, account, "Firefox", NOW)
    assert join(store, digest="e" * 64) == account
    found = store.admins.credentials("yui")
    assert found is not None
    assert (found.totp, found.account.second_factor) == (None, False)
    assert store.sessions.session(SESSION) is None
    assert not store.sessions.knows(OTHER, account, NOW)
    assert store.admins.recovery_left(account) == 0


def test_a_new_password_ends_all_sessions_but_this_one(store: SqliteStore) -> None:
    account = join(store)
    for digest in (SESSION, "6" * 64):
        open_session(store, account, digest)
    store.admins.set_password(account, "hash-2", keep=SESSION, actor="admin:yui")
    assert [one.digest for one in store.sessions.sessions(account)] == [SESSION]
    found = store.admins.credentials("yui")
    assert found is not None
    assert found.password == "hash-2"
    assert b"hash-1" not in store.path.read_bytes()


def test_a_role_ends_all_sessions_and_the_last_admin_stays_one(store: SqliteStore) -> None:
    yui, ken = join(store), join(store, "ken", digest=OTHER)
    open_session(store, ken)
    assert store.admins.change(ken, role=AccountRole.VIEWER, actor="admin:yui").role is AccountRole.VIEWER
    assert store.sessions.session(SESSION) is None
    for change in ({"role": AccountRole.OPERATOR}, {"enabled": False}):
        with pytest.raises(ConflictError, match="last administrator"):
            store.admins.change(yui, actor="admin:yui", **change)
    assert [account.role for account in store.admins.accounts()] == [AccountRole.VIEWER, AccountRole.ADMIN]
    assert told(store, EventType.ADMIN_CHANGED) == [
        {"account": "ken", "fields": ["role"], "role": "viewer", "actor": "admin:yui"}
    ]


def invite(store: SqliteStore, name: str, role: AccountRole) -> None:
    store.admins.offer(
        digest=OTHER, kind=CodeKind.INVITATION, role=role, name=name, expires=NOW + 60, actor="admin:yui"
    )


def test_no_code_takes_the_last_admin_away(store: SqliteStore) -> None:
    yui = join(store)
    open_session(store, yui)
    invite(store, "yui", AccountRole.OPERATOR)
    with pytest.raises(ConflictError, match="last administrator"):
        store.admins.redeem(OTHER, name="yui", password="hash-2", now=NOW)
    assert [account.role for account in store.admins.accounts()] == [AccountRole.ADMIN]
    assert store.sessions.session(SESSION) is not None
    join(store, "ken")
    assert store.admins.redeem(OTHER, name="yui", password="x", now=NOW).role is AccountRole.OPERATOR


@pytest.mark.parametrize("change", [{"role": AccountRole.VIEWER}, {"enabled": False}])
def test_a_code_that_waits_brings_back_neither_a_role_nor_an_account(
    store: SqliteStore, change: dict[str, Any]
) -> None:
    join(store)
    ken = join(store, "ken")
    invite(store, "ken", AccountRole.ADMIN)
    store.admins.change(ken, enabled=True, actor="admin:yui")
    assert store.admins.offered(OTHER, NOW) is not None
    store.admins.change(ken, actor="admin:yui", **change)
    with pytest.raises(ConflictError, match="wrong, used up or too old"):
        store.admins.redeem(OTHER, name="ken", password="x", now=NOW)


def test_nobody_is_changed_who_is_not_there(store: SqliteStore) -> None:
    with pytest.raises(NotFoundError):
        store.admins.change("0" * 26, enabled=False, actor="a")
    with pytest.raises(NotFoundError):
        store.admins.set_password("0" * 26, "x", actor="a")


def test_a_step_of_the_authenticator_and_a_recovery_code_are_used_once(store: SqliteStore) -> None:
    account = join(store)
    store.admins.set_totp(account, "SECRET", ["1" * 64, "2" * 64], keep=None, actor="admin:yui")
    assert [store.admins.use_step(account, step) for step in (100, 100, 99, 101)] == [
        True,
        False,
        False,
        True,
    ]
    assert [store.admins.use_recovery(account, "1" * 64) for _ in range(2)] == [True, False]
    assert store.admins.recovery_left(account) == 1


def test_a_session_belongs_to_its_boot(terminal: Terminal, store: SqliteStore) -> None:
    account = join(store)
    open_session(store, account)
    assert store.sessions.session(SESSION) is not None
    store.close()
    again = terminal.open(boot_id="boot-1")
    assert again.sessions.session(SESSION) is not None  # a restart of the daemon
    again.close()
    assert terminal.open(boot_id="boot-2").sessions.session(SESSION) is None


def test_sessions_end_by_idleness_and_by_age(store: SqliteStore) -> None:
    account = join(store)
    open_session(store, account)
    store.sessions.seen(SESSION, 200.0)
    session = store.sessions.session(SESSION)
    assert session is not None
    assert session.holds(200.0 + IDLE - 1)
    assert not session.holds(200.0 + IDLE)
    store.sessions.seen(SESSION, 100.0 + LONGEST - 10)
    session = store.sessions.session(SESSION)
    assert session is not None
    assert session.holds(100.0 + LONGEST - 1)
    assert not session.holds(100.0 + LONGEST)
    store.sessions.sweep(100.0 + LONGEST - 1)
    assert store.sessions.session(SESSION) is not None
    store.sessions.sweep(100.0 + LONGEST + 1)
    assert store.sessions.session(SESSION) is None


def test_half_a_login_is_no_login(store: SqliteStore) -> None:
    account = join(store)
    store.sessions.open(
        digest=SESSION, account=account, monotonic=0.0, complete=False, address="a", agent="b"
    )
    session = store.sessions.session(SESSION)
    assert session is not None
    assert session.holds(HALF_DONE - 1)
    assert not session.holds(HALF_DONE)
    assert not session.is_fresh(0.0)
    assert store.sessions.sessions(account) == []


def test_of_many_sessions_and_browsers_the_newest_are_kept(store: SqliteStore) -> None:
    account = join(store)
    for number in range(12):
        open_session(store, account, f"{number:064}", at=float(number))
        store.sessions.know(f"{number:064}", account, "x", NOW + number)
    assert [int(one.digest) for one in store.sessions.sessions(account)] == list(range(11, 1, -1))
    assert [store.sessions.knows(f"{number:064}", account, NOW) for number in (1, 2)] == [False, True]


def test_a_browser_is_known_for_its_account_and_not_for_ever(store: SqliteStore) -> None:
    yui, ken = join(store), join(store, "ken", digest=OTHER)
    store.sessions.know(CODE, yui, "Firefox", NOW)
    assert store.sessions.knows(CODE, yui, NOW)
    assert not store.sessions.knows(CODE, ken, NOW)
    assert not store.sessions.knows(CODE, yui, NOW + 181 * 86400)
    store.sessions.forget(yui)
    assert not store.sessions.knows(CODE, yui, NOW)


def test_a_budget_survives_a_restart(terminal: Terminal, store: SqliteStore) -> None:
    wanted = {"account:yui": Budget(2, 60)}
    assert [store.budgets.take(wanted, NOW) for _ in range(3)] == [0.0, 0.0, 60.0]
    store.close()
    again = terminal.open(boot_id="boot-2")
    assert again.budgets.take(wanted, NOW + 1) == pytest.approx(59.0)
    assert again.budgets.take(wanted, NOW + 61) == 0.0
    again.budgets.refill(["account:yui"])
    assert again.budgets.take(wanted, NOW + 61) == 0.0


def test_old_budgets_are_swept(store: SqliteStore) -> None:
    store.budgets.take({"address:a": Budget(2, 60)}, NOW)
    store.budgets.take({"address:b": Budget(2, 60)}, NOW + 3 * 3600)
    found = store._pool.rows("SELECT key FROM login_budget")
    assert [row["key"] for row in found] == ["address:b"]


def test_a_token_is_known_by_its_hash_until_it_is_revoked(store: SqliteStore) -> None:
    scopes = frozenset({Scope.READ, Scope.DOOR})
    made = store.tokens.make(name="ERP", digest=CODE, scopes=scopes, expires=None, actor="admin:yui")
    assert store.tokens.known(CODE) == made
    assert store.tokens.known(OTHER) is None
    with pytest.raises(ConflictError, match='token "ERP"'):
        store.tokens.make(name="ERP", digest=OTHER, scopes=scopes, expires=None, actor="admin:yui")
    store.tokens.used(made.id)
    assert [one.used for one in store.tokens.tokens()] == ["2023-11-14T22:00Z"]
    store.tokens.revoke(made.id, actor="admin:yui")
    assert store.tokens.known(CODE) is None
    with pytest.raises(NotFoundError):
        store.tokens.revoke(made.id, actor="admin:yui")
    assert told(store, EventType.ADMIN_TOKEN_MADE)[0]["scopes"] == ["door", "read"]
    assert told(store, EventType.ADMIN_TOKEN_REVOKED)[0]["name"] == "ERP"


def test_each_database_signs_with_its_own_key(tmp_path: Path) -> None:
    keys = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        store = Terminal(tmp_path / name).open()
        keys.append(store.pages_key())
        store.close()
    assert keys[0] != keys[1]
    assert [len(key) for key in keys] == [16, 16]
