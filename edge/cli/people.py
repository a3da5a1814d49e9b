"""`edgectl people`: enrol people, look at them, forget them."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.cli.invocation import Invocation
from edge.cli.output import cut, emit, emit_json, note
from edge.cli.people_change import change
from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.domain.person import Person
    from edge.enrol import EnrolmentReport

PHOTOS = click.argument("photos", nargs=-1, required=True, metavar="PHOTO…")
PERSON = click.argument("person", metavar="PERSON")
FACE = click.option(
    "--face",
    "chosen_face",
    type=click.IntRange(min=1),
    help="Take the N-th face from the left of each picture.",
)
ALLOW = click.option(
    "--allow-look-alike",
    is_flag=True,
    help="Enrol although somebody enrolled looks alike; recorded, and both then need a second factor.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("people")
def people_group() -> None:
    """Enrol people, look at them, forget them.

    PERSON is a person id (or its first 8 characters), an employee number, or the exact name.
    """


@people_group.command()
@click.argument("name")
@PHOTOS
@click.option("--id", "external_id", metavar="EMPLOYEE_NO", help="The employee number, unique.")
@FACE
@ALLOW
@JSON
@click.pass_obj
def add(
    invocation: Invocation,
    *,
    name: str,
    photos: tuple[str, ...],
    external_id: str | None,
    chosen_face: int | None,
    allow_look_alike: bool,
    as_json: bool,
) -> None:
    """Enrol NAME from one or more pictures; each picture passes the gate or is refused with its reason."""
    from edge.bootstrap.recognition import enrolment, read_pictures
    from edge.bootstrap.storage import actor

    pictures = read_pictures([Path(photo) for photo in photos])
    with enrolment(invocation.settings) as gate:
        report = gate.add(
            name=name,
            external_id=external_id,
            pictures=pictures,
            actor=actor(),
            chosen_face=chosen_face,
            allow_look_alike=allow_look_alike,
        )
    _tell(report, as_json)


@people_group.command()
@PERSON
@PHOTOS
@FACE
@ALLOW
@JSON
@click.pass_obj
def extend(
    invocation: Invocation,
    *,
    person: str,
    photos: tuple[str, ...],
    chosen_face: int | None,
    allow_look_alike: bool,
    as_json: bool,
) -> None:
    """Add pictures to PERSON; a picture that does not look like the others is refused."""
    from edge.bootstrap.recognition import enrolment, read_pictures
    from edge.bootstrap.storage import actor

    pictures = read_pictures([Path(photo) for photo in photos])
    found = _find(invocation, person)
    with enrolment(invocation.settings) as gate:
        report = gate.extend(
            person_id=found.id,
            pictures=pictures,
            actor=actor(),
            chosen_face=chosen_face,
            allow_look_alike=allow_look_alike,
        )
    _tell(report, as_json)


people_group.add_command(change)


@people_group.command("list")
@JSON
@click.pass_obj
def list_(invocation: Invocation, as_json: bool) -> None:
    """List everybody, and what the size of the gallery means for the door."""
    from edge.bootstrap.recognition import gallery_risk
    from edge.bootstrap.storage import open_reader
    from edge.cli.people_view import people_json, show_people

    with closing(open_reader(invocation.settings)) as reader:
        everybody = reader.people.people()
        risk = gallery_risk(invocation.settings, reader.people)
    emit(people_json(everybody, risk), as_json, lambda out: show_people(out, everybody, risk))


@people_group.command()
@PERSON
@JSON
@click.pass_obj
def show(invocation: Invocation, person: str, as_json: bool) -> None:
    """Show PERSON and the references kept of them."""
    from edge.bootstrap.storage import open_reader
    from edge.bootstrap.time_zone import site_zone
    from edge.cli.people_view import person_json, show_person

    with closing(open_reader(invocation.settings)) as reader:
        found = reader.people.find(person)
        kept = reader.people.references_of(found.id)
    zone = site_zone(invocation.settings)
    emit(person_json(found, kept), as_json, lambda out: show_person(out, found, kept, zone))


@people_group.command()
@PERSON
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
@click.pass_obj
def remove(invocation: Invocation, person: str, yes: bool, as_json: bool) -> None:
    """Forget PERSON: name, references and crops go; events keep the id without the name."""
    from edge.bootstrap.storage import actor, people
    from edge.cli.people_view import person_row

    found = _find(invocation, person)
    if not yes:
        click.confirm(
            f"Forget {cut(found.name)} ({found.id}) and {found.references} references?", abort=True, err=True
        )
    with people(invocation.settings) as everybody:
        everybody.remove(person_id=found.id, actor=actor())
    if as_json:
        emit_json({"removed": person_row(found)}, indent=2)
    else:
        note(f"{cut(found.name)} is forgotten")


def _find(invocation: Invocation, who: str) -> "Person":
    from edge.bootstrap.storage import open_reader

    with closing(open_reader(invocation.settings)) as reader:
        return reader.people.find(who)


def _tell(report: "EnrolmentReport", as_json: bool) -> None:
    """Print what became of each picture; a request that wrote nothing it should have is an error."""
    from edge.cli.people_view import report_json, show_report
    from edge.domain.enrolment import Outcome

    emit(report_json(report), as_json, lambda out: show_report(out, report))
    if report.person is not None:
        return
    refused = [verdict for verdict in report.verdicts if verdict.outcome is Outcome.REFUSED]
    if refused:
        first = refused[0]
        raise EdgeError(f"{first.source}: {first.sentence} ({first.code}); nothing was enrolled")
