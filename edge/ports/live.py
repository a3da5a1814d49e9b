"""What the pages ask of the moment: the live picture, new events, a verdict on pictures from outside."""

from collections.abc import Sequence
from typing import Protocol

from edge.domain.events import Event
from edge.domain.examination import Examination, Upload
from edge.domain.live_picture import Glance, LivePicture


class LiveView(Protocol):
    """What the camera shows, for any number of viewers at once; from any thread.

    Nothing is made while nobody asks: each call keeps what it asks for coming for some seconds, at most five
    times a second, and the first one after a pause waits for a new frame.
    """

    def glance(self, *, after: int = 0, timeout: float = 0.0) -> Glance | None:
        """Return the newest faces with a number over `after`, waiting up to `timeout` seconds for them.

        None where none came, as while the camera or vision is away; never older than a few seconds.
        """
        ...

    def picture(self, *, after: int = 0, timeout: float = 0.0) -> LivePicture | None:
        """Return the newest picture with a number over `after`, for a screen; otherwise as `glance`.

        Its faces are those of the glance with the same number.
        """
        ...

    def still(self, *, timeout: float = 2.0) -> LivePicture | None:
        """Return the next frame in its full size, fit for enrolment, None where none came in time."""
        ...


class EventFeed(Protocol):
    """Tells of new events; from any thread."""

    def last(self) -> int:
        """Return the highest sequence number so far; raises StoreError."""
        ...

    def wait(self, *, after: int, timeout: float, limit: int = 100) -> list[Event]:
        """Return the events with seq > after, in order, waiting up to `timeout` seconds for the first.

        Raises StoreError.
        """
        ...


class PictureExaminer(Protocol):
    """Puts pictures from outside through the gate of enrolment, where they do no harm; from any thread."""

    def examine(
        self,
        pictures: Sequence[Upload],
        *,
        person_id: str | None = None,
        chosen_face: int | None = None,
        allow_look_alike: bool = False,
    ) -> Examination:
        """Return what the gate says of pictures for `person_id`, None for somebody new.

        A picture that cannot be used is a verdict, not an error, and one that by its header is none or too
        large is never decoded. `chosen_face` counts from 1, left to right, for pictures with several faces.
        Raises ExaminerError for too many pictures at once, where too many callers wait already, or where
        nothing can be examined at present.
        """
        ...

    def warm(self) -> None:
        """Make ready for somebody who is about to send pictures; returns at once."""
        ...
