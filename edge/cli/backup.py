"""`edgectl backup` and `edgectl restore`: all state in one encrypted file, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, plain
from edge.errors import BackupError

if TYPE_CHECKING:
    from rich.console import Console

JSON = click.option("--json", "as_json", is_flag=True, help="Print what the backup holds as JSON.")
PASSPHRASE = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Take the passphrase from the first line of FILE instead of asking.",
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@PASSPHRASE
@JSON
@click.pass_obj
def backup(invocation: Invocation, file: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Write a backup of all state to FILE, encrypted with a passphrase. The daemon may run."""
    from edge.bootstrap.backup import backups
    from edge.bootstrap.storage import actor

    passphrase = _passphrase(passphrase_file, confirm=True)
    try:
        with file.open("xb") as out:
            file.chmod(0o600)
            try:
                with backups(invocation.settings) as desk:
                    about = desk.take(out, passphrase, actor=actor())
            except BaseException:
                file.unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise BackupError(f"{file}: it is there already; name a new file") from None
    except OSError as error:
        raise BackupError(f"{file}: it cannot be written ({error.strerror})") from error
    emit(about, as_json, lambda out: out.print(plain(f"{file}: {_words(about)}")))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@PASSPHRASE
@click.option("--yes", is_flag=True, help="Do not ask first.")
@JSON
@click.pass_obj
def restore(
    invocation: Invocation, file: Path, passphrase_file: Path | None, yes: bool, as_json: bool
) -> None:
    """Put the backup FILE back: it is checked now, and takes the database's place at the next start.

    What happened since the backup is then no longer in the log; the database that was is kept for 30 days.
    People who were removed since stay removed.
    """
    from edge.bootstrap.backup import backups
    from edge.bootstrap.storage import actor

    passphrase = _passphrase(passphrase_file, confirm=False)
    if not yes:
        click.confirm("Put this backup in the place of the database at the next start?", abort=True, err=True)
    with backups(invocation.settings) as desk:
        about = desk.put_back(file, passphrase, actor=actor())
    says = f"{_words(about)}; restart the daemon, and it is in force"

    def render(out: "Console") -> None:
        out.print(plain(says))

    emit(about, as_json, render)


def _passphrase(file: Path | None, *, confirm: bool) -> str:
    if file is None:
        asked: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
        return asked
    try:
        return file.read_text("utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{file}: the passphrase cannot be read ({error})") from None


def _words(about: dict[str, Any]) -> str:
    taken = str(about.get("taken", "")).replace("T", " ")
    return (
        f'{about.get("people")} people and {about.get("events")} events of "{about.get("device")}", {taken}'
    )
