"""Pictures from outside, examined by the real child, and by one that breaks as its pictures say."""

import io
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from edge.bootstrap.examine import TOLD
from edge.config import Settings
from edge.domain.enrolment import Outcome
from edge.domain.examination import Examination, Upload
from edge.errors import ExaminerError
from edge.examine_wire import MAX_PICTURES
from edge.examiner import ChildExaminer, ExaminerRules

FAKE = (sys.executable, str(Path(__file__).with_name("fake_examiner.py")))
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x02\x00\x00\x00" + bytes(8)
WAIT = 20.0


def upload(folder: Path, name: str) -> Upload:
    return Upload(name, (folder / name).read_bytes())


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@contextmanager
def fake(*words: str, **rules: float) -> Iterator[ChildExaminer]:
    examiner = ChildExaminer({}, ExaminerRules(command=(*FAKE, *words), **rules))  # type: ignore[arg-type] # counts
    examiner.open()
    try:
        yield examiner
    finally:
        examiner.close()


def codes(found: Examination) -> list[str]:
    return [one.code for one in found.pictures]


# --- the real child ------------------------------------------------------------------------------------


def test_a_good_picture_of_somebody_new_brings_its_face_and_a_reference(
    examiner: ChildExaminer, presidents: Path
) -> None:
    found = examiner.examine([upload(presidents, "biden.jpg")])
    (picture,) = found.pictures
    assert (picture.outcome, picture.code, picture.look_alike) == (Outcome.ACCEPTED, "accepted", None)
    assert (picture.width, picture.height) == (970, 2204)
    assert picture.box is not None
    assert picture.box.share_inside(970, 2204) == pytest.approx(1)
    assert len(picture.landmarks) == 5
    assert all(picture.box.left < x < picture.box.right for x, _ in picture.landmarks)
    assert picture.figures["face_width"] > 100
    assert picture.nearest is not None
    assert picture.nearest.person_name == "Barack Obama"
    (reference,) = found.references
    assert (reference.source, reference.vector.shape) == ("biden.jpg", (128,))
    assert found.generation > 0


def test_a_telephones_picture_on_its_side_is_told_upright(examiner: ChildExaminer, presidents: Path) -> None:
    sink = io.BytesIO()
    with Image.open(presidents / "biden.jpg") as image:
        exif = image.getexif()
        exif[0x0112] = 6
        image.transpose(Image.Transpose.ROTATE_90).save(sink, "JPEG", exif=exif, quality=95)
    turned = examiner.examine([Upload("turned.jpg", sink.getvalue())]).pictures[0]
    straight = examiner.examine([upload(presidents, "biden.jpg")]).pictures[0]
    assert (turned.width, turned.height) == (970, 2204)
    assert turned.box is not None
    assert straight.box is not None
    assert turned.box.overlap(straight.box) > 0.9


def test_a_look_alike_is_refused_by_name_and_its_references_come_only_where_it_is_allowed(
    examiner: ChildExaminer, presidents: Path
) -> None:
    pictures = [upload(presidents, "obama2.jpg")]
    found = examiner.examine(pictures)
    assert codes(found) == ["looks_like_another"]
    assert [one.person_name for one in found.look_alikes] == ["Barack Obama"]
    assert found.references == ()
    allowed = examiner.examine(pictures, allow_look_alike=True)
    assert allowed.pictures[0].outcome is Outcome.ACCEPTED
    assert "second factor" in allowed.pictures[0].sentence
    assert (len(allowed.references), len(allowed.look_alikes)) == (1, 1)


def test_pictures_are_judged_against_the_person_they_are_of(
    examiner: ChildExaminer, presidents: Path
) -> None:
    obama = examiner.examine([upload(presidents, "obama2.jpg")]).look_alikes[0].person_id
    names = ["biden.jpg", "obama.jpg", "obama2.jpg", "obama2.jpg"]
    found = examiner.examine([upload(presidents, name) for name in names], person_id=obama)
    assert codes(found) == ["not_this_person", "near_duplicate", "accepted", "near_duplicate"]
    assert [one.source for one in found.references] == ["obama2.jpg"]


def test_what_is_no_face_or_no_picture_is_a_verdict_beside_the_good_ones(
    examiner: ChildExaminer, presidents: Path
) -> None:
    grey = io.BytesIO()
    Image.new("RGB", (640, 480), "grey").save(grey, "PNG")
    cut = upload(presidents, "obama3.jpg").data[:20_000]
    found = examiner.examine(
        [
            Upload("grey.png", grey.getvalue()),
            upload(presidents, "biden.jpg"),
            Upload("cut.jpg", cut),
            Upload("notes.txt", b"hello" * 100),
        ]
    )
    assert codes(found) == ["no_face", "accepted", "unreadable", "unreadable"]
    assert found.pictures[3].sentence.startswith("notes.txt: it is no picture")
    assert len(found.references) == 1


def test_the_child_is_bound_by_the_kernel(examiner: ChildExaminer) -> None:
    wait_for(lambda: examiner.pid is not None)
    lines = Path(f"/proc/{examiner.pid}/limits").read_text().splitlines()
    limits = {line[:26].strip(): line[26:].split()[1] for line in lines[1:]}
    assert limits["Max core file size"] == "0"
    assert limits["Max file size"] == str(1024 * 1024)
    assert limits["Max open files"] == "64"
    assert limits["Max cpu time"] == "300"
    assert int(limits["Max data size"]) < 700 * 1024 * 1024
    assert int(limits["Max address space"]) < 2 * 1024 * 1024 * 1024


