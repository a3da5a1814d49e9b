import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from edge.bootstrap.storage import open_store
from edge.cli import main
from edge.config import load_settings
from edge.domain.events import EventType, NewEvent
from edge.ports import Journal


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """Put back what `configure_logging` changed: its stream is the test's own and ends with it."""
    root, handlers, level = logging.getLogger(), logging.getLogger().handlers[:], logging.getLogger().level
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def run(data_dir: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return `edgectl` as a function, on a data folder of the test's own."""
    monkeypatch.delenv("EDGE_TRACEBACK", raising=False)
    monkeypatch.setenv("EDGE_CONFIG", "")
    assert data_dir.is_dir()

    def edgectl(*arguments: str) -> Answer:
        capfdbinary.readouterr()
        status = main(arguments)
        out, err = capfdbinary.readouterr()
        return Answer(status, out.decode(), err.decode())

    return edgectl


@pytest.fixture
def journal(data_dir: Path) -> Iterator[Journal]:
    """Return a journal with five events, held by this process as a daemon would hold it."""
    with closing(open_store(load_settings(), create=True)) as store:
        events: list[tuple[EventType, dict[str, Any]]] = [
            (EventType.SYSTEM_STARTED, {}),
            (EventType.ACCESS_DENIED, {"reason": "unknown"}),
            (EventType.ACCESS_GRANTED, {"note": "[bold]人\u001b[31m"}),
            (EventType.ACCESS_DENIED, {"reason": "schedule"}),
            (EventType.CAMERA_LOST, {}),
        ]
        for kind, data in events:
            store.journal.append(NewEvent(kind, data=data))
        yield store.journal
    assert data_dir.is_dir()
