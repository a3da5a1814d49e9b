"""Puts pictures from outside through the gate of enrolment in a child that may break, one after the other."""

import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import structlog

from edge.domain.enrolment import Outcome
from edge.domain.examination import Examination, ExaminedPicture, Upload
from edge.errors import ExaminerError, ImageError
from edge.examine_process import EXAMINE_COMMAND, ChildLostError, ExamineProcess
from edge.examine_wire import MAX_PICTURES, StartBody
from edge.guard import start_thread
from edge.picture_header import check_header

log = structlog.get_logger("edge.examiner")

UNREADABLE = "unreadable"
BROKE = "it could not be examined; choose another picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminerRules:
    """Seconds and counts.

    `start` until a child is ready, models loaded; `request` and `picture` for a request and each picture of
    it; `idle` until a child without work is ended; `waiting` callers beside the one whose pictures are
    examined; `longest` until a caller gives up. After `requests` of them a child is replaced as soon as the
    next one is ready, and after `most` in any case: what a hostile picture may have done to it does not stay.
    """

    start: float = 60.0
    request: float = 5.0
    picture: float = 5.0
    idle: float = 20.0
    waiting: int = 3
    longest: float = 60.0
    requests: int = 200
    most: int = 400
    command: Sequence[str] = EXAMINE_COMMAND


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    pictures: tuple[Upload, ...]
    words: dict[str, Any]
    answer: "Future[Examination]" = field(default_factory=Future)


Clock: TypeAlias = Callable[[], float]


