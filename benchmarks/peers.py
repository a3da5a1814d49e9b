"""The environment of the peers, `var/peers`: what we are compared with shares no package with the product."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "benchmarks/peers.lock"
FOLDER = ROOT / "var/peers"
BUILDS = "setuptools"  # builds face_recognition_models, which exists as source only, and is needed to run it


def python() -> Path:
    """Return the interpreter of the peers, set up anew where the lock file is newer than it."""
    done = FOLDER / ".done"
    interpreter = FOLDER / "bin/python"
    if not done.exists() or done.stat().st_mtime < LOCK.stat().st_mtime:
        print(f"setting up {FOLDER}", file=sys.stderr)
        venv.create(FOLDER, clear=True, with_pip=True)
        with tempfile.NamedTemporaryFile("w", suffix=".lock") as first:
            first.write(_block(BUILDS))
            first.flush()
            _install(interpreter, Path(first.name))
        _install(interpreter, LOCK)
        done.touch()
    return interpreter


def _install(interpreter: Path, lock: Path) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    # The set-up of the product has fetched the large sources already.
    near = ["--no-build-isolation", "--find-links", str(ROOT / "var/cache")]
    subprocess.run([interpreter, "-m", "pip", "install", *options, *near, "-r", lock], check=True)


def _block(package: str) -> str:
    """Return the lines of the lock file that pin one package."""
    lines = LOCK.read_text().splitlines(keepends=True)
    begin = next(number for number, line in enumerate(lines) if line.startswith(f"{package}=="))
    end = next((n for n, line in enumerate(lines) if n > begin and not line.startswith(" ")), len(lines))
    return "".join(lines[begin:end])
