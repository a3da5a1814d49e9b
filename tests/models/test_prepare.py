import importlib.util
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.config import Places
from edge.errors import ModelError
from edge.models import dlib_source
from edge.models.durable import exclusive
from edge.models.prepare import prepare
from edge.models.profile import Form
from edge.models.profile_file import installed, load_profile

MODELS = ["dlib-landmarks5", "dlib-resnet29"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    return tmp_path / "state" / "models"


@pytest.fixture
def good(models_dir: Path, prepared: Path) -> Path:
    shutil.copytree(prepared, models_dir)
    return models_dir


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Return every file below a folder with what identifies its content."""
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def refusal(models_dir: Path, **arguments: object) -> str:
    with pytest.raises(ModelError) as caught:
        prepare(models_dir, **arguments)  # type: ignore[arg-type] # passed on as given
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_with_dlibs_files_gives_two_models_that_verify(prepared: Path) -> None:
    assert names(prepared) == MODELS
    for profile in installed(prepared):
        profile.verify()
        assert profile.path.is_absolute()
        assert profile.licence.name == "CC0-1.0"


def test_the_default_threshold_is_99_percent_and_not_the_textbooks(prepared: Path) -> None:
    vectors = load_profile(prepared, "dlib-resnet29").vectors
    assert f"{vectors.scale.percent(vectors.door):.2f}" == "99.00"
    assert vectors.textbook == 0.6


def test_the_profile_carries_the_rates_of_every_group(prepared: Path) -> None:
    table = load_profile(prepared, "dlib-resnet29").false_matches
    assert {(row.group, row.pairs) for row in table.rows} >= {
        ("between Japanese people", 1830),
        ("between East and South-East Asian people", 1326),
    }
    at_the_door = table.worst(0.42)
    assert at_the_door.rate == pytest.approx(0.0077)
    assert at_the_door.group == "between East and South-East Asian people"


def test_run_again_it_changes_nothing(good: Path, dlib_models: Path) -> None:
    before = state(good)
    for source in (dlib_models, None):
        results = prepare(good, source=source)
        assert sorted(one.profile.name for one in results) == MODELS
        assert not any(one.made for one in results)
    assert state(good) == before


def test_force_makes_the_same_models_anew(good: Path, dlib_models: Path) -> None:
    before, version = state(good), load_profile(good, "dlib-resnet29").version
    progress: list[float] = []
    results = prepare(
        good,
        source=dlib_models,
        force=True,
        form=Form.FP32,
        progress=lambda _step, share: progress.append(share),
    )
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert all(one.made for one in results)
    assert state(good).keys() == before.keys()
    assert state(good) != before
    assert load_profile(good, "dlib-resnet29").version == version
    assert names(good) == MODELS


def test_a_damaged_model_is_made_anew(good: Path, dlib_models: Path) -> None:
    path = load_profile(good, "dlib-resnet29").path
    with path.open("r+b") as stream:
        stream.seek(1_000_000)
        stream.write(b"damage")
    results = prepare(good, source=dlib_models)
    assert {one.profile.name: one.made for one in results} == {
        "dlib-resnet29": True,
        "dlib-landmarks5": False,
    }
    load_profile(good, "dlib-resnet29").verify()


def test_a_source_distribution_will_do(models_dir: Path, dlib_models: Path, tmp_path: Path) -> None:
    archive = tmp_path / "face_recognition_models-0.3.0.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as packed:
        for path in dlib_models.iterdir():
            packed.add(path, f"face_recognition_models-0.3.0/face_recognition_models/models/{path.name}")
    prepare(models_dir, source=archive)
    assert [profile.name for profile in installed(models_dir)] == MODELS
    assert names(models_dir) == MODELS


def test_the_installed_package_is_found_without_being_imported(
    models_dir: Path, dlib_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "face_recognition_models"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('pkg_resources')\n")
    (package / "models").symlink_to(dlib_models)
    monkeypatch.syspath_prepend(str(package.parent))
    prepare(models_dir)
    assert [profile.name for profile in installed(models_dir)] == MODELS


def test_without_a_package_the_files_that_setup_fetched_are_taken(
    models_dir: Path, dlib_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache/assets").mkdir(parents=True)
    (tmp_path / "cache/assets/dlib").symlink_to(dlib_models)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(dlib_source, "default_places", lambda: Places(tmp_path / "edge.toml", tmp_path))
    prepare(models_dir)
    assert [profile.name for profile in installed(models_dir)] == MODELS


def test_without_any_source_one_line_says_where_to_get_one(
    models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(dlib_source, "default_places", lambda: Places(tmp_path / "edge.toml", tmp_path))
    text = refusal(models_dir)
    assert "pip install" in text
    assert "--from" in text
    assert not models_dir.parent.exists()


class TestANetOfSomebodyElse:
    @pytest.fixture
    def dat(self, write_net: Callable[..., bytes], tmp_path: Path) -> Path:
        path = tmp_path / "Retrained Net_v2.dat"
        path.write_bytes(write_net(9))
        return path

    def test_gets_its_own_name_and_unknown_rates(self, models_dir: Path, dat: Path) -> None:
        (made,) = prepare(models_dir, source=dat)
        profile = load_profile(models_dir, "retrained-net-v2")
        assert made.profile == profile
        assert profile.false_match == ()
        assert profile.licence.name == "unknown"
        assert not profile.false_matches.worst(0.42).known
        assert names(models_dir) == ["retrained-net-v2"]

    def test_gets_the_name_given(self, models_dir: Path, dat: Path) -> None:
        prepare(models_dir, source=dat, name="site-model")
        assert load_profile(models_dir, "site-model").name == "site-model"

    def test_cannot_take_the_name_of_dlibs_own(self, models_dir: Path, dat: Path) -> None:
        assert "these are not dlib's own weights" in refusal(models_dir, source=dat, name="dlib-resnet29")
        assert not models_dir.parent.exists()

    def test_cannot_be_written_outside_of_the_models_folder(self, models_dir: Path, dat: Path) -> None:
        assert "name" in refusal(models_dir, source=dat, name="../../escape")
        assert not models_dir.parent.exists()

    def test_does_not_replace_another_net_of_the_same_name(
        self, models_dir: Path, dat: Path, write_net: Callable[..., bytes]
    ) -> None:
        prepare(models_dir, source=dat, name="site-model")
        before = state(models_dir)
        dat.write_bytes(write_net(10))
        assert "--force" in refusal(models_dir, source=dat, name="site-model")
        assert state(models_dir) == before
        prepare(models_dir, source=dat, name="site-model", force=True)
        assert state(models_dir) != before


class TestBadInput:
    @pytest.fixture(params=["missing", "empty", "text", "cut", "longer", "other net", "no archive", "folder"])
    def bad(
        self, request: pytest.FixtureRequest, tmp_path: Path, embedder_dat: Path, dlib_models: Path
    ) -> Path:
        path = tmp_path / "bad.dat"
        match request.param:
            case "empty":
                path.touch()
            case "text":
                path.write_text("this is no net")
            case "cut":
                path.write_bytes(embedder_dat.read_bytes()[:-1000])
            case "longer":
                path.write_bytes(embedder_dat.read_bytes() + b"more")
            case "other net":
                return dlib_models / "mmod_human_face_detector.dat"
            case "no archive":
                path = tmp_path / "bad.tar.gz"
                path.write_bytes(b"\x1f\x8b\x08\x00" + bytes(100))
            case "folder":
                path.mkdir()
        return path

    def test_is_one_line_and_leaves_nothing(self, bad: Path, models_dir: Path) -> None:
        assert str(bad) in refusal(models_dir, source=bad)
        assert not models_dir.parent.exists()

    def test_does_not_touch_good_models(self, bad: Path, good: Path) -> None:
        before = state(good)
        refusal(good, source=bad, force=True)
        assert state(good) == before
        assert names(good) == MODELS

    def test_a_damaged_landmarker_is_refused(
        self, models_dir: Path, dlib_models: Path, tmp_path: Path
    ) -> None:
        data = (dlib_models / "shape_predictor_5_face_landmarks.dat").read_bytes()
        path = tmp_path / "shape_predictor_5_face_landmarks.dat"
        path.write_bytes(data[:-1] + b"x")
        assert "not dlib's five-point predictor" in refusal(models_dir, source=tmp_path)
        assert not models_dir.parent.exists()

    def test_a_file_where_the_folder_should_be_is_named(self, tmp_path: Path, dlib_models: Path) -> None:
        (tmp_path / "state").write_text("in the way")
        assert str(tmp_path / "state") in refusal(tmp_path / "state" / "models", source=dlib_models)
        assert (tmp_path / "state").read_text() == "in the way"

    @pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder in which nobody may write")
    def test_a_folder_that_cannot_be_written_is_named(self, dlib_models: Path) -> None:
        assert "/proc/self" in refusal(Path("/proc/self/models"), source=dlib_models)


def test_ctrl_c_leaves_the_models_as_they_were(good: Path, dlib_models: Path) -> None:
    before = state(good)

    def interrupt(_step: str, share: float) -> None:
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(good, source=dlib_models, force=True, progress=interrupt)
    assert state(good) == before
    assert names(good) == MODELS


def test_two_at_once_do_not_meet(models_dir: Path, dlib_models: Path) -> None:
    with exclusive(models_dir):
        assert "another program is preparing models here" in refusal(models_dir, source=dlib_models)


@pytest.fixture
def started(models_dir: Path, dlib_models: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    code = (
        "import sys; from pathlib import Path; from edge.models.prepare import prepare\n"
        "prepare(Path(sys.argv[1]), source=Path(sys.argv[2]), force=True,"
        " progress=lambda step, share: print(step, flush=True))"
    )
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", code, str(models_dir), str(dlib_models)]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.slow
@pytest.mark.parametrize("before", ["nothing", "good models"])
def test_after_a_kill_at_any_moment_preparing_works(
    before: str,
    models_dir: Path,
    dlib_models: Path,
    started: Callable[[], subprocess.Popen[bytes]],
) -> None:
    if before == "good models":
        prepare(models_dir, source=dlib_models)
    rest = np.random.default_rng(3)
    for _ in range(4):
        process = started()
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        time.sleep(rest.uniform(0, 2.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        for profile in installed(models_dir):  # whatever is there by its name is whole
            profile.verify()
    prepare(models_dir, source=dlib_models)
    assert names(models_dir) == MODELS
    for profile in installed(models_dir):
        profile.verify()
