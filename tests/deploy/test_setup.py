"""What set-up says and does on machines that lack something, played with stand-ins for programs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
OLD_PYTHON = "#!/bin/sh\nexit 1\n"
NO_VENV = """#!/bin/sh
case "$*" in
  *ensurepip*) exit 1 ;;
  *version_info\\[1\\]*) echo python3.11-venv ;;
esac
"""


class Machine:
    """A checkout of set-up's own files, and a PATH whose first folder holds stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.programs = folder / "bin"
        self.programs.mkdir()
        (self.checkout / "deploy").mkdir(parents=True)
        for name in ("pyproject.toml", "requirements.lock", "deploy/setup.sh", "deploy/assets.lock"):
            shutil.copy(REPOSITORY / name, self.checkout / name)

    def has(self, program: str, text: str) -> Path:
        """Put a stand-in for `program` before the real one."""
        path = self.programs / program
        path.write_text(text)
        path.chmod(0o755)
        return path

    def setup(self, profile: str = "run", **variables: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PATH": f"{self.programs}:{os.environ['PATH']}"} | variables
        return subprocess.run(
            ["bash", "deploy/setup.sh", profile],
            cwd=self.checkout,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def refusal(run: subprocess.CompletedProcess[str]) -> str:
    """Return the one line a failed set-up ends with."""
    assert run.returncode == 1
    [line] = run.stderr.splitlines()
    return line


def test_an_old_python_is_refused_with_the_version_needed(machine: Machine) -> None:
    line = refusal(machine.setup(PYTHON=str(machine.has("python-old", OLD_PYTHON))))
    assert "needs Python 3.11 or newer" in line
    assert not (machine.checkout / ".venv").exists()


def test_a_missing_venv_module_is_told_to_somebody_who_may_not_install(machine: Machine) -> None:
    machine.has("id", "#!/bin/sh\necho 1000\n")
    machine.has("sudo", "#!/bin/sh\nexit 1\n")
    machine.has("apt-get", "#!/bin/sh\nexit 0\n")
    line = refusal(machine.setup(PYTHON=str(machine.has("python-bare", NO_VENV))))
    assert "sudo apt-get install python3.11-venv" in line


def test_a_missing_venv_module_is_installed_by_somebody_who_may(machine: Machine, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    machine.has("id", "#!/bin/sh\necho 0\n")
    machine.has("apt-get", f'#!/bin/sh\necho "$*" >>{asked}\n')
    machine.setup(PYTHON=str(machine.has("python-bare", NO_VENV)))
    assert asked.read_text().splitlines() == ["install -qq -y --no-install-recommends python3.11-venv"]


def test_stale_package_lists_are_fetched_before_a_second_try(machine: Machine, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    machine.has("id", "#!/bin/sh\necho 0\n")
    machine.has("apt-get", f'#!/bin/sh\necho "$1" >>{asked}\n[ "$1" = update ]\n')
    line = refusal(machine.setup(PYTHON=str(machine.has("python-bare", NO_VENV))))
    assert asked.read_text().split() == ["install", "update", "install"]
    assert "could not install python3.11-venv" in line


def test_an_unknown_profile_is_refused(machine: Machine) -> None:
    assert "unknown profile 'everything'" in refusal(machine.setup("everything"))
