import json
from pathlib import Path

import pytest

from edge.cli import main


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.adapters.backup_file.COST", {"n": 1024, "r": 8, "p": 1})


@pytest.fixture
def config(tmp_path: Path, data_dir: Path) -> str:
    del data_dir
    file = tmp_path / "edge.toml"
    file.write_text("[storage]\nballast_mib = 0\n", encoding="utf-8")
    assert main(["--config", str(file), "init"]) == 0
    return str(file)


@pytest.fixture
def passphrase(tmp_path: Path) -> list[str]:
    file = tmp_path / "passphrase"
    file.write_text("seven green umbrellas\n", encoding="utf-8")
    return ["--passphrase-file", str(file)]


def test_a_backup_goes_out_and_comes_back(
    config: str,
    passphrase: list[str],
    tmp_path: Path,
    data_dir: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "one.edgebackup"
    capsys.readouterr()
    assert main(["--config", config, "backup", str(file), *passphrase, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["people"] == 0
    assert file.stat().st_mode & 0o077 == 0
    assert main(["--config", config, "restore", str(file), *passphrase, "--yes"]) == 0
    assert "restart the daemon" in capsys.readouterr().out
    assert (data_dir / "restore" / "edge.db").is_file()
    assert main(["--config", config, "people", "list", "--json"]) == 0  # reading does not switch
    assert main(["--config", config, "clock", "vouch"]) == 0  # writing does
    assert not (data_dir / "restore").exists()
    assert len(list((data_dir / "backups").glob("before-restore-*"))) == 1


def test_an_existing_file_is_not_written_over(
    config: str, passphrase: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "one.edgebackup"
    file.write_text("mine", encoding="utf-8")
    assert main(["--config", config, "backup", str(file), *passphrase]) == 1
    assert "it is there already; name a new file" in capsys.readouterr().err
    assert file.read_text("utf-8") == "mine"


def test_a_short_passphrase_leaves_no_file(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = tmp_path / "short"
    short.write_text("short\n", encoding="utf-8")
    file = tmp_path / "one.edgebackup"
    assert main(["--config", config, "backup", str(file), "--passphrase-file", str(short)]) == 1
    assert "at least 12 characters" in capsys.readouterr().err
    assert not file.exists()


def test_what_is_no_backup_is_refused(
    config: str, passphrase: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear all", encoding="utf-8")
    assert main(["--config", config, "restore", str(file), *passphrase, "--yes"]) == 1
    assert "this file is none of this program" in capsys.readouterr().err


def test_nothing_is_put_back_unasked(
    config: str, passphrase: list[str], tmp_path: Path, data_dir: Path
) -> None:
    file = tmp_path / "one.edgebackup"
    assert main(["--config", config, "backup", str(file), *passphrase]) == 0
    assert main(["--config", config, "restore", str(file), *passphrase]) == 1  # nobody there to answer
    assert not (data_dir / "restore").exists()
