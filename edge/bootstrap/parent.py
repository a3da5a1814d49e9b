"""The parent process of the daemon, put together. Loads no picture library and no model."""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version

import structlog

from edge.bootstrap.backup import expire_replaced
from edge.bootstrap.commands import command_handlers
from edge.bootstrap.door_parts import DoorParts, build_door_parts
from edge.bootstrap.door_site import build_site
from edge.bootstrap.live import LiveParts, build_live
from edge.bootstrap.publisher import mqtt_topics
from edge.bootstrap.reload import Reload
from edge.bootstrap.self_report import SelfReport
from edge.bootstrap.sinks import Sinks, build_sinks
from edge.bootstrap.storage import open_store
from edge.bootstrap.web import Web, build_web
from edge.bootstrap.web_parts import web_parts
from edge.bootstrap.web_security import account_desk, password_hasher, security_parts
from edge.config import Sections, Settings
from edge.door_control import SiteControl
from edge.errors import ConfigError
from edge.office.attendance import AttendanceDesk
from edge.office.clock import ClockOffice
from edge.ports import Store
from edge.punch_key import PunchKey
from edge.runtime import ParentSettings, Runtime
from edge.state_folders import make_state_folders
from edge.vision_process import VISION_COMMAND
from edge.web.control import create_control_app
from edge.web.control_accounts import account_routes
from edge.web.control_backup import backup_routes
from edge.web.control_screens import screen_routes
from edge.web.server import ControlServer

log = structlog.get_logger("edge.bootstrap")


@dataclass(frozen=True, slots=True, eq=False)
class Parent:
    """The parent, ready to run."""

    runtime: Runtime
    control: ControlServer
    store: Store
    sinks: Sinks
    wired: DoorParts
    live: LiveParts
    reload: Reload
    web: Web | None = None

    def run(self) -> bool:
        """Serve the control socket and work; as `Runtime.run`. Raises ControlError as well."""
        self.control.start()
        self.sinks.start()
        if self.web is not None:
            self.web.start()
        try:
            return self.runtime.run()
        finally:
            if self.web is not None:
                self.web.stop()
            self.sinks.stop()

    def close(self) -> None:
        """Take the control socket away, leave the relay idle and release the database."""
        self.control.stop()
        self.live.close()
        self.wired.close()
        self.store.close()


def check_parent(settings: Settings, *, until_end: bool = False) -> None:
    """Refuse a configuration that the daemon cannot work with; raises ConfigError with every problem."""
    problems = []
    if until_end and settings.camera.parsed.kind != "replay":
        problems.append(
            f"{_where(settings, 'camera.source')}: camera.source: --until-end needs a film; write replay:PATH"
        )
    if settings.door.relay == "none" and settings.inputs.driver != "none":
        problems.append(
            f"{_where(settings, 'inputs.driver')}: inputs.driver: the contacts are those of a door, and "
            "door.relay is none; set it as well"
        )
    if problems:
        raise ConfigError(problems)


def build_parent(
    settings: Settings,
    *,
    until_end: bool = False,
    print_fd: int | None = None,
    vision_command: Sequence[str] | None = None,
) -> Parent:
    """Return the parent with its database open and its relay idle.

    Raises ConfigError, StoreError, and StoreBusyError where another daemon runs.
    """
    from edge.adapters.clock_system import ClockSystem
    from edge.adapters.memory_proc import resident_bytes
    from edge.adapters.notify_systemd import NotifySystemd

    check_parent(settings, until_end=until_end)
    make_state_folders(settings.data_dir)
    expire_replaced(settings)
    clock = ClockSystem()
    store = open_store(settings, create=True, clock=clock)
    keys = PunchKey(clock.monotonic)
    with ExitStack() as undo:  # once the database says that no other daemon drives the door
        undo.callback(store.close)
        wired = build_door_parts(settings)
        undo.callback(wired.close)
        site = build_site(settings, store, clock, wired, key=keys.take)
        undo.pop_all()
    doors = SiteControl(site, clock)
    live = build_live(settings, store, clock)
    runtime = Runtime(
        store=store,
        site=site,
        doors=doors,
        clock=clock,
        settings=ParentSettings(
            device=settings.device.name,
            settings=settings.model_dump(mode="json"),
            started={"version": version("edge"), "config": config_digest(settings)},
            until_end=until_end,
            print_fd=print_fd,
            live_fd=live.fd,
            vision_command=vision_command or VISION_COMMAND,
        ),
        notifier=NotifySystemd.from_environment(os.environ),
    )
    reload = Reload(settings.file, runtime.stop, _check_start if vision_command is None else check_parent)
    handlers = command_handlers(mqtt_topics(settings), doors=doors, live=live.window, reload=reload)
    sinks = build_sinks(settings, store, runtime.health, handlers, clock)
    report = SelfReport(
        version=version("edge"),
        status=runtime.status,
        sinks=sinks.health,
        journal=store.journal,
        resident=resident_bytes,
    )
    hasher = password_hasher()
    accounts = account_desk(settings, store, clock, hasher)
    app = create_control_app(
        people=store.people,
        access=store.access,
        doors=doors,
        attendance=AttendanceDesk(people=store.people, journal=store.journal, query=store.query, clock=clock),
        clock=ClockOffice(clock, store.journal),
        more=(screen_routes(store.screens, clock), account_routes(accounts), backup_routes(store.journal)),
        health=report.health,
        metrics=report.metrics,
        allowed_uids=frozenset({0, os.getuid()}),
    )
    web = build_web(
        settings,
        lambda: web_parts(
            settings,
            store,
            clock,
            report.health,
            live,
            camera=lambda: runtime.status().camera,
            doors=doors,
            keys=keys,
            restart=reload,
            security=security_parts(settings, store, clock, accounts, hasher),
        ),
    )
    control = ControlServer(settings.control_socket, app)
    return Parent(runtime, control, store, sinks, wired, live, reload, web)


def _check_start(settings: Settings) -> None:
    """Refuse what would keep the daemon from starting; raises ConfigError, ModelError."""
    from edge.bootstrap.model_check import check_models

    check_parent(settings)
    check_models(settings)


def config_digest(settings: Settings) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of all values, wherever they were set."""
    values = settings.model_dump(mode="json", include=set(Sections.model_fields))
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def _where(settings: Settings, key: str) -> str:
    origin = settings.origin(key).where
    return origin or str(settings.file or "configuration")
