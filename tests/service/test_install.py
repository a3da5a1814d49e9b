"""The installation below a folder of the test's own, with a stand-in for the program itself."""

import os
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
STAND_IN = """\
import os, sys, pathlib
def main():
    data = pathlib.Path(os.environ["EDGE_DATA_DIR"])
    with (data / "calls").open("a") as calls:
        print(*sys.argv[1:], file=calls)
    source = sys.argv[sys.argv.index("--from") + 1] if "--from" in sys.argv else ""
    if source:
        (data / "seen").write_text(" ".join(sorted(os.listdir(source))))
    if "init" in sys.argv and pathlib.Path(os.environ.get("INIT_FAILS_BESIDE", "/nothing")).exists():
        return 1
    if sys.argv[-2:-1] == ["config"]:
        config = pathlib.Path(sys.argv[sys.argv.index("--config") + 1])
        refused = ["frobnicate"] if sys.argv[-1] == "show" else ["frobnicate", "handed-over"]
        if any(key in config.read_text() for key in refused):
            print("edgectl: error: no such key", file=sys.stderr)
            return 1
        print("OK")
    return 1 if (data / "broken").exists() and "prepare" in sys.argv else 0
"""


def stand_in(folder: Path, version: str) -> Path:
    """Make a wheel of that version whose `edgectl` notes what it is asked."""
    path = folder / f"edge-{version}-py3-none-any.whl"
    info = f"edge-{version}.dist-info"
    files = {
        "edge_stand_in.py": STAND_IN,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: edge\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nedgectl = edge_stand_in:main\n",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
        wheel.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"]))
    return path


class Trial:
    """A checkout of the installation's own files, and the folder that stands for the machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkout = folder / "checkout"
        self.root = folder / "root"
        self.root.mkdir()
        (self.checkout / "deploy").mkdir(parents=True)
        for name in ("deploy/install.sh", "deploy/assets.lock", "pyproject.toml"):
            shutil.copy(REPOSITORY / name, self.checkout / name)
        for name in ("systemd", "config"):
            shutil.copytree(REPOSITORY / name, self.checkout / name)
        (self.checkout / "edge").mkdir()
        (self.checkout / "requirements.lock").write_text("# nothing: the stand-in needs nothing\n")
        self.models = folder / "dlib"
        self.models.mkdir()
        (self.models / "mmod_human_face_detector.dat").write_bytes(b"x")
        (self.models / "somebody-elses.dat").write_bytes(b"y")
        self.wheel = stand_in(folder, "1.0")

    def run(
        self, *options: str | Path, root: bool = True, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        where = ["--root", str(self.root)] if root else []
        return subprocess.run(
            ["bash", str(self.checkout / "deploy/install.sh"), *where, *map(str, options)],
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def install(self, *options: str | Path, **variables: str) -> str:
        run = self.run("--wheel", self.wheel, "--models", self.models, *options, root=True, **variables)
        assert run.returncode == 0, run.stderr
        return run.stdout

    def tree(self) -> dict[str, tuple[int, str]]:
        """Return mode and content, or target, of everything but the insides of releases."""
        found: dict[str, tuple[int, str]] = {}
        for path in sorted(self.root.rglob("*")):
            name = str(path.relative_to(self.root))
            if name.startswith("opt/edge-releases/") and name.count("/") > 2:
                continue
            if name == "var/lib/edge/calls":
                continue
            mode = stat.S_IMODE(path.lstat().st_mode)
            text = str(path.readlink()) if path.is_symlink() else path.read_text() if path.is_file() else ""
            found[name] = (mode, text)
        return found

    def calls(self) -> list[str]:
        return (self.root / "var/lib/edge/calls").read_text().splitlines()


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path)


def test_everything_is_put_in_its_place_and_a_second_run_changes_nothing(trial: Trial) -> None:
    told = trial.install()
    root, etc = trial.root, trial.root / "etc/edge"
    assert (root / "opt/edge/bin/edgectl").is_file()
    assert (root / "usr/local/bin/edgectl").resolve() == (root / "opt/edge/bin/edgectl").resolve()
    assert (etc / "edge.toml").read_bytes() == (REPOSITORY / "config/edge.toml").read_bytes()
    assert stat.S_IMODE((etc / "edge.toml").stat().st_mode) == 0o640
    assert stat.S_IMODE((root / "var/lib/edge").stat().st_mode) == 0o700
    units = root / "etc/systemd/system"
    assert (units / "edged.service").read_bytes() == (REPOSITORY / "systemd/edged.service").read_bytes()
    enabled = units / "multi-user.target.wants/edged.service"
    assert str(enabled.readlink()) == "/etc/systemd/system/edged.service"
    assert "systemd does not run here" in told
    config = f"--config {etc}/edge.toml"
    first = trial.calls()
    assert first[0] == f"{config} init"
    assert first[1].startswith(f"{config} models prepare --from ")
    assert (root / "var/lib/edge/seen").read_text() == "mmod_human_face_detector.dat"
    before = trial.tree()
    trial.install()
    assert trial.tree() == before
    assert not list((root / "var/lib/edge").glob(".models.*"))


def test_the_configuration_and_drop_ins_of_the_site_are_kept(trial: Trial) -> None:
    trial.install()
    config = trial.root / "etc/edge/edge.toml"
    config.write_text("[device]\nname = 'porch'\n")
    own = trial.root / "etc/systemd/system/edged.service.d/own.conf"
    own.write_text("[Service]\nMemoryMax=2G\n")
    trial.install()
    assert "porch" in config.read_text()
    trial.run("--uninstall")
    assert own.exists()
    assert "porch" in config.read_text()


def test_a_new_release_takes_the_place_of_the_old_one_which_stays_to_go_back_to(trial: Trial) -> None:
    trial.install()
    old = str((trial.root / "opt/edge").readlink())
    trial.wheel = stand_in(trial.folder, "1.1")
    trial.install()
    new = str((trial.root / "opt/edge").readlink())
    assert new != old
    releases = {f"edge-releases/{path.name}" for path in (trial.root / "opt/edge-releases").iterdir()}
    assert releases == {old, new}
    trial.wheel = stand_in(trial.folder, "1.2")
    trial.install()
    releases = {f"edge-releases/{path.name}" for path in (trial.root / "opt/edge-releases").iterdir()}
    assert old not in releases
    assert new in releases


def under_systemd(trial: Trial) -> str:
    """Let the script take the trial for a machine under systemd; return the PATH with its `systemctl`.

    The service runs while the file `running` is there.
    """
    script = trial.checkout / "deploy/install.sh"
    text = script.read_text()
    [asked] = [line for line in text.splitlines() if line.startswith("systemd_runs() {")]
    script.write_text(text.replace(asked, "systemd_runs() { true; }"))
    programs, running = trial.folder / "bin", trial.folder / "running"
    programs.mkdir()
    (programs / "systemctl").write_text(
        f"""#!/bin/sh
case $1 in
  is-active) if [ -e {running} ]; then echo active; exit 0; else echo inactive; exit 3; fi ;;
  stop) rm -f {running} ;;
  start | restart) touch {running} ;;
