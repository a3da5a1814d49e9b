"""The parent's grip on the child that examines pictures: its start, a request, its end."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import TypeVar

from edge.domain.examination import Examination, Upload
from edge.errors import ExaminerError
from edge.examine_wire import (
    MAX_LINE,
    AnswerBody,
    FailureBody,
    PictureHead,
    ReadyBody,
    RequestBody,
    StartBody,
    from_child,
    line_of,
)

EXAMINE_COMMAND = (sys.executable, "-P", "-m", "edge.examine_main")
READ_BYTES = 64 * 1024
FRUGAL = {"MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
Answer = TypeVar("Answer", ReadyBody, AnswerBody)
KILLED = 5.0  # seconds until a killed child is given up


class ChildLostError(ExaminerError):
    """The child ended or hung while it examined; whatever it was given may be why."""


class ExamineProcess:
    """One child; used by one thread. Raises ExaminerError where it cannot be started.

    It loads its models meanwhile: `wait_ready` comes before the first request. The child leads a process
    group of its own and writes to nowhere: libraries complain at length of damaged pictures, and strangers
    choose them.
    """

    def __init__(self, command: Sequence[str], start: StartBody, *, patience: float) -> None:
        ours, theirs = socket.socketpair()
        self._wire = ours
        self._until = time.monotonic() + patience
        self._rest = b""
        self._ending = threading.Lock()
        try:
            self._child = subprocess.Popen(
                [*command, str(theirs.fileno()), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                process_group=0,
                env=os.environ | FRUGAL,
            )
        except OSError as error:
            ours.close()
            raise ExaminerError(f"examiner: it cannot be started: {error}") from None
        finally:
            theirs.close()
        with contextlib.suppress(ChildLostError):  # `wait_ready` tells why
            self._say(line_of(start), self._until)

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._child.pid

    @property
    def is_ready(self) -> bool:
        """Return whether `wait_ready` has nothing to wait for; takes no time."""
        return bool(select.select([self._wire], [], [], 0)[0])

    def wait_ready(self) -> None:
        """Return once models are loaded; raises ExaminerError where that fails or takes too long.

        The child is ended then.
        """
        try:
            self._expect(ReadyBody, self._until)
        except ExaminerError as error:
            self.end()
            raise ExaminerError(str(error)) from None  # of whatever kind: no picture is to blame

    def examine(
        self,
        pictures: Sequence[Upload],
        *,
        person_id: str | None,
        chosen_face: int | None,
        allow_look_alike: bool,
        seconds: float,
    ) -> Examination:
        """Return what the child says within `seconds`; raises ExaminerError, after which it is of no use."""
        end = time.monotonic() + seconds
        request = RequestBody(
            person_id=person_id,
            chosen_face=chosen_face,
            allow_look_alike=allow_look_alike,
            pictures=[PictureHead(source=one.source[:500], size=len(one.data)) for one in pictures],
        )
        self._say(line_of(request), end)
        for one in pictures:
            self._say(one.data, end)
        answer = self._expect(AnswerBody, end)
        try:
            return answer.examination([one.source for one in pictures])
        except ValueError as error:
            raise ExaminerError(f"examiner: its answer makes no sense: {error}") from None

    def end(self) -> None:
        """End the child at once, and all it started; may be called twice, and from another thread."""
        self._wire.close()
        with self._ending:
            if self._child.returncode is not None:
                return  # its number may be somebody else's by now
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(KILLED)

    def _say(self, data: bytes, end: float) -> None:
        try:
            self._wire.settimeout(max(end - time.monotonic(), 0.01))
            self._wire.sendall(data)
        except OSError:
            raise ChildLostError("examiner: it takes no more") from None

    def _expect(self, kind: type[Answer], end: float) -> Answer:
        message = from_child(self._line(end))
        if isinstance(message, FailureBody):
            raise ChildLostError(f"examiner: {message.line}")
        if not isinstance(message, kind):
            raise ExaminerError("examiner: it answered something else")
        return message

    def _line(self, end: float) -> bytes:
        while b"\n" not in self._rest:
            if len(self._rest) > MAX_LINE:
                raise ExaminerError("examiner: its answer is too long")
            self._rest += self._read(end)
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _read(self, end: float) -> bytes:
        try:
            self._wire.settimeout(max(end - time.monotonic(), 0.01))
            data = self._wire.recv(READ_BYTES)
        except TimeoutError:
            raise ChildLostError("examiner: it took too long") from None
        except OSError as error:
            raise ChildLostError(f"examiner: {error}") from None
        if not data:
            raise ChildLostError("examiner: it broke down")
        return data
