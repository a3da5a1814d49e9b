import errno
import os
from pathlib import Path

import pytest

from edge.models.durable import exclusive, publish, refusal, staging, write_durably


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, b"one")
    write_durably(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(tmp_path) == ["file"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_published_folder_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    for content in ("old", "new"):
        with staging(tmp_path) as scratch:
            (scratch / "made").mkdir()
            (scratch / "made" / content).touch()
            publish(scratch / "made", tmp_path / "model")
    assert names(tmp_path) == ["model"]
    assert names(tmp_path / "model") == ["new"]
    assert (tmp_path / "model").stat().st_mode & 0o777 == 0o755 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_what_was_interrupted_is_cleared_and_what_was_replaced_comes_back(tmp_path: Path) -> None:
    (tmp_path / ".prepare-left").mkdir()
    (tmp_path / ".prepare-left" / "half").touch()
    (tmp_path / ".replaced-lost").mkdir()  # ended before its successor was in place
    (tmp_path / ".replaced-kept").mkdir()
    (tmp_path / "kept").mkdir()
    with exclusive(tmp_path):
        assert names(tmp_path) == ["kept", "lost"]


def test_folders_made_for_nothing_go_again(tmp_path: Path) -> None:
    def fail_inside(folder: Path) -> None:
        with exclusive(folder):
            raise KeyError("something went wrong")

    with pytest.raises(KeyError):
        fail_inside(tmp_path / "a" / "b")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        (".prepare-x1y2", "models"),
        (".prepare-x1y2/dlib-resnet29/model.onnx", "models"),
        ("dlib-resnet29/.profile.toml-x1y2", "models/dlib-resnet29"),
        ("dlib-resnet29/profile.toml", "models/dlib-resnet29/profile.toml"),
    ],
)
def test_an_error_names_what_its_reader_knows(tmp_path: Path, inside: str, told: str) -> None:
    folder = tmp_path / "models"
    error = OSError(errno.EROFS, "Read-only file system", str(folder / inside))
    assert str(refusal(folder, error)) == f"{tmp_path / told}: Read-only file system"


def test_an_error_elsewhere_or_nowhere_is_told_as_it_is(tmp_path: Path) -> None:
    elsewhere = OSError(errno.ENOENT, "No such file or directory", "/media/a.dat")
    assert str(refusal(tmp_path, elsewhere)) == "/media/a.dat: No such file or directory"
    assert str(refusal(tmp_path, OSError(errno.ENOSPC, "No space left"))) == f"{tmp_path}: No space left"


def test_a_file_that_cannot_be_replaced_is_named_and_stays(tmp_path: Path) -> None:
    (tmp_path / "profile.toml").mkdir()
    with pytest.raises(OSError, match="directory") as failed:
        write_durably(tmp_path / "profile.toml", b"new")
    assert failed.value.filename == str(tmp_path / "profile.toml")
    assert names(tmp_path) == ["profile.toml"]
