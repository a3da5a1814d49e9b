"""Files that the configuration names are checked: they are there, readable, and secrets are kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.bootstrap.secrets import secret_problems
from edge.config import load_settings

STRANGERS = 4321  # a group that is neither ours nor that of the data folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "edge.toml"
    file.write_text(
        '[mqtt]\nhost = "broker.example"\nusername = "me"\npassword_file = "password"\nca_file = "ca.crt"\n'
        'cert_file = "client.pem"\n[alerts]\nwebhook_url = "https://a.example"\nwebhook_key_file = "key"\n'
    )
    for name in ("password", "ca.crt", "client.pem", "key"):
        (tmp_path / name).write_text("k" * 64)
        (tmp_path / name).chmod(0o600)
    (tmp_path / "ca.crt").chmod(0o644)
    return file


def problems(config: Path) -> list[str]:
    return secret_problems(load_settings(config, {"EDGE_DATA_DIR": str(config.parent)}))


def test_files_that_are_kept_are_no_problem(config: Path) -> None:
    assert problems(config) == []


def test_every_file_that_is_missing_is_named_with_its_key(config: Path) -> None:
    for name in ("password", "ca.crt", "key"):
        (config.parent / name).unlink()
    found = problems(config)
    assert [line.partition(": ")[2].partition(": ")[0] for line in found] == [
        *("mqtt.ca_file", "mqtt.password_file", "alerts.webhook_key_file"),
    ]
    assert found[1].startswith(f"{config}:4: mqtt.password_file: {config.parent}/password: it cannot be read")


@pytest.mark.parametrize("name", ["password", "key", "client.pem"])
def test_a_secret_that_everybody_may_read_is_named(config: Path, name: str) -> None:
    (config.parent / name).chmod(0o644)
    [line] = problems(config)
    assert line.endswith(f"{name}: everybody may read this secret; chmod 600 it")


def test_a_certificate_beside_its_key_may_be_read(config: Path) -> None:
    text = config.read_text().replace(
        'cert_file = "client.pem"\n', 'cert_file = "ca.crt"\nkey_file = "key"\n'
    )
    config.write_text(text)
    assert problems(config) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to another group")
def test_a_secret_is_for_the_group_of_the_daemon_alone(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = config.parent / "password"
    secret.chmod(0o640)
    os.chown(secret, 0, STRANGERS)
    [line] = problems(config)
    assert "password: a group may read this secret that the daemon is not of" in line
    os.chown(config.parent, 0, STRANGERS)
    assert problems(config) == []
    os.chown(config.parent, 0, 0)
    monkeypatch.setenv(
        "CREDENTIALS_DIRECTORY", str(config.parent)
    )  # systemd lets the service's user in by ACL
    assert problems(config) == []


def test_a_folder_is_no_secret(config: Path) -> None:
    (config.parent / "key").unlink()
    (config.parent / "key").mkdir()
    [line] = problems(config)
    assert "alerts.webhook_key_file" in line


@pytest.mark.parametrize("program", [["edge.daemon", "--check"], ["edge.cli", "config", "check"]])
def test_both_checks_tell_all_of_it_in_a_line_each(config: Path, program: list[str]) -> None:
    (config.parent / "password").unlink()
    (config.parent / "key").chmod(0o644)
    module, *words = program
    code = f"import sys; from {module} import main; sys.exit(main())"
    place = ["--config", str(config)]
    done = subprocess.run(
        [sys.executable, "-c", code, *place, *words],
        capture_output=True,
        text=True,
        check=False,
        env={k: v for k, v in os.environ.items() if not k.startswith("EDGE_")}
        | {"EDGE_DATA_DIR": str(config.parent)},
    )
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == 2, done.stderr
    assert "mqtt.password_file" in lines[0]
    assert "alerts.webhook_key_file" in lines[1]