esac
echo "systemctl $*" >>{trial.root}/var/lib/edge/calls
"""
    )
    (programs / "systemctl").chmod(0o755)
    return f"{programs}:{os.environ['PATH']}"


@pytest.mark.parametrize("options", [[], ["--no-start"]])
def test_a_new_release_finds_the_service_stopped_and_lets_it_run_again(
    trial: Trial, options: list[str]
) -> None:
    path = under_systemd(trial)
    trial.install("--models", "none", PATH=path)
    check = f"--config {trial.root}/etc/edge/edge.toml config check"
    init = f"--config {trial.root}/etc/edge/edge.toml init"
    fresh = [init, "systemctl daemon-reload", "systemctl restart edged"]
    same = [init, "systemctl daemon-reload", "systemctl start edged"]
    assert trial.calls() == fresh
    trial.install("--models", "none", PATH=path)
    assert trial.calls()[3:] == same  # nothing is new: it is not stopped
    trial.wheel = stand_in(trial.folder, "1.1")
    trial.install("--models", "none", *options, INIT_FAILS_BESIDE=str(trial.folder / "running"), PATH=path)
    assert trial.calls()[6:] == [check, "systemctl stop edged", *fresh]


def test_a_release_that_refuses_the_configuration_is_not_put_to_use_and_the_service_goes_on(
    trial: Trial,
) -> None:
    path = under_systemd(trial)
    trial.install("--models", "none", PATH=path)
    config, link = trial.root / "etc/edge/edge.toml", trial.root / "opt/edge"
    before, calls = link.readlink(), len(trial.calls())
    config.write_text("[door]\nfrobnicate = 1\n")
    trial.wheel = stand_in(trial.folder, "1.1")
    run = trial.run("--wheel", trial.wheel, "--models", "none", PATH=path)
    assert run.returncode == 1
    assert "no such key" in run.stderr
    assert run.stderr.splitlines()[-1].startswith(f"install: {config}: the new release refuses it")
    assert trial.calls()[calls:] == [f"--config {config} config check"]
    assert link.readlink() == before
    assert (trial.folder / "running").exists()
    config.write_text("[door]\n")
    trial.install("--models", "none", PATH=path)
    assert link.readlink() != before


def test_secrets_that_only_the_service_is_handed_are_not_missed_by_a_new_release(trial: Trial) -> None:
    trial.install("--models", "none")
    config = trial.root / "etc/edge/edge.toml"
    config.write_text('[mqtt]\npassword_file = "handed-over"\n')
    trial.wheel = stand_in(trial.folder, "1.1")
    assert trial.run("--wheel", trial.wheel, "--models", "none").returncode == 1
    handed = trial.root / "etc/systemd/system/edged.service.d/credentials.conf"
    shutil.copy(f"{handed}.example", handed)
    trial.install("--models", "none")
    assert f"--config {config} config show" in trial.calls()
    config.write_text("[door]\nfrobnicate = 1\n")
    trial.wheel = stand_in(trial.folder, "1.2")
    assert trial.run("--wheel", trial.wheel, "--models", "none").returncode == 1


def test_the_service_that_was_stopped_runs_again_also_where_a_step_fails(trial: Trial) -> None:
    path = under_systemd(trial)
    trial.install(PATH=path)
    (trial.root / "var/lib/edge/broken").touch()
    trial.wheel = stand_in(trial.folder, "1.1")
    run = trial.run("--wheel", trial.wheel, "--models", trial.models, PATH=path)
    assert run.returncode == 1
    assert "the models could not be prepared" in run.stderr
    assert "systemctl stop edged" in trial.calls()
    assert trial.calls()[-1] == "systemctl start edged"
    assert (trial.folder / "running").exists()


def test_an_interrupted_release_is_made_anew_and_the_old_one_goes_on_meanwhile(trial: Trial) -> None:
    trial.install()
    before = str((trial.root / "opt/edge").readlink())
    (trial.checkout / "requirements.lock").write_text("no-such-thing-anywhere==1 --hash=sha256:" + "0" * 64)
    failed = trial.run("--wheel", trial.wheel, "--models", "none", PIP_NO_INDEX="1")
    assert failed.returncode == 1
    assert "pip could not install requirements.lock" in failed.stderr.splitlines()[-1]
    assert str((trial.root / "opt/edge").readlink()) == before
    (trial.checkout / "requirements.lock").write_text("# nothing, again\n")
    trial.install()
    assert (trial.root / "opt/edge/bin/edgectl").is_file()


def test_a_dry_run_says_each_act_and_does_none(trial: Trial) -> None:
    told = trial.install("--dry-run")
    assert list(trial.root.iterdir()) == []
    for act in ("build_release", "ln -sfn", "edge.toml", "init", "prepare_models", "edged.service"):
        assert any(line.startswith("would: ") and act in line for line in told.splitlines()), act
    trial.install()
    before = trial.tree()
    trial.install("--dry-run")
    told = trial.run("--uninstall", "--purge", "--dry-run").stdout
    assert trial.tree() == before
    assert f"would: rm -rf {trial.root}/var/lib/edge" in told


def test_uninstalling_keeps_configuration_and_data_unless_they_are_to_go(trial: Trial) -> None:
    trial.install()
    (trial.root / "var/lib/edge/edge.db").write_text("everybody")
    told = trial.run("--uninstall")
    assert told.returncode == 0, told.stderr
    files = {str(path.relative_to(trial.root)) for path in trial.root.rglob("*") if not path.is_dir()}
    assert {name.split("/")[0] for name in files} == {"etc", "var"}
    assert "etc/edge/edge.toml" in files
    assert "var/lib/edge/edge.db" in files
    assert "etc/systemd/system/edged.service" not in files
    assert "are kept; --purge removes them" in told.stdout
    trial.run("--uninstall", "--purge")
    assert not (trial.root / "etc/edge").exists()
    assert not (trial.root / "var/lib/edge").exists()
    assert "nothing is installed" in trial.run("--uninstall").stdout


def test_models_that_cannot_be_prepared_are_told_after_everything_before_is_done(trial: Trial) -> None:
    trial.install()
    (trial.root / "var/lib/edge/broken").touch()
    run = trial.run("--wheel", trial.wheel, "--models", trial.models)
    assert run.returncode == 1
    assert "the models could not be prepared" in run.stderr
    assert not list((trial.root / "var/lib/edge").glob(".models.*"))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--frobnicate"], "unknown option '--frobnicate'"),
        (["--wheel"], "--wheel needs a value"),
        (["--wheel", "/no/such.whl"], "no such wheel"),
        (["--models", "/no/such"], "no such file or folder"),
        (["--purge"], "--purge goes with --uninstall"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(trial: Trial, options: list[str], reason: str) -> None:
    run = trial.run(*options)
    assert run.returncode == 1
    assert reason in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert list(trial.root.iterdir()) == []


def test_somebody_else_than_root_is_refused(trial: Trial) -> None:
    programs = trial.folder / "bin"
    programs.mkdir()
    (programs / "id").write_text("#!/bin/sh\necho 1000\n")
    (programs / "id").chmod(0o755)
    run = trial.run(root=False, PATH=f"{programs}:{os.environ['PATH']}")
    assert run.returncode == 1
    assert "has to be run as root" in run.stderr


def test_the_scripts_have_nothing_that_shellcheck_finds() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not here; Debian: apt install shellcheck")
    scripts = [str(REPOSITORY / "deploy" / name) for name in ("install.sh", "check-units.sh")]
    run = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
