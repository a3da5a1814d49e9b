"""`edgectl models add`, `pull` and `use`: bring a model to this terminal, and choose the one to use."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.cli.invocation import Invocation
from edge.cli.models_view import row
from edge.cli.output import emit, note, plain, progress

if TYPE_CHECKING:
    from rich.console import Console

    from edge.models.add import Added

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
accepted_option = click.option(
    "--licence-accepted", is_flag=True, help="You have read the model's terms and accept them."
)
force_option = click.option(
    "--force", is_flag=True, help="Replace a model that is installed by the same name."
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--profile",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What the model is, for a file that is not of the catalogue.",
)
@accepted_option
@force_option
@json_option
@click.pass_obj
def add(
    invocation: Invocation,
    *,
    file: Path,
    profile: Path | None,
    licence_accepted: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Install a model file: ONNX, or OpenVINO IR (an .xml with its .bin).

    Files of known models are recognised by their checksum; IR is turned into ONNX and compared with the
    published net's own vector.
    """
    from edge.models.add import add_model

    folder = invocation.settings.models_dir
    _say(
        _or_show_licence(
            lambda: add_model(folder, file, profile=profile, licence_accepted=licence_accepted, force=force)
        ),
        as_json,
    )


@click.command()
@click.argument("name")
@accepted_option
@force_option
@json_option
@click.pass_obj
def pull(invocation: Invocation, *, name: str, licence_accepted: bool, force: bool, as_json: bool) -> None:
    """Fetch a known model from where it is published, compare its checksum and install it."""
    from edge.models.catalogue import entry_named
    from edge.models.pull import pull_model

    entry = entry_named(name)
    folder = invocation.settings.models_dir
    with progress(f"Fetching {name}") as advance:
        added = _or_show_licence(
            lambda: pull_model(
                folder,
                entry,
                licence_accepted=licence_accepted,
                force=force,
                progress=lambda _file, size: advance(size),
            )
        )
    _say(added, as_json)


@click.command()
@click.argument("name")
@click.option("--form", type=click.Choice(["fp32", "int8"]), help="Numbers the embedder computes with.")
@json_option
@click.pass_obj
def use(invocation: Invocation, *, name: str, form: str | None, as_json: bool) -> None:
    """Choose the embedder, or the detector, in the configuration.

    An embedder that the detector in use does not fit brings an installed one along that does. edged follows
    at its next start. People enrolled under another model version are not known to the new one.
    """
    from edge.config import config_file
    from edge.models.profile import Form
    from edge.models.use import use_model

    file = config_file(invocation.config)
    choice = use_model(invocation.settings, file, name, form=Form(form) if form else None)
    data = {
        "file": str(choice.file),
        "changes": dict(choice.changes),
        "model": choice.embedder.name,
        "version": choice.embedder.version,
    }

    def render(out: "Console") -> None:
        for key, value in choice.changes.items():
            out.print(plain(f'{choice.file}: [vision] {key} = "{value}"'))
        out.print(
            plain(f"the model version in use is {choice.embedder.version}; edged follows at its next start")
        )

    emit(data, as_json, render)


def _or_show_licence(act: Callable[[], "Added"]) -> "Added":
    """Run `act`; where terms have to be accepted first, show them before the error."""
    from edge.models.add import LicenceNotAcceptedError

    try:
        return act()
    except LicenceNotAcceptedError as error:
        for line in error.text.strip().splitlines():
            note(line)
        raise


def _say(added: "Added", as_json: bool) -> None:
    profile = added.profile

    def render(out: "Console") -> None:
        state = "installed" if added.made else "ready already, its checksum holds"
        out.print(plain(f"{profile.name}: {state}; licence {profile.licence.name}"))
        if added.made and profile.role in {"embedder", "detector"}:
            out.print(plain(f"`edgectl models use {profile.name}` takes it into use"))

    emit(row(profile) | {"made": added.made}, as_json, render)
