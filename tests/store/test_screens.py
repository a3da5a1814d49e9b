import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.events import EventType
from edge.errors import NotFoundError

NOW = 1_795_000_000.0


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08}"


def types(store: SqliteStore) -> list[EventType]:
    return [event.type for event in store.journal.events()]


def test_a_code_pairs_one_screen_and_is_used_up(store: SqliteStore) -> None:
    code = store.screens.offer(actor="admin:yui", now=NOW)
    token = store.screens.pair(code, address="192.0.2.7", now=NOW + 5)
    assert token is not None
    known = store.screens.known(token)
    assert known is not None
    assert (known.address, store.screens.screens()) == ("192.0.2.7", [known])
    assert store.screens.pair(code, address="192.0.2.8", now=NOW + 6) is None
    assert types(store)[-2:] == [EventType.SCREEN_OFFERED, EventType.SCREEN_PAIRED]


def test_a_code_is_worth_nothing_after_five_wrong_tries(store: SqliteStore) -> None:
    code = store.screens.offer(actor="admin:yui", now=NOW)
    for _ in range(5):
        assert store.screens.pair(wrong(code), address="", now=NOW) is None
    assert store.screens.pair(code, address="", now=NOW) is None


@pytest.mark.parametrize("later", [600.0, 86_400.0, -86_400.0])
def test_a_code_is_worth_nothing_when_old_or_from_another_time(store: SqliteStore, later: float) -> None:
    code = store.screens.offer(actor="admin:yui", now=NOW)
    assert store.screens.pair(code, address="", now=NOW + later) is None


def test_only_the_newest_code_counts(store: SqliteStore) -> None:
    first = store.screens.offer(actor="admin:yui", now=NOW)
    second = store.screens.offer(actor="admin:yui", now=NOW)
    assert store.screens.pair(first, address="", now=NOW) is None or first == second
    assert store.screens.pair(second, address="", now=NOW) is not None


def test_a_revoked_screen_is_unknown(store: SqliteStore) -> None:
    token = store.screens.pair(store.screens.offer(actor="a", now=NOW), address="", now=NOW)
    assert token is not None
    (screen,) = store.screens.screens()
    store.screens.revoke(screen.id, actor="admin:yui")
    assert store.screens.known(token) is None
    assert types(store)[-1] is EventType.SCREEN_REVOKED
    with pytest.raises(NotFoundError, match="none is paired"):
        store.screens.revoke(screen.id, actor="admin:yui")


def test_neither_code_nor_token_is_written_down(store: SqliteStore) -> None:
    code = store.screens.offer(actor="a", now=NOW)
    token = store.screens.pair(code, address="", now=NOW)
    assert token is not None
    written = b"".join(file.read_bytes() for file in store.path.parent.glob("edge.db*"))
    assert token.encode() not in written
    assert code.encode() not in written
