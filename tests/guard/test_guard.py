import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from edge.errors import ConfigError, DeviceError, EdgeError
from edge.guard import cli_guard, guard_threads, guarded, start_thread


class BrokenError(Exception):
    pass


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    with capture_logs() as entries:
        yield entries


def break_down() -> None:
    raise BrokenError("no hope")


def test_an_exception_is_logged_once_told_and_goes_no_further(logged: list[EventDict]) -> None:
    told: list[BaseException] = []
    with guarded("relay", told.append):
        break_down()
    (error,) = told
    (entry,) = logged
    assert isinstance(error, BrokenError)
    assert entry["where"] == "relay"
    assert entry["error"] == "BrokenError: no hope"
    assert entry["exc_info"] is error
    assert entry["log_level"] == "error"


def test_nothing_is_said_where_nothing_goes_wrong(logged: list[EventDict]) -> None:
    told: list[BaseException] = []
    with guarded("relay", told.append):
        pass
    assert (told, logged) == ([], [])


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_a_program_passes(kind: type[BaseException], logged: list[EventDict]) -> None:
    told: list[BaseException] = []

    def end() -> None:
        with guarded("relay", told.append):
            raise kind

    with pytest.raises(kind):
        end()
    assert (told, logged) == ([], [])


def test_a_decorated_callback_gives_its_value_or_none(logged: list[EventDict]) -> None:
    @guarded("callback")
    def divide(by: int) -> float:
        return 1 / by

    assert divide(2) == 0.5
    assert divide(0) is None
    assert divide(4) == 0.25
    assert len(logged) == 1


def test_a_handler_that_fails_is_logged_and_changes_nothing(logged: list[EventDict]) -> None:
    def fail(_error: BaseException) -> None:
        raise RuntimeError("the supervisor is broken as well")

    with guarded("relay", fail):
        break_down()
    assert [entry["event"] for entry in logged] == ["unexpected error", "error handler failed"]


def test_a_thread_that_fails_ends_and_says_so(logged: list[EventDict]) -> None:
    told: list[BaseException] = []
    thread = start_thread("publisher", break_down, told.append)
    thread.join(10)
    assert not thread.is_alive()
    assert thread.name == "publisher"
    assert [str(error) for error in told] == ["no hope"]
    assert [entry["where"] for entry in logged] == ["publisher"]


def test_a_thread_that_hangs_does_not_hold_up_the_end_of_the_process() -> None:
    program = (
        "import threading; from edge.guard import start_thread; start_thread('stuck', threading.Event().wait)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=20, check=False).returncode == 0


def test_a_thread_of_a_library_is_covered(logged: list[EventDict], monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[BaseException] = []
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    guard_threads(told.append)
    thread = threading.Thread(target=break_down, name="paho")
    thread.start()
    thread.join(10)
    assert [str(error) for error in told] == ["no hope"]
    assert [entry["where"] for entry in logged] == ["paho"]


def test_a_program_gives_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_guard("edgectl", lambda: None) == 0
    assert cli_guard("edgectl", lambda: 3) == 3
    assert capsys.readouterr() == ("", "")


def fails_with(error: BaseException, *, log_unexpected: bool = False) -> int:
    def act() -> int:
        raise error

    return cli_guard("edgectl", act, log_unexpected=log_unexpected)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (EdgeError("door: it is stuck; push"), "edgectl: error: door: it is stuck; push\n"),
        (DeviceError("relay: no such pin"), "edgectl: error: relay: no such pin\n"),
        (EdgeError("a\nb\x1b[31m\u202e\udc80"), "edgectl: error: a\\nb\\x1b[31m\\u202e\\udc80\n"),
        (EdgeError("山田　太郎.jpg: too dark"), "edgectl: error: 山田　太郎.jpg: too dark\n"),
        (ConfigError(["f:1: a", "f:2: b\nc"]), "edgectl: error: f:1: a\nedgectl: error: f:2: b\\nc\n"),
        (PermissionError(13, "Permission denied", "/x"), "edgectl: error: /x: Permission denied\n"),
        (
            BrokenError("no hope"),
            (
                "edgectl: error: unexpected BrokenError: no hope; "
                "this is a defect of the program (EDGE_TRACEBACK=1 shows where)\n"
            ),
        ),
    ],
)
def test_an_error_is_one_line_and_status_1(
    error: Exception, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDGE_TRACEBACK", raising=False)
    assert fails_with(error) == 1
    assert capsys.readouterr() == ("", said)


def test_the_traceback_is_shown_on_demand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGE_TRACEBACK", "1")
    assert fails_with(EdgeError("known")) == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback (most recent call last):\n")
    assert said.endswith("\nedgectl: error: known\n")


def test_a_daemon_logs_the_traceback_of_what_nobody_foresaw(logged: list[EventDict]) -> None:
    fails_with(EdgeError("known"), log_unexpected=True)
    assert logged == []
    fails_with(BrokenError("no hope"), log_unexpected=True)
    assert [entry["where"] for entry in logged] == ["edgectl"]


def test_ctrl_c_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert fails_with(KeyboardInterrupt()) == 130
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_went_away_is_quiet() -> None:
    program = (
        "import sys; from edge.guard import cli_guard; sys.exit(cli_guard('p', lambda: print('x' * 100_000)))"
    )
    read, write = os.pipe()
    os.close(read)
    run = subprocess.run(
        [sys.executable, "-c", program], stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert (run.returncode, run.stderr) == (141, "")


def test_guarding_alone_loads_no_logging() -> None:
    program = "import sys, edge.guard; print('structlog' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
