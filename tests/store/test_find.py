import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.errors import NotFoundError
from tests.store.conftest import Terminal


def test_somebody_is_found_by_a_whole_id_without_looking_at_everybody_else(
    terminal: Terminal, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = terminal.enrol(store, "Anna")
    terminal.enrol(store, anna.id)  # a name that is an id is not whom it names
    asked: list[tuple[str, object]] = []
    rows = store.people._pool.rows

    def noted(sql: str, values: object = ()) -> object:
        asked.append((sql, values))
        return rows(sql, values)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(store.people._pool, "rows", noted)
    assert store.people.find(anna.id) == store.people.find(anna.id.lower()) == anna
    monkeypatch.undo()
    plans = [row["detail"] for sql, values in asked for row in rows(f"EXPLAIN QUERY PLAN {sql}", values)]  # type: ignore[arg-type]  # as given
    assert any(plan.startswith("SEARCH person USING") for plan in plans)
    assert [plan for plan in plans if plan.startswith("SCAN")] == []


def test_an_id_of_nobody_is_not_found(terminal: Terminal, store: SqliteStore) -> None:
    gone = terminal.enrol(store, "Anna")
    store.people.remove(person_id=gone.id, actor="t")
    with pytest.raises(NotFoundError, match="nobody has this id"):
        store.people.find(gone.id)
