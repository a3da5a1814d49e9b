"""The child's loop: camera, live pipeline, gallery, and what is told to the parent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from edge.domain.face import Frame
from edge.domain.gallery import Gallery
from edge.errors import CameraError, StoreError
from edge.gallery_sync import GallerySync
from edge.live import Finding, LivePipeline
from edge.ports import Camera, Clock, EndOfFilm
from edge.stage_times import StageTimes
from edge.vision_report import Yardstick, report
from edge.vision_wire import CameraState, Ended, Message, Progress, Ready, StageLatencies

log = structlog.get_logger("edge.vision")

READ_TIMEOUT = 0.5  # seconds to wait for a frame before looking at the wire
FRAME_AGE = 4.0  # seconds without a frame after which a camera counts as lost
PROGRESS_PERIOD = 0.5  # seconds between two signs of life, and between two looks at the gallery
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0  # seconds between two tries to open a camera, doubling


class Link(Protocol):
    """The child's end of the wire."""

    @property
    def stopping(self) -> bool:
        """Return whether it is time to end."""
        ...

    def send(self, message: Message) -> None:
        """Send a message to the parent."""
        ...

    def wait(self, seconds: float) -> None:
        """Return after `seconds`, or sooner when it is time to end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionSettings:
    """What the loop tells and how it ends.

    `camera` and `provider` are told to the parent. With `until_end` the end of a film is the end, and a film
    that cannot be read an error. `at_capture` says that frames carry the moment they were taken; those of a
    film that is read as fast as it goes do not.
    """

    camera: str
    provider: str
    yardstick: Yardstick
    until_end: bool = False
    at_capture: bool = True


class VisionLoop:
    """Runs until the parent says stop or is gone; every turn ends within a frame's work and READ_TIMEOUT.

    `hangs` tells of a camera whose driver only the end of this process gets out of; `times` are those of the
    stages, measured by the parts.
    """

    def __init__(
        self,
        *,
        camera: Camera,
        live: LivePipeline,
        gallery: Gallery,
        sync: GallerySync,
        link: Link,
        clock: Clock,
        settings: VisionSettings,
        hangs: Callable[[], bool] = lambda: False,
        times: StageTimes | None = None,
    ) -> None:
        self._camera = camera
        self._live = live
        self._gallery = gallery
        self._sync = sync
        self._link = link
        self._clock = clock
        self._settings = settings
        self._hangs = hangs
        self._times = times or StageTimes(clock.monotonic)
        self._wait = FIRST_WAIT
        self._state: str | None = None
        self._frames = 0
        self._seen_at: float | None = None
        self._shift = 0.0
        self._ticked = clock.monotonic()
        self._store_failed = False

    def run(self) -> None:
        """Work.

        Raises StoreError where the gallery cannot be read at the start, and CameraError where another try at
        the camera is of no use in this process.
        """
        self._sync.refresh()
        snapshot = self._gallery.snapshot
        self._link.send(
            Ready(
                model_version=self._settings.yardstick.model_version,
                provider=self._settings.provider,
                camera=self._settings.camera,
                people=snapshot.people,
                references=snapshot.size,
            )
        )
        while not self._link.stopping:
            try:
                self._camera.open()
                self._watch()
            except CameraError as error:
                self._camera.close()
                if self._settings.until_end:
                    raise
                self._lost(str(error))
                if self._hangs():
                    raise
                self._wait_for_camera(str(error))
            except EndOfFilm:
                self._film_over()
            finally:
                self._camera.close()

    def _watch(self) -> None:
        last = self._clock.monotonic()
        while not self._link.stopping:
            frame = self._camera.read(READ_TIMEOUT)
            now = self._clock.monotonic()
            if frame is not None:
                last = now
                self._see(frame, now)
            elif now - last > FRAME_AGE:
                raise CameraError(f"{self._settings.camera}: no frame for {FRAME_AGE:g} s")
            self._tick()

    def _see(self, frame: Frame, now: float) -> None:
        if self._state != "live":
            self._tell_camera("live", "")
        self._wait = FIRST_WAIT
        self._frames += 1
        self._seen_at = frame.at
        self._shift = 0.0 if self._settings.at_capture else now - frame.at
        if self._settings.at_capture:
            self._times.add("age", now - frame.at)
        with self._times.measured("frame"):
            findings = self._live.step(frame)
        self._tell(findings)

    def _lost(self, detail: str) -> None:
        self._end_tracks()
        if self._state != "lost":
            self._tell_camera("lost", detail)

    def _wait_for_camera(self, detail: str) -> None:
        log.debug("camera is tried again", wait_s=self._wait, reason=detail)
        self._rest(self._wait)
        self._wait = min(self._wait * 2, LONGEST_WAIT)

    def _film_over(self) -> None:
        self._end_tracks()
        if self._settings.until_end:
            self._link.send(Ended(frames=self._frames))
            self._rest(float("inf"))

    def _end_tracks(self) -> None:
        if self._seen_at is not None:
            self._tell(self._live.finish(self._seen_at))
            self._seen_at = None

    def _tell(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            self._link.send(report(finding, self._settings.yardstick, self._shift))

    def _tell_camera(self, state: str, detail: str) -> None:
        self._state = state
        self._link.send(CameraState.model_validate({"state": state, "detail": detail[:500]}))

    def _rest(self, seconds: float) -> None:
        """Wait with signs of life."""
        until = self._clock.monotonic() + seconds
        while not self._link.stopping and (left := until - self._clock.monotonic()) > 0:
            self._link.wait(min(left, PROGRESS_PERIOD))
            self._tick()

    def _tick(self) -> None:
        """Show that work goes on, and look for changes of the gallery, at most twice a second."""
        now = self._clock.monotonic()
        if now - self._ticked < PROGRESS_PERIOD:
            return
        self._ticked = now
        self._refresh()
        snapshot = self._gallery.snapshot
        self._link.send(
            Progress(
                frames=self._frames,
                faces=self._live.faces,
                tracks=self._live.tracks,
                people=snapshot.people,
                references=snapshot.size,
                stages={name: StageLatencies.of(spent) for name, spent in self._times.latencies.items()},
            )
        )

    def _refresh(self) -> None:
        """Bring the gallery up to date; where it cannot be read, the last one known stays in use."""
        try:
            changed = self._sync.refresh()
        except StoreError as error:
            if not self._store_failed:
                log.error("gallery cannot be read, the last one known stays in use", error=str(error))  # noqa: TRY400 - one line
            self._store_failed = True
            return
        if self._store_failed:
            log.info("gallery can be read again")
            self._store_failed = False
        if changed:
            snapshot = self._gallery.snapshot
            log.info("gallery changed", people=snapshot.people, references=snapshot.size)
