import json
import os
import socket
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from edge.adapters.clock_system import ClockSystem
from edge.adapters.control import ControlClient, PeopleOverControl, UnixConnection
from edge.adapters.store_sqlite import SqliteStore, open_reader, open_store
from edge.control_wire import MAX_BODY
from edge.domain.access_group import Group
from edge.domain.consent import Consent
from edge.domain.person import Details, NewReference
from edge.errors import ConflictError, ControlError, GalleryChangedError, NotFoundError
from edge.web.control import create_control_app
from edge.web.server import ControlServer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = open_store(tmp_path / "edge.db", clock=ClockSystem(), boot_id="boot", ballast_bytes=0)
    yield opened
    opened.close()


@pytest.fixture
def served(tmp_path: Path, store: SqliteStore) -> Iterator[Path]:
    path = tmp_path / "control.sock"
    app = create_control_app(
        people=store.people, health=lambda: {"state": "well"}, allowed_uids=frozenset({os.getuid()})
    )
    server = ControlServer(path, app)
    server.start()
    yield path
    server.stop()


@pytest.fixture
def remote(tmp_path: Path, served: Path) -> Iterator[PeopleOverControl]:
    reader = open_reader(tmp_path / "edge.db")
    yield PeopleOverControl(reader, ControlClient(served))
    reader.close()


def a_reference(seed: int = 1, *, crop: bool = False) -> NewReference:
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 255, (150, 150, 3), dtype=np.uint8) if crop else None
    vector = random.normal(size=128).astype(np.float32)
    return NewReference("model-1", vector, "写真.jpg", {"sharpness": 12.5}, pixels)


def raw(path: Path, method: str, route: str, body: bytes = b"") -> tuple[int, dict[str, str]]:
    connection = UnixConnection(path, 10)
    try:
        connection.request(method, route, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def enrolled(remote: PeopleOverControl, name: str = "花子 Müller", number: str | None = "7") -> str:
    person = remote.enrol(
        name=name,
        external_id=number,
        references=[a_reference(1, crop=True), a_reference(2)],
        seen_generation=remote.generation(),
        actor="whoever",
    )
    return person.id


def test_somebody_enrolled_through_the_socket_is_in_the_database_with_the_same_vectors(
    remote: PeopleOverControl, store: SqliteStore
) -> None:
    person_id = enrolled(remote)
    kept = {reference.source: reference for reference in store.people.references("model-1")}
    assert store.people.find(person_id).name == "花子 Müller"
    assert len(store.people.references("model-1")) == 2
    assert np.array_equal(kept["写真.jpg"].vector, a_reference(2).vector) or np.array_equal(
        kept["写真.jpg"].vector, a_reference(1).vector
    )


def test_the_actor_is_the_uid_that_the_kernel_names_not_what_the_caller_says(
    remote: PeopleOverControl, store: SqliteStore
) -> None:
    enrolled(remote)
    assert store.journal.events()[-1].data["actor"] == f"uid:{os.getuid()}"


def test_pictures_are_added_and_somebody_is_removed_through_the_socket(
    remote: PeopleOverControl, store: SqliteStore
) -> None:
    person_id = enrolled(remote)
    grown = remote.extend(
        person_id=person_id, references=[a_reference(3)], seen_generation=remote.generation(), actor=""
    )
    assert grown.references == 3
    remote.remove(person_id=person_id, actor="")
    assert store.people.people() == []


def test_details_are_given_through_the_socket_with_the_enrolment(
    remote: PeopleOverControl, store: SqliteStore
) -> None:
    store.access.put_group(Group(name="night"), actor="t")
    details = Details(
        second_factor=True,
        valid_until=1_800_000_000.0,
        groups=("night",),
        consent=Consent(date(2026, 4, 1), "form 3"),
    )
    person = remote.enrol(
        name="Yui",
        external_id=None,
        references=[a_reference()],
        seen_generation=remote.generation(),
        details=details,
        actor="",
    )
    assert Details.of(store.people.find(person.id)) == details
    with pytest.raises(NotFoundError):
        remote.enrol(
            name="Mei",
            external_id=None,
            references=[a_reference(2)],
            seen_generation=remote.generation(),
            details=Details(groups=("gone",)),
            actor="",
        )
    assert [one.name for one in store.people.people()] == ["Yui"]


def test_the_errors_of_the_store_reach_the_caller_as_what_they_are(remote: PeopleOverControl) -> None:
    enrolled(remote)
    with pytest.raises(GalleryChangedError):
        remote.enrol(name="B", external_id=None, references=[a_reference(4)], seen_generation=0, actor="")
    with pytest.raises(ConflictError, match="7"):
        enrolled(remote, "C", "7")
    with pytest.raises(NotFoundError):
        remote.remove(person_id="01ARZ3NDEKTSV4RRFFQ69G5FAV", actor="")


def test_a_name_that_is_a_path_or_markup_is_only_a_name(
    remote: PeopleOverControl, store: SqliteStore
) -> None:
    hostile = "../../etc/passwd <script>[red]x[/red]'; DROP TABLE person;--"
    person_id = enrolled(remote, hostile, None)
    assert store.people.find(person_id).name == hostile


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"name": 1}',
        b'{"name": "x", "references": [], "seen_generation": 0}',
        b'{"name": "x", "seen_generation": -1, "references": [{}]}',
        json.dumps(
            {
                "name": "x",
                "seen_generation": 0,
                "references": [{"model_version": "m", "vector": "####", "source": "", "quality": {}}],
            }
        ).encode(),
        json.dumps(
            {
                "name": "x",
                "seen_generation": 0,
                "references": [{"model_version": "m", "vector": "AAA=", "source": "", "quality": {}}],
            }
        ).encode(),
        json.dumps(
            {
                "name": "x",
                "seen_generation": 0,
                "references": [{"model_version": "m", "vector": "AADAfw==", "source": "", "quality": {}}],
            }
        ).encode(),  # one float32 that is not a number
    ],
)
def test_a_malformed_request_gets_one_line_and_changes_nothing(
    served: Path, store: SqliteStore, body: bytes
) -> None:
    before = store.people.generation()
    status, told = raw(served, "POST", "/v1/people", body)
    assert status == 400
    assert told["error"] == "ControlError"
    assert "\n" not in told["line"]
    assert store.people.generation() == before


