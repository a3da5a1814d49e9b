"""The child's loop: camera, live pipeline, gallery, and what is told to the parent."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from edge.domain.camera_watch import (
    CameraWatch,
    CloseCamera,
    Effect,
    GiveUp,
    OpenCamera,
    SayCovered,
    SayLive,
    SayLost,
    WatchRules,
)
from edge.domain.face import Frame
from edge.domain.frame_look import FrameEye, FrameLook
from edge.domain.gallery import Gallery
from edge.errors import CameraError, StoreError
from edge.gallery_sync import GallerySync
from edge.heat_watch import HeatWatch
from edge.live import Finding, LivePipeline, Watched
from edge.ports import Camera, Clock, EndOfFilm
from edge.stage_times import StageTimes
from edge.vision_report import Yardstick, report, thermal
from edge.vision_wire import CameraState, Ended, Message, Progress, Ready, StageLatencies, Thermal

log = structlog.get_logger("edge.vision")

READ_TIMEOUT = 0.5  # seconds to wait for a frame before looking at the wire
PROGRESS_PERIOD = 0.5  # seconds between two signs of life, and between two looks at the gallery
CAMERA_RULES = WatchRules()


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


class Viewer(Protocol):
    """Whoever looks at the live picture; never waits."""

    def wants(self, now: float) -> bool:
        """Return whether a frame at `now` should be shown."""
        ...

    def show(self, frame: Frame, faces: Sequence[Watched], *, now: float, shift: float = 0.0) -> None:
        """Show a frame and the faces followed in it; `shift` seconds are added to its time."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionSettings:
    """What the loop tells and how it ends.

    `camera` and `provider` are told to the parent. With `until_end` the end of a film is the end, and a film
    that cannot be read an error. `at_capture` says that frames carry the moment they were taken; those of a
    film that is read as fast as it goes do not. `rules` are how the camera is watched; where they let frames
    repeat (`frozen` infinite), repeated ones are looked at as well.
    """

    camera: str
    provider: str
    yardstick: Yardstick
    until_end: bool = False
    at_capture: bool = True
    rules: WatchRules = CAMERA_RULES


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
        heat: HeatWatch | None = None,
        viewer: Viewer | None = None,
    ) -> None:
        self._camera = camera
        self._live = live
        self._gallery = gallery
        self._sync = sync
        self._link = link
        self._clock = clock
        self._settings = settings
        self._hangs = hangs
        self._heat = heat
        self._viewer = viewer
        self._thermal: Thermal | None = None
        self._times = times or StageTimes(clock.monotonic)
        self._watch = CameraWatch(settings.rules, clock.monotonic())
        self._eye = FrameEye()
        self._open = False
        self._size: tuple[int, int] | None = None
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
        try:
            while not self._link.stopping:
                self._turn()
        finally:
            self._camera.close()

    def _turn(self) -> None:
        self._apply(self._watch.tick(self._clock.monotonic()))
        if self._open:
            self._read()
        else:
            self._link.wait(PROGRESS_PERIOD)
        self._tick()

    def _read(self) -> None:
        """Take frames until one does not come in time; only then its age tells anything of the camera."""
        try:
            while not self._link.stopping and (frame := self._camera.read(READ_TIMEOUT)) is not None:
                self._see(frame, self._clock.monotonic())
                if not self._open:
                    return
                self._tick()
        except CameraError as error:
            self._failed(str(error))
        except EndOfFilm:
            self._film_over()

    def _see(self, frame: Frame, now: float) -> None:
        self._frames += 1
        look = self._eye.look(frame)
        if look.size != self._size:
            self._end_tracks()  # what they know of places holds no longer
            self._size = look.size
        self._apply(self._watch.see(now, look))
        if not self._open:
            return
        if self._worth(look):
            self._decide(frame, now)
        if self._viewer is not None and self._viewer.wants(now):
            self._viewer.show(frame, self._live.in_view(frame.at), now=now, shift=self._shift)

    def _decide(self, frame: Frame, now: float) -> None:
        self._seen_at = frame.at
        self._shift = 0.0 if self._settings.at_capture else now - frame.at
        if self._settings.at_capture:
            self._times.add("age", now - frame.at)
        with self._times.measured("frame"):
            findings = self._live.step(frame)
        self._tell(findings)

    def _worth(self, look: FrameLook) -> bool:
        repeats = look.identical and math.isinf(self._settings.rules.frozen)
        return look.usable or (repeats and not look.dark and not look.flat)

    def _apply(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case OpenCamera():
                    self._open_camera()
                case CloseCamera():
                    self._open = False
                    self._camera.close()
                    self._end_tracks()
                case SayLive(after=after):
                    self._tell_camera("live", "" if after is None else f"after {after:.0f} s")
                case SayLost(why=why):
                    self._tell_camera("lost", why)
                case SayCovered(why=why):
                    self._end_tracks()
                    self._tell_camera("covered", why)
                case GiveUp(why=why):
                    raise CameraError(why)

    def _open_camera(self) -> None:
        try:
            self._camera.open()
        except CameraError as error:
            self._failed(str(error))
            return
        self._open = True
        self._apply(self._watch.opened(self._clock.monotonic()))

    def _failed(self, why: str) -> None:
        if self._settings.until_end:
            raise CameraError(why)
        self._open = False
        self._camera.close()  # what tells whether its driver hangs
        self._end_tracks()
        log.debug("camera failed", reason=why)
        self._apply(self._watch.failed(self._clock.monotonic(), why, hangs=self._hangs()))

    def _film_over(self) -> None:
        self._end_tracks()
        if self._settings.until_end:
            self._link.send(Ended(frames=self._frames))
            self._rest()
            return
        self._camera.close()
        self._open_camera()

    def _end_tracks(self) -> None:
        if self._seen_at is not None:
            self._tell(self._live.finish(self._seen_at))
            self._seen_at = None

    def _tell(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            self._link.send(report(finding, self._settings.yardstick, self._shift))

    def _tell_camera(self, state: str, detail: str) -> None:
        self._link.send(CameraState.model_validate({"state": state, "detail": detail[:500]}))

    def _rest(self) -> None:
        """Wait for the end with signs of life."""
        while not self._link.stopping:
            self._link.wait(PROGRESS_PERIOD)
            self._tick()

    def _tick(self) -> None:
        """Show that work goes on, and look for changes of the gallery, at most twice a second."""
        now = self._clock.monotonic()
        if now - self._ticked < PROGRESS_PERIOD:
            return
        self._ticked = now
        self._refresh()
        self._govern(now)
        snapshot = self._gallery.snapshot
        self._link.send(
            Progress(
                frames=self._frames,
                faces=self._live.faces,
                tracks=self._live.tracks,
                people=snapshot.people,
                references=snapshot.size,
                stages={name: StageLatencies.of(spent) for name, spent in self._times.latencies.items()},
                thermal=self._thermal,
            )
        )

    def _govern(self, now: float) -> None:
        heat = self._heat.step(now) if self._heat is not None else None
        if heat is not None:
            self._live.throttle(heat.rate)
            self._thermal = thermal(heat)

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
