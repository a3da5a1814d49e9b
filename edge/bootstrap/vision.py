"""The vision child of the daemon, put together: everything heavy is loaded here."""

import time
from dataclasses import dataclass
from socket import socket

from edge.bootstrap.camera import build_camera, watch_rules
from edge.bootstrap.recognition import (
    embedder_profile,
    loaded_embedder,
    quality_limits,
    recognition_rules,
    still_pipeline,
)
from edge.bootstrap.storage import open_reader
from edge.config import Settings, shown_source
from edge.domain.attention import AttentionRules
from edge.domain.gallery import Gallery
from edge.domain.motion import MotionRules
from edge.domain.recognise import RecognitionRules
from edge.domain.thermal import GovernorSettings
from edge.domain.track import TrackRules
from edge.gallery_sync import GallerySync
from edge.gaze import Gaze
from edge.heat_watch import HeatWatch
from edge.live import LivePipeline, LiveRules
from edge.live_view_source import LiveViewSource
from edge.models.profile import ModelProfile
from edge.pipeline import StillPipeline
from edge.ports import Clock
from edge.stage_times import StageTimes
from edge.vision import Link, VisionLoop, VisionSettings
from edge.vision_report import Yardstick


@dataclass(frozen=True, slots=True)
class Sight:
    """The live pipeline with its models loaded, the gallery it searches, and what it rests on."""

    live: LivePipeline
    gaze: Gaze
    pipeline: StillPipeline
    gallery: Gallery
    profile: ModelProfile
    rules: RecognitionRules
    provider: str
    times: StageTimes


def build_sight(settings: Settings) -> Sight:
    """Return the live pipeline, every part of it run once; raises ModelError and ConfigError."""
    from edge.adapters.opencv_threads import use_threads

    use_threads(1)
    profile = embedder_profile(settings)
    embedder = loaded_embedder(settings, profile)
    rules = recognition_rules(settings, profile)
    gallery = Gallery(profile.vectors.metric, profile.vectors.dimension)
    times = StageTimes(time.perf_counter)
    pipeline = still_pipeline(settings, profile, embedder, times)
    pipeline.warm_up()
    times.latencies.clear()  # of the first use, which is no measure of the next
    gaze = Gaze(pipeline, AttentionRules(), MotionRules(), zone=settings.camera.looked_at)
    live = LivePipeline(
        pipeline=pipeline,
        gaze=gaze,
        gallery=gallery,
        rules=LiveRules(
            scale=profile.vectors.scale,
            recognition=rules,
            quality=quality_limits(settings.quality),
            track=TrackRules(),
            faces_at_once=settings.vision.faces_at_once,
            cooldown=settings.recognition.cooldown_seconds,
        ),
    )
    return Sight(live, gaze, pipeline, gallery, profile, rules, embedder.provider, times)


def build_vision(
    settings: Settings, link: Link, *, until_end: bool, live_fd: int | None = None
) -> VisionLoop:
    """Return the child's loop with its models loaded; raises ModelError, ConfigError, StoreError.

    `live_fd` is the socket of the live picture, None where there is none.
    """
    from edge.adapters.clock_system import ClockSystem

    clock = ClockSystem()
    sight = build_sight(settings)
    profile = sight.profile
    camera, hangs = build_camera(settings, clock, loop=not until_end)
    return VisionLoop(
        camera=camera,
        live=sight.live,
        gallery=sight.gallery,
        sync=GallerySync(open_reader(settings).people, sight.gallery, profile.version),
        link=link,
        clock=clock,
        settings=VisionSettings(
            camera=shown_source(settings.camera.source) or "none",
            provider=sight.provider,
            yardstick=Yardstick(
                model_version=profile.version,
                scale=profile.vectors.scale,
                threshold=sight.rules.threshold,
                rate=profile.false_matches.worst(sight.rules.threshold),
            ),
            until_end=until_end,
            at_capture=settings.camera.parsed.kind != "replay" or settings.camera.pace == "clock",
            rules=watch_rules(settings),
        ),
        hangs=hangs,
        times=sight.times,
        heat=_heat_watch(settings),
        viewer=_viewer(live_fd, clock) if live_fd is not None else None,
    )


def _viewer(live_fd: int, clock: Clock) -> LiveViewSource:
    from edge.adapters.picture_jpeg import encode_jpeg

    source = LiveViewSource(socket(fileno=live_fd), encode_jpeg, clock.monotonic)
    source.start()
    return source


def _heat_watch(settings: Settings) -> HeatWatch | None:
    from edge.bootstrap.thermometer import thermometer

    found = thermometer(settings)
    return HeatWatch(found, GovernorSettings(limit=settings.thermal.limit)) if found else None