def test_a_body_beyond_the_limit_is_refused_and_the_server_goes_on(served: Path) -> None:
    connection = UnixConnection(served, 10)
    connection.putrequest("POST", "/v1/people")
    connection.putheader("Content-Length", str(MAX_BODY + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    assert raw(served, "GET", "/v1/health")[0] == 200


@pytest.mark.parametrize("route", ["/", "/v1", "/v2/health", "/v1/people/../../x", "/static/x"])
def test_an_unknown_route_is_a_plain_404(served: Path, route: str) -> None:
    status, told = raw(served, "GET", route)
    assert status in {404, 405}
    assert told["error"] == "ControlError"


def test_a_user_who_is_neither_root_nor_the_daemon_is_refused(tmp_path: Path, store: SqliteStore) -> None:
    path = tmp_path / "other.sock"
    app = create_control_app(people=store.people, health=dict, allowed_uids=frozenset({os.getuid() + 1}))
    server = ControlServer(path, app)
    server.start()
    try:
        assert raw(path, "GET", "/v1/health")[0] == 403
    finally:
        server.stop()


def test_only_the_owner_can_reach_the_socket(served: Path) -> None:
    assert served.stat().st_mode & 0o777 == 0o600


def test_an_idle_connection_does_not_hold_up_another(served: Path) -> None:
    idle = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(8)]
    try:
        for connection in idle:
            connection.connect(str(served))
        assert raw(served, "GET", "/v1/health")[0] == 200
    finally:
        for connection in idle:
            connection.close()


def test_a_daemon_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match=r"nobody\.sock: the daemon does not answer"):
        ControlClient(tmp_path / "nobody.sock").ask("GET", "/v1/health")


def test_an_answer_that_is_no_json_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "odd.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhey")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ControlError, match="no JSON"):
            ControlClient(path).ask("GET", "/v1/health")
        thread.join()


def test_a_path_too_long_for_a_socket_is_one_clear_line(tmp_path: Path, store: SqliteStore) -> None:
    app = create_control_app(people=store.people, health=dict, allowed_uids=frozenset())
    with pytest.raises(ControlError, match="too long"):
        ControlServer(tmp_path / ("x" * 120), app).start()


def test_stopping_removes_the_socket_and_may_be_done_twice(tmp_path: Path, store: SqliteStore) -> None:
    path = tmp_path / "short.sock"
    app = create_control_app(people=store.people, health=dict, allowed_uids=frozenset())
    server = ControlServer(path, app)
    server.start()
    server.stop()
    server.stop()
    assert not path.exists()


def test_reading_is_as_from_the_database(remote: PeopleOverControl) -> None:
    reader = remote
    person_id = enrolled(remote)
    assert reader.find("7").id == person_id
    assert len(reader.reference_ids("model-1")) == 2
    assert [person.id for person in reader.people()] == [person_id]
    assert len(reader.references("model-1")) == 2
