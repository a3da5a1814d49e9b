"""What the repository holds, and what it must not."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".heic", ".ppm"}
FILMS = {".avi", ".mp4", ".mkv", ".mov", ".webm", ".mjpeg", ".h264"}
WEIGHTS = {".onnx", ".dat", ".bin", ".pt", ".pth", ".tflite", ".engine", ".caffemodel", ".npz", ".npy"}
SECRETS = {".pem", ".key", ".p12", ".pfx"}
LARGEST = 256 * 1024  # bytes; only lock files come near
DRAWN = "docs/images/"  # screenshots and drawings that show no real person


@cache
def tracked() -> tuple[Path, ...]:
    """Return the files git tracks; skips where the source is no checkout (a source distribution)."""
    run = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        pytest.skip("not a git checkout")
    return tuple(path for name in run.stdout.split("\0") if name and (path := REPOSITORY / name).is_file())


def relative(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def test_no_photographs_films_weights_or_secrets_are_tracked() -> None:
    unwanted = PICTURES | FILMS | WEIGHTS | SECRETS
    found = [
        relative(path)
        for path in tracked()
        if path.suffix.lower() in unwanted and not relative(path).startswith(DRAWN)
    ]
    assert found == []


def test_no_large_file_is_tracked() -> None:
    assert {relative(path): path.stat().st_size for path in tracked() if path.stat().st_size > LARGEST} == {}


def test_no_file_names_a_path_of_one_machine() -> None:
    folders = re.compile(r"(?<![\w.])/(?:work|tmp|root|home/[a-z]+)/")
    shipped = ("edge/", "docs/", "config/", "deploy/", "systemd/", "README", "CONTRIBUTING", "CHANGELOG")
    found = [
        f"{relative(path)}:{number}"
        for path in tracked()
        if relative(path).startswith(shipped) and path.suffix not in PICTURES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if folders.search(line)
    ]
    assert found == []


def test_lock_files_name_no_index() -> None:
    found = [
        f"{name}: {line}"
        for name in ("requirements.lock", "requirements-dev.lock", "deploy/assets.lock")
        for line in (REPOSITORY / name).read_text(encoding="utf-8").splitlines()
        if "://" in line or line.startswith("-")
    ]
    assert found == []
