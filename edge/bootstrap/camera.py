"""The camera that `[camera]` asks for, put together."""

import math
from collections.abc import Callable
from pathlib import Path

from edge.config import Settings
from edge.domain.camera_watch import WatchRules
from edge.live_camera import LiveCamera
from edge.ports import Camera, Clock
from edge.turned_camera import TurnedCamera


def build_camera(settings: Settings, clock: Clock, *, loop: bool) -> tuple[Camera, Callable[[], bool]]:
    """Return the camera, its frames upright, and what tells whether its driver hangs.

    With `loop` a replay begins anew at its end.
    """
    camera, hangs = _source(settings, clock, loop=loop)
    turn, mirror = settings.camera.rotate, settings.camera.mirror
    return (TurnedCamera(camera, turn=turn, mirror=mirror) if turn or mirror else camera), hangs


def watch_rules(settings: Settings) -> WatchRules:
    """Return how the camera is watched: a replay may repeat and rest, a slow one be silent for two frames."""
    if settings.camera.parsed.kind == "replay":
        return WatchRules(silent=math.inf, frozen=math.inf)
    return WatchRules(silent=max(WatchRules().silent, 2 / settings.camera.rate))


def _source(settings: Settings, clock: Clock, *, loop: bool) -> tuple[Camera, Callable[[], bool]]:
    match settings.camera.parsed.kind:
        case "none":
            from edge.adapters.camera_none import CameraNone

            return CameraNone(), lambda: False
        case "replay":
            return _replay(settings, clock, loop=loop), lambda: False
        case "rtsp":
            from edge.adapters.camera_rtsp import CameraRtsp

            live: LiveCamera = CameraRtsp(settings.camera.parsed.target, clock)
        case "pipe":
            live = _command(settings, clock)
        case "device" | "index":
            live = _v4l2(settings, clock)
    return live, lambda: live.hangs


def _replay(settings: Settings, clock: Clock, *, loop: bool) -> Camera:
    from edge.adapters.camera_replay import CameraReplay
    from edge.adapters.picture_file import read_picture

    return CameraReplay(
        Path(settings.camera.parsed.target),
        clock=clock,
        read_picture=read_picture,
        rate=settings.camera.rate,
        pace=settings.camera.pace,
        loop=loop,
    )


def _command(settings: Settings, clock: Clock) -> LiveCamera:
    from edge.adapters.camera_pipe import CameraPipe, RawLayout

    camera = settings.camera
    if camera.pipe_format == "mjpeg":
        return CameraPipe(camera.parsed.arguments, "mjpeg", clock)
    layout = RawLayout(camera.width, camera.height, camera.pipe_format)
    return CameraPipe(camera.parsed.arguments, layout, clock)


def _v4l2(settings: Settings, clock: Clock) -> LiveCamera:
    from edge.adapters.camera_v4l2 import CameraV4l2, V4l2Mode

    mode = V4l2Mode(
        width=settings.camera.width,
        height=settings.camera.height,
        rate=settings.camera.rate,
        pixel_format=settings.camera.pixel_format,
        exposure=settings.camera.exposure,
        gain=settings.camera.gain,
    )
    return CameraV4l2(settings.camera.parsed.target, mode, clock)
