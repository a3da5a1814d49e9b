"""A real terminal behind the pages: database, models, examiner, and vision on a replayed film."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import Flask

from deploy.demo.films import FILMS, make_film
from edge.adapters.clock_system import ClockSystem
from edge.bootstrap.parent import Parent, build_parent
from edge.bootstrap.web_parts import web_parts
from edge.config import Settings, load_settings
from edge.guard import start_thread
from edge.web.account import Account
from edge.web.app import create_admin_app
from edge.web.roles import Role
from edge.web.server_admin import Listen, WebServer

if TYPE_CHECKING:
    from edge.adapters.store_sqlite import SqliteStore

CONFIGURATION = """
[device]
name = "front-door"
timezone = "Asia/Tokyo"
[camera]
source = "replay:{film}"
[door]
relay = "recording"
[access]
max_fpir = 1.0
[recognition]
cooldown_seconds = 2
[enrolment]
keep_crops = true
[web]
enabled = false
"""


@dataclass
class Terminal:
    """A running terminal; `account` may be changed while it runs."""

    settings: Settings
    parent: Parent
    app: Flask
    address: str = ""
    account: Account = Account("yui", Role.ADMIN)  # noqa: RUF009 - frozen

    @property
    def store(self) -> "SqliteStore":
        """Return its database."""
        return cast("SqliteStore", self.parent.store)

    def forget_everybody(self) -> None:
        """Remove all people and groups."""
        self.account = Account("yui", Role.ADMIN)
        for person in self.store.people.people():
            self.store.people.remove(person_id=person.id, actor="test")
        for group in self.store.access.groups():
            self.store.access.remove_group(group, actor="test")


def prepare(folder: Path, *, models: Path, presidents: Path, film: str = "walk-up") -> Settings:
    """Return the settings of a terminal without people, with these models; its camera replays a film."""
    path = make_film(next(one for one in FILMS if one.name == film), presidents, folder)
    config = folder / "edge.toml"
    config.write_text(CONFIGURATION.format(film=path))
    environment = {"EDGE_DATA_DIR": str(folder / "data"), "EDGE_CONFIG": str(config)}
    shutil.copytree(models, folder / "data" / "models")
    subprocess.run(
        [Path(sys.executable).with_name("edgectl"), "init"],
        env=os.environ | environment,
        check=True,
        capture_output=True,
    )
    return load_settings(environ=environment)


@contextmanager
def running(settings: Settings, port: int = 0, *, vision: bool = True) -> Iterator[Terminal]:
    """Run the terminal while the block runs; without `vision` its camera is off."""
    parent = build_parent(settings)
    with ExitStack() as ends:
        ends.callback(parent.close)
        terminal = Terminal(settings, parent, Flask("none"))
        runtime = parent.runtime
        parts = web_parts(
            settings,
            terminal.store,
            ClockSystem(),
            runtime.health,
            parent.live,
            camera=lambda: runtime.status().camera,
        )
        terminal.app = create_admin_app(parts, lambda: terminal.account)
        server = WebServer(Listen("127.0.0.1", port, ""), terminal.app, tls=None)
        server.start()
        ends.callback(server.stop)
        terminal.address = f"http://127.0.0.1:{server.port}"
        if vision:

            def run() -> None:
                parent.run()

            thread = start_thread("terminal", run)
            ends.callback(thread.join, 10.0)
            ends.callback(parent.runtime.stop)
        yield terminal
