"""Thousands of damaged pictures: each is refused or judged, nothing breaks, nothing is left.

EDGE_TEST_FUZZ says how many go the whole way, over the page and through the child; the rest are looked at by
their headers only, which is all that most of them get.
"""

import io
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from flask.testing import FlaskClient

from edge.bootstrap.examine import build_examiner
from edge.config import Settings
from edge.errors import ImageError
from edge.examiner import ChildExaminer
from edge.picture_header import check_header
from edge.web.account import Account
from edge.web.app import create_admin_app
from edge.web.roles import Role
from tests.examiner.mutations import mutated, seeds
from tests.pages.site import open_site

ALL = 10_000
WHOLE_WAY = int(os.environ.get("EDGE_TEST_FUZZ", "80"))
GROWTH = 200 * 1024 * 1024  # bytes, of the parent and the child together


def own_memory(pid: int | str) -> int:
    """Return the bytes that a process has to itself."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


def test_ten_thousand_headers_are_headers_or_refusals(presidents: Path) -> None:
    outcomes: Counter[str] = Counter()
    for data in mutated(seeds(presidents), ALL):
        try:
            header = check_header(data, "a.jpg")
        except ImageError:
            outcomes["refused"] += 1
        else:
            outcomes[header.kind] += 1
            assert header.width * header.height <= 12_000_000
    assert outcomes["refused"] > ALL / 5
    assert min(outcomes[kind] for kind in ("jpeg", "png", "webp")) > ALL / 50


def test_damaged_uploads_are_refused_or_judged_and_nothing_is_left(
    terminal: Settings, presidents: Path, tmp_path: Path
) -> None:
    with open_site(tmp_path, people=0, events=0) as (site, store, _):
        examiner = build_examiner(terminal)
        examiner.open()
        parts = replace(site.extensions["edge"], examiner=examiner)
        app = create_admin_app(parts, lambda: Account("yui", Role.ADMIN))
        app.config["WTF_CSRF_ENABLED"] = False
        left = set(Path(tempfile.gettempdir()).iterdir())
        before, seq = own_memory("self"), store.journal.last_seq()
        statuses, most = _send_all(app.test_client(), examiner, mutated(seeds(presidents), WHOLE_WAY))
        assert set(statuses) <= {200, 422}, statuses
        assert statuses[422] > WHOLE_WAY / 4
        assert most - before < GROWTH
        assert store.people.people() == []
        assert store.journal.last_seq() == seq
        child = examiner.pid
        examiner.close()
        assert child is None or not Path(f"/proc/{child}").exists()
        assert {one for one in Path(tempfile.gettempdir()).iterdir() if "edge" in one.name} <= left


def _send_all(
    client: FlaskClient, examiner: ChildExaminer, pictures: Iterable[bytes]
) -> tuple[Counter[int], int]:
    """Send each, and return how often each status came, and the most memory that was held meanwhile."""
    statuses: Counter[int] = Counter()
    most = 0
    for data in pictures:
        answer = client.post(
            "/people/examine",
            data={"pictures": [(io.BytesIO(data), "a.jpg")]},
            headers={"Accept": "application/json"},
        )
        statuses[answer.status_code] += 1
        if examiner.pid is not None:
            most = max(most, own_memory("self") + own_memory(examiner.pid))
    return statuses, most
