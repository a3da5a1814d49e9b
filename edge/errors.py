"""One small tree of errors. The text of each is one clear line that names what and where."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future


class EdgeError(Exception):
    """Something the operator can act on; its text is shown as it is, without a traceback."""


class ConfigError(EdgeError, ValueError):
    """The configuration is wrong; `problems` lists every finding, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ImageError(EdgeError, ValueError):
    """A picture or film that cannot be used."""


class ModelError(EdgeError, ValueError):
    """A model file or profile that cannot be used."""


class CameraError(EdgeError, OSError):
    """A camera that cannot be opened or gave nothing usable."""


class StoreError(EdgeError):
    """The database cannot be opened, read or written."""


class StoreBusyError(StoreError):
    """Another process owns the database."""


class StoreUncertainError(StoreBusyError):
    """A write that had begun and did not end in time: whether it was made is known later."""

    def __init__(self, line: str, outcome: "Future[Any]") -> None:
        super().__init__(line)
        self._outcome = outcome

    def then(self, tell: Callable[[], object]) -> None:
        """Call `tell` once that is known: at once, or on the thread that writes, so that it must not wait."""
        self._outcome.add_done_callback(lambda _: tell())

    def result(self, timeout: float | None = None) -> Any:
        """Return what the write gave, None where nothing was written.

        Raises TimeoutError where that is not known within `timeout` seconds; None has no limit.
        """
        return None if self._outcome.exception(timeout) is not None else self._outcome.result()


class StoreFullError(StoreError):
    """The disk has no room for the write; nothing was written."""


class GalleryChangedError(StoreError):
    """The gallery changed between a look-alike check and its write; check again."""


class NotFoundError(EdgeError, LookupError):
    """No such person, event or model."""


class ConflictError(EdgeError, ValueError):
    """What was asked contradicts what is there, such as an employee number in use."""


class AdminOnlyError(EdgeError):
    """A part of what was asked is for administrators alone; `field` is what that part is about."""

    def __init__(self, line: str, *, field: str) -> None:
        super().__init__(line)
        self.field = field


class DeviceError(EdgeError, OSError):
    """A relay, input or sensor that is missing or does not answer."""


class ControlError(EdgeError):
    """The daemon refused or did not answer on its control socket."""


class DoorError(EdgeError):
    """What was asked of a door is not done, and why; the door stays as it was."""


class ExaminerError(EdgeError):
    """Pictures from outside cannot be examined at present; later they can."""


class RuleError(EdgeError, ValueError):
    """A schedule, access or attendance rule that makes no sense."""


class BrokerError(EdgeError):
    """The MQTT broker cannot be reached, ended the connection, or refused what was asked of it."""


class AlertError(EdgeError):
    """An alert was not taken. `wait` is the seconds the receiver asks for, None where it says nothing.

    `unfit` says that the receiver is there and will not have this one alert.
    """

    def __init__(self, line: str, *, wait: float | None = None, unfit: bool = False) -> None:
        super().__init__(line)
        self.wait = wait
        self.unfit = unfit


class WebError(EdgeError):
    """The pages cannot be served."""


class TooManyTriesError(EdgeError):
    """Guesses are not looked at for `wait` seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"too many tries; wait {max(1, round(wait))} s")
        self.wait = wait


class BackupError(EdgeError):
    """A backup that cannot be taken, read or put back; nothing is changed."""
