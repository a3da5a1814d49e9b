"""`edgectl`: thin commands over the same use cases as the daemon and its pages.

Exit status: 0 done, 1 an error (one line on stderr says which), 2 wrong usage, 130 after Ctrl-C.
"""

import contextlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import click

from edge.cli.invocation import Invocation
from edge.cli.lazy import LazyGroup, Target
from edge.guard import EXIT_INTERRUPTED, cli_guard
from edge.redact import one_line

PROGRAM = "edgectl"
EXIT_USAGE = 2

TARGETS = {
    "init": Target("edge.cli.init_command", "init", "Make the folders and the database."),
    "models": Target("edge.cli.models", "models", "Prepare, list and show models."),
    "people": Target("edge.cli.people", "people_group", "Enrol, list, show, change and remove people."),
    "identify": Target("edge.cli.identify", "identify", "Say who is in pictures."),
    "compare": Target("edge.cli.identify", "compare", "Compare the faces of two pictures."),
    "schedule": Target("edge.cli.schedule", "schedule", "Write down when something is allowed."),
    "holiday": Target("edge.cli.holiday", "holiday", "Write down the days on which schedules give way."),
    "group": Target("edge.cli.group", "group", "Write down what people may do because of their groups."),
    "pin": Target("edge.cli.pin", "pin", "Give people PINs."),
    "visitor": Target("edge.cli.visitor", "visitor", "Let visitors in by a PIN with an end."),
    "access": Target("edge.cli.access", "access", "Say in words why somebody may pass or may not."),
    "door": Target("edge.cli.door", "door", "Look at the doors and command them."),
    "attendance": Target("edge.cli.attendance", "attendance", "See who worked when, and put punches right."),
    "inside": Target("edge.cli.attendance", "inside", "List who is inside."),
    "clock": Target("edge.cli.clock", "clock", "See who vouches for the time, set it, vouch for it."),
    "events": Target("edge.cli.events_commands", "events", "List, follow and replay events."),
    "status": Target("edge.cli.status", "status", "Show how the running terminal stands."),
    "health": Target("edge.cli.status", "health", "Say it in a line and by the exit status."),
    "metrics": Target("edge.cli.status", "metrics", "Print what a Prometheus server would read."),
    "backup": Target("edge.cli.backup", "backup", "Write all state to one encrypted file."),
    "restore": Target("edge.cli.backup", "restore", "Put a backup back, at the next start."),
    "relay": Target("edge.cli.relay", "relay", "Drive the relay while the daemon is not running."),
    "mqtt": Target("edge.cli.mqtt", "mqtt", "Test the broker, show whether events arrive."),
    "alerts": Target("edge.cli.alerts", "alerts", "Try the ways alerts take, show whether they arrive."),
    "kiosk": Target("edge.cli.kiosk", "kiosk", "Pair the screens beside the door."),
    "setup-code": Target("edge.cli.admin", "setup_code", "Print the code that makes the first admin."),
    "admin": Target("edge.cli.admin", "admin", "List the accounts of the pages; reset a lost password."),
    "web": Target("edge.cli.web", "web", "Show how the pages are reached and known."),
    "config": Target("edge.cli.config_commands", "config", "Check and show the configuration."),
}


@click.group(cls=LazyGroup, targets=TARGETS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Configuration file, instead of EDGE_CONFIG or the default one.",
)
@click.version_option(version("edge"), prog_name=PROGRAM, message="%(prog)s %(version)s")
@click.pass_context
def edgectl(context: click.Context, config: Path | None) -> None:
    """Look after a face-recognition terminal."""
    context.obj = Invocation(config)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `edgectl` with `arguments`, those of this process where None, and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # replaced by something that is no file
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a name no terminal can show is no crash
    return cli_guard(PROGRAM, lambda: run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; errors of the program itself are left to the caller."""
    if f"_{PROGRAM.upper()}_COMPLETE" in os.environ:  # the shell asks for completions
        edgectl.main(list(arguments), prog_name=PROGRAM)
    try:
        # Not `edgectl.main`, which answers Ctrl-C and a reader that went away in its own way.
        with edgectl.make_context(PROGRAM, list(arguments)) as context:
            edgectl.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        return _refuse(error)
    except click.Abort as ended:  # of a question: Ctrl-C, no, or nobody there to answer
        if isinstance(ended.__context__, KeyboardInterrupt):
            return EXIT_INTERRUPTED
        click.echo(f"{PROGRAM}: error: not confirmed; nothing was changed", err=True)
        return 1
    return 0


def _refuse(error: click.ClickException) -> int:
    """Say in one line what is wrong with the usage, and return the exit status."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return EXIT_USAGE
    what = one_line(error.format_message()).removesuffix(".")
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else None
    hint = f"; see '{where} --help'" if where else ""
    click.echo(f"{PROGRAM}: error: {what}{hint}", err=True)
    return error.exit_code