def test_the_child_is_told_no_secrets(terminal: Settings) -> None:
    assert not TOLD & {"mqtt", "web", "alerts"}
    told = terminal.model_dump(mode="json", include=TOLD)
    assert set(told) == TOLD
    assert Settings.model_validate_json(json.dumps(told)).enrolment == terminal.enrolment


# --- a child that breaks -------------------------------------------------------------------------------


def test_a_picture_that_kills_the_child_is_found_and_the_others_are_examined() -> None:
    with fake() as examiner:
        pictures = [Upload("a", PNG), Upload("b", PNG + b"die"), Upload("c", PNG)]
        found = examiner.examine(pictures)
        assert codes(found) == ["no_face", "unreadable", "no_face"]
        assert found.pictures[1].sentence.startswith("b: it could not be examined")
        assert codes(examiner.examine([Upload("d", PNG + b"die")])) == ["unreadable"]
        assert codes(examiner.examine([Upload("e", PNG + b"fail")])) == ["unreadable"]


def test_a_picture_that_hangs_the_child_costs_its_time_only() -> None:
    with fake(request=0.2, picture=0.1) as examiner:
        assert codes(examiner.examine([Upload("a", PNG + b"hang")])) == ["unreadable"]
        assert codes(examiner.examine([Upload("b", PNG)])) == ["no_face"]


@pytest.mark.parametrize("nonsense", [b"babble", b"wrong"])
def test_a_child_that_answers_nonsense_is_an_error_and_is_replaced(nonsense: bytes) -> None:
    with fake() as examiner:
        with pytest.raises(ExaminerError, match="makes no sense"):
            examiner.examine([Upload("a", PNG + nonsense)])
        assert examiner.pid is None
        assert codes(examiner.examine([Upload("b", PNG)])) == ["no_face"]


def test_a_child_that_does_not_get_ready_is_no_picture_s_fault() -> None:
    with fake("broken") as examiner, pytest.raises(ExaminerError, match="broke down"):
        examiner.examine([Upload("a", PNG)])
    with (
        fake("slow", start=0.1) as examiner,
        pytest.raises(ExaminerError, match="took too long"),
    ):
        examiner.examine([Upload("a", PNG)])
    missing = ChildExaminer({}, ExaminerRules(command=("/no/such/program",)))
    missing.open()
    with pytest.raises(ExaminerError, match="cannot be started"):
        missing.examine([Upload("a", PNG)])
    missing.close()


def test_headers_are_refused_without_a_child() -> None:
    with fake("broken") as examiner:
        assert codes(examiner.examine([Upload("a", b"x"), Upload("b", b"")])) == ["unreadable", "unreadable"]
        assert examiner.pid is None


def test_only_so_many_wait_and_nobody_for_ever() -> None:
    with fake(request=1.0, picture=0.0, waiting=1, longest=0.3) as examiner:
        said: list[str] = []

        def ask() -> None:
            try:
                examiner.examine([Upload("a", PNG + b"hang")])
            except ExaminerError as error:
                said.append(str(error))

        callers = [threading.Thread(target=ask) for _ in range(5)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert len(said) == 5
        assert sum("too many" in line for line in said) >= 3
        assert sum("in time" in line for line in said) >= 1


@pytest.mark.parametrize("count", [0, MAX_PICTURES + 1])
def test_too_many_pictures_at_once_are_refused(count: int) -> None:
    with fake() as examiner, pytest.raises(ExaminerError, match="taken at once"):
        examiner.examine([Upload("a", PNG)] * count)


def test_a_worn_child_is_replaced_once_the_next_one_is_ready() -> None:
    with fake(requests=2) as examiner:
        pids: list[int] = []
        end = time.monotonic() + WAIT
        while len(set(pids)) < 3:
            pids.append(examiner.examine([Upload("a", PNG)]).generation)
            assert time.monotonic() < end
        assert pids[0] == pids[1]
        assert not alive(pids[0])


def test_a_child_serves_so_many_requests_at_most() -> None:
    with fake("slow", requests=1, most=3) as examiner:
        pids = [examiner.examine([Upload("a", PNG)]).generation for _ in range(4)]
        assert pids[0] == pids[2] != pids[3]


def test_a_child_without_work_is_ended() -> None:
    with fake(idle=0.2) as examiner:
        pid = examiner.examine([Upload("a", PNG)]).generation
        wait_for(lambda: not alive(pid))
        assert examiner.pid is None
        examiner.warm()
        wait_for(lambda: examiner.pid is not None)


def test_closing_ends_a_child_that_hangs() -> None:
    with fake() as examiner:
        examiner.warm()
        wait_for(lambda: examiner.pid is not None)
        pid = examiner.pid
        assert pid is not None

        def ask() -> None:
            with pytest.raises(ExaminerError):
                examiner.examine([Upload("a", PNG + b"hang")])

        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(0.2)
        examiner.close()
        thread.join(WAIT)
        assert not thread.is_alive()
        assert not alive(pid)
        with pytest.raises(ExaminerError):
            examiner.examine([Upload("a", PNG)])