class ChildExaminer:
    """Implements `ports.PictureExaminer`. One thread owns the one child, which dies with it.

    Nothing runs before the first call, and no child is left where nobody calls any more.
    """

    def __init__(self, settings: dict[str, Any], rules: ExaminerRules | None = None) -> None:
        self._start = StartBody(settings=settings)
        self._rules = rules or ExaminerRules()
        self._tasks: queue.Queue[_Task | None] = queue.Queue(self._rules.waiting)
        self._child: ExamineProcess | None = None
        self._next: ExamineProcess | None = None  # takes its place once it is ready
        self._served = 0
        self._opened = False
        self._closed = False

    def open(self) -> None:
        """Begin to wait for pictures."""
        self._opened = True
        self._thread = start_thread("examiner", self._run)

    def close(self) -> None:
        """End the child, whatever it does; returns soon, and may be called twice."""
        self._closed = True
        for child in (self._child, self._next):
            if child is not None:
                child.end()
        if self._opened:
            self._opened = False
            self._put(None)
            self._thread.join(self._rules.request)

    @property
    def pid(self) -> int | None:
        """Return the child's process id, None where there is none."""
        child = self._child
        return None if child is None else child.pid

    def examine(
        self,
        pictures: Sequence[Upload],
        *,
        person_id: str | None = None,
        chosen_face: int | None = None,
        allow_look_alike: bool = False,
    ) -> Examination:
        """Return what the gate says; see `ports.PictureExaminer.examine`."""
        if not 0 < len(pictures) <= MAX_PICTURES:
            raise ExaminerError(
                f"pictures: {len(pictures)} were sent, one to {MAX_PICTURES} are taken at once"
            )
        words = {
            "person_id": person_id,
            "chosen_face": chosen_face,
            "allow_look_alike": allow_look_alike,
        }
        refused = {place: verdict for place, one in enumerate(pictures) if (verdict := _by_header(one))}
        good = tuple(one for place, one in enumerate(pictures) if place not in refused)
        found = self._ask(_Task(good, words)) if good else Examination(())
        rest = iter(found.pictures)
        return replace(
            found,
            pictures=tuple(refused.get(place) or next(rest) for place in range(len(pictures))),
        )

    def warm(self) -> None:
        """Start a child, where there is none; see `ports.PictureExaminer.warm`."""
        if self._child is None and self._opened:
            self._put(_Task((), {}))

    def _ask(self, task: _Task) -> Examination:
        if not self._opened or not self._put(task):
            raise ExaminerError("too many pictures are being examined; try again in a moment")
        try:
            return task.answer.result(self._rules.longest)
        except FutureTimeout:
            task.answer.cancel()
            raise ExaminerError("the pictures could not be examined in time; try again") from None

    def _put(self, task: _Task | None) -> bool:
        try:
            self._tasks.put_nowait(task)
        except queue.Full:
            return False
        return True

    def _run(self) -> None:
        try:
            while not self._closed:
                self._turn()
        finally:
            self._end()
            self._turn_away()

    def _turn_away(self) -> None:
        """Let nobody wait for what will not come."""
        while not self._tasks.empty():
            task = self._tasks.get()
            if task is not None and task.answer.set_running_or_notify_cancel():
                task.answer.set_exception(ExaminerError("examiner: the daemon is stopping"))

    def _turn(self) -> None:
        try:
            task = self._tasks.get(timeout=self._rules.idle if self._child is not None else None)
        except queue.Empty:
            self._end()
            return
        if task is None or not task.answer.set_running_or_notify_cancel():
            return
        try:
            task.answer.set_result(self._examine(task))
        except ExaminerError as error:
            log.warning("pictures could not be examined", reason=str(error))
            self._end()
            task.answer.set_exception(error)

    def _examine(self, task: _Task) -> Examination:
        if not task.pictures:
            self._ready()
            return Examination(())
        try:
            return self._through(task.pictures, task.words)
        except ChildLostError:
            self._end()
            if self._closed:
                raise
        broken = [self._breaks(one, task.words) for one in task.pictures]
        good = tuple(one for one, bad in zip(task.pictures, broken, strict=True) if not bad)
        found = self._through(good, task.words) if good else Examination(())
        rest = iter(found.pictures)
        pictures = (
            _refusal(one, f"{one.source}: {BROKE}") if bad else next(rest)
            for one, bad in zip(task.pictures, broken, strict=True)
        )
        return replace(found, pictures=tuple(pictures))

    def _breaks(self, picture: Upload, words: dict[str, Any]) -> bool:
        """Return whether a picture breaks the child by itself."""
        try:
            self._through((picture,), words)
        except ChildLostError:
            self._end()
            if self._closed:
                raise
            return True
        return False

    def _through(self, pictures: Sequence[Upload], words: dict[str, Any]) -> Examination:
        child = self._ready()
        self._served += 1
        seconds = self._rules.request + self._rules.picture * len(pictures)
        return child.examine(pictures, **words, seconds=seconds)

    def _ready(self) -> ExamineProcess:
        if self._child is not None and self._served >= self._rules.requests:
            self._renew()
        if self._child is None:
            child = self._next or self._started()
            self._next = None
            child.wait_ready()
            self._child, self._served = child, 0
            log.debug("examiner is ready", pid=child.pid)
        return self._child

    def _renew(self) -> None:
        """Have a worn child replaced: by the next one once that is ready, which nobody waits for before."""
        if self._next is None:
            self._next = self._started()
        if self._child is not None and (self._next.is_ready or self._served >= self._rules.most):
            self._child.end()
            self._child = None

    def _started(self) -> ExamineProcess:
        return ExamineProcess(self._rules.command, self._start, patience=self._rules.start)

    def _end(self) -> None:
        ended, self._child, self._next = (self._child, self._next), None, None
        for child in ended:
            if child is not None:
                child.end()


def _by_header(picture: Upload) -> ExaminedPicture | None:
    """Return the refusal of a picture that is none by its header, None for one to be decoded."""
    try:
        check_header(picture.data, picture.source)
    except ImageError as error:
        return _refusal(picture, str(error))
    return None


def _refusal(picture: Upload, line: str) -> ExaminedPicture:
    return ExaminedPicture(picture.source, Outcome.REFUSED, UNREADABLE, line)
