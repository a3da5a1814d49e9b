"""The first day of a terminal, as one story: the real daemon, real HTTPS, a real browser, one film.

First run, login, enrolment from a picture, the person walks up, the event appears live, export.
"""

import csv
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.films import FILMS, make_film
from tests.daemon.conftest import wait_for
from tests.pages.conftest import DESKTOP

pytestmark = pytest.mark.slow

SLOW = 60_000  # milliseconds: models are loaded, and the machine may be busy
NAME, PASSWORD = "yui", "a door that nobody forgets"
EDGECTL = Path(sys.executable).with_name("edgectl")


@dataclass
class Terminal:
    """A data folder with models and nothing else, and a configuration."""

    folder: Path
    port: int

    @property
    def address(self) -> str:
        """Return where its pages are."""
        return f"https://127.0.0.1:{self.port}"

    def edgectl(self, *arguments: str) -> Any:
        """Run a command of a technician; return what it printed as JSON."""
        command = [str(EDGECTL), "--config", str(self.folder / "edge.toml"), *arguments, "--json"]
        done = subprocess.run(command, env=self._environ(), check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the daemon while the block runs; it ends as a service does."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "edge.daemon", "--config", self.folder / "edge.toml"],
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=self._environ(),
            )
        try:
            wait_for(lambda: "the pages are served" in (self.folder / "log").read_text(), 60)
            yield
            process.terminate()
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()

    def _environ(self) -> dict[str, str]:
        return os.environ | {"EDGE_DATA_DIR": str(self.folder / "data")}


@pytest.fixture
def terminal(tmp_path: Path, presidents: Path, prepared_models: Path) -> Terminal:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    film = make_film(next(one for one in FILMS if one.name == "walk-up"), presidents, tmp_path)
    shutil.copytree(prepared_models, tmp_path / "data" / "models")
    (tmp_path / "edge.toml").write_text(
        f'[device]\ntimezone = "Asia/Tokyo"\n[camera]\nsource = "replay:{film}"\n'
        '[door]\nrelay = "recording"\n'
        "[access]\nmax_fpir = 1.0\n[recognition]\ncooldown_seconds = 2\n[enrolment]\nkeep_crops = true\n"
        f'[storage]\nballast_mib = 0\n[web]\nlisten = "127.0.0.1"\nport = {port}\n'
    )
    return Terminal(tmp_path, port)


def first_run(page: Page, code: str) -> None:
    expect(page.get_by_role("heading", name="Set up this terminal")).to_be_visible()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Login name").fill(NAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")


def log_out_and_in(page: Page) -> None:
    page.locator(".menu.up > summary").click()
    page.get_by_role("button", name="Log out").click()
    page.get_by_label("Login name").fill(NAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")


def enrol(page: Page, picture: Path) -> None:
    page.get_by_role("link", name="People").first.click()
    page.get_by_role("link", name=re.compile("Add|Enrol")).first.click()
    page.set_input_files("#pictures", picture)
    expect(page.locator(".verdicts > li .overlay-box.ok")).to_have_count(1, timeout=SLOW)
    page.get_by_label("Name").fill("Barack Obama")
    page.get_by_role("button", name="Enrol").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Barack Obama", timeout=SLOW)


def exported(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as coming:
        page.get_by_role("link", name=name).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_from_the_first_run_to_the_export_of_the_first_entry(
    terminal: Terminal, browser: Browser, presidents: Path
) -> None:
    context = browser.new_context(
        viewport=DESKTOP,  # type: ignore[arg-type] # a mapping of width and height
        ignore_https_errors=True,
        locale="en-GB",
        timezone_id="Asia/Tokyo",
    )
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    with terminal.running():
        page.goto(terminal.address)
        first_run(page, terminal.edgectl("setup-code")["code"])
        log_out_and_in(page)
        said[:] = [line for line in said if "401" not in line]  # a live picture asked for while logging out
        enrol(page, presidents / "obama.jpg")
        page.get_by_role("link", name="Dashboard").first.click()
        entry = page.locator("#feed > li.new", has_text="Barack Obama was let in by face")
        expect(entry.first).to_be_visible(timeout=SLOW)
        page.get_by_role("link", name="Events").first.click()
        listed = page.locator("ol.log > li", has_text="Barack Obama was let in by face").first
        listed.locator("summary").click()
        expect(listed.locator(".matched img")).to_have_js_property("naturalWidth", 150)
        table = exported(page, "CSV", terminal.folder)
        book = exported(page, "Excel", terminal.folder)
        context.close()
    assert said == []
    lines = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert [line for line in lines if "Barack Obama" in line and "access.granted" in line]
    sheet = openpyxl.load_workbook(book).active
    assert sheet is not None
    assert any("Barack Obama" in row for row in sheet.iter_rows(values_only=True))
    kinds = [
        event["type"].removeprefix("edge.")
        for event in terminal.edgectl("events", "list", "--since-seq", "0", "--limit", "1000")
    ]
    story = ["person.enrolled", "access.granted", "admin.exported", "system.stopped"]
    places = [kinds.index(kind) for kind in story]
    assert places == sorted(places)
