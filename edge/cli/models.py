"""`edgectl models`: prepare, list and show the models this terminal computes with; see `models_change`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.cli.invocation import Invocation
from edge.cli.models_change import add, pull, use
from edge.cli.models_view import facts, false_matches, form_note, in_use, megabytes, row
from edge.cli.output import emit, note, plain, progress, table

if TYPE_CHECKING:
    from rich.console import Console

    from edge.domain.face import Picture

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def models() -> None:
    """Prepare, fetch, list, show and choose models."""


models.add_command(add)
models.add_command(pull)
models.add_command(use)


@models.command()
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A .dat file, a folder with dlib's files, or the source distribution of face-recognition-models; "
    "without it the installed package, or what set-up fetched.",
)
@click.option("--name", metavar="NAME", help="Name of the embedder, where it is not dlib's own.")
@click.option("--force", is_flag=True, help="Make the models anew, even where they are good.")
@click.option(
    "--form",
    type=click.Choice(["auto", "fp32", "int8"]),
    default="auto",
    help="Numbers the embedder computes with; auto takes int8 where it is faster and decides alike.",
)
@click.option(
    "--faces",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Photographs to calibrate the int8 form of a net other than dlib's own on, and to compare on.",
)
@json_option
@click.pass_obj
def prepare(
    invocation: Invocation,
    *,
    source: Path | None,
    name: str | None,
    force: bool,
    form: str,
    faces: Path | None,
    as_json: bool,
) -> None:
    """Turn dlib's model files into the ones this terminal uses.

    Each is compared with dlib itself before it is accepted. Run again it only checks what is there.
    """
    from edge.models.prepare import prepare as use_case
    from edge.models.profile import Form

    folder = invocation.settings.models_dir
    crops: list[Picture] = []
    if faces is not None:
        from edge.bootstrap.calibration import dlib_crops

        crops = dlib_crops(invocation.settings, faces)
    with progress("Preparing models", 1.0) as advance:
        done = 0.0

        def show(_step: str, share: float) -> None:
            nonlocal done
            advance(share - done)
            done = share

        results = use_case(
            folder,
            source=source,
            name=name,
            force=force,
            form=None if form == "auto" else Form(form),
            faces=crops,
            progress=show,
        )
    data = [
        row(one.profile)
        | {
            "made": one.made,
            "difference_from_dlib": one.difference,
            "int8": None if one.comparison is None else asdict(one.comparison),
        }
        for one in results
    ]

    def render(out: "Console") -> None:
        for one in results:
            text = "ready already, its checksum holds"
            if one.made:
                text = "made"
            if one.difference is not None:
                text = f"made; no value of a vector is further than {one.difference:.1g} from dlib's own"
            out.print(plain(f"{one.profile.name}: {text}"))
            if one.comparison is not None:
                out.print(plain(f"{one.profile.name}: {one.comparison.sentence}"))
            if note_of_form := form_note(one.profile):
                out.print(plain(note_of_form))

    emit(data, as_json, render)


@models.command("list")
@json_option
@click.pass_obj
def list_models(invocation: Invocation, as_json: bool) -> None:
    """List the installed models, and say which known ones would be better."""
    from edge.models.catalogue import recommended
    from edge.models.profile_file import broken, installed

    settings = invocation.settings
    found = installed(settings.models_dir)
    for error in broken(settings.models_dir):
        note(f"not usable: {error}")
    data = [row(profile) | {"in_use": in_use(profile, found, settings)} for profile in found]

    def render(out: "Console") -> None:
        if not found:
            out.print(plain(f"{settings.models_dir}: no models yet; run `edgectl models prepare`"))
            return
        print_table(out)
        for line in recommended([profile.name for profile in found]):
            out.print()
            out.print(plain(line))

    def print_table(out: "Console") -> None:
        rows = [
            (
                "*" if in_use(profile, found, settings) else "",
                profile.name,
                profile.role,
                profile.form,
                profile.licence.name,
                profile.version,
                megabytes(profile),
            )
            for profile in found
        ]
        out.print(
            table(
                ("", "name", "role", "form", "licence", "version", "MB"),
                rows,
                right=("MB",),
                whole=("version",),
            )
        )

    emit(data, as_json, render)


@models.command()
@click.argument("name")
@json_option
@click.pass_obj
def show(invocation: Invocation, name: str, as_json: bool) -> None:
    """Show all that is known of a model, its licence included, and check its file."""
    from edge.models.profile_file import load_profile, profile_table

    profile = load_profile(invocation.settings.models_dir, name)
    profile.verify()
    data = profile_table(profile) | {"version": profile.version, "path": str(profile.path)}

    def render(out: "Console") -> None:
        out.print(table(("what", ""), facts(profile)))
        if profile.false_match:
            out.print()
            out.print(false_matches(profile))
            if note_of_form := form_note(profile):
                out.print(plain(note_of_form))
        for title, text in (("Limitations", profile.limitations), ("Licence", profile.licence.text)):
            if text:
                out.print()
                out.print(plain(title), style="bold")
                for line in text.strip().splitlines():
                    out.print(plain(line))

    emit(data, as_json, render)
