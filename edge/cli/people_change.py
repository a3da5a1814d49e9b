"""`edgectl people change`: what is kept of somebody beside their pictures."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, plain

if TYPE_CHECKING:
    from datetime import tzinfo

    from edge.domain.person import Person

TIMES = 'as in "2026-01-31 18:00", 2026-01-31 or +8h; "" for no limit'


@click.command()
@click.argument("person", metavar="PERSON")
@click.option("--name", metavar="NAME", help="A new name.")
@click.option("--id", "external_id", metavar="EMPLOYEE_NO", help='The employee number; "" for none.')
@click.option("--from", "begin", metavar="TIME", help=f"When they may first pass: {TIMES}.")
@click.option("--until", "end", metavar="TIME", help=f"Until when they may pass: {TIMES}.")
@click.option("--schedule", metavar="NAME", help='Their own schedule; "" for none.')
@click.option(
    "--add-group", "added", multiple=True, metavar="NAME", help="Put them into a group; may be repeated."
)
@click.option("--remove-group", "removed", multiple=True, metavar="NAME", help="Take them out of one.")
@click.option("--second-factor/--no-second-factor", default=None, help="Whether a face alone never opens.")
@click.option(
    "--consent", metavar="DAY", help='The day they consented to being recognised; "" for no consent.'
)
@click.option("--consent-note", metavar="TEXT", help="How, and where the proof is.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def change(
    invocation: Invocation,
    /,
    *,
    person: str,
    as_json: bool,
    added: tuple[str, ...],
    removed: tuple[str, ...],
    **given: Any,
) -> None:
    """Change what is named of PERSON; the rest stays. The old text is overwritten in the files."""
    from edge.bootstrap.storage import actor, office
    from edge.bootstrap.time_zone import site_zone
    from edge.cli.people_view import person_row

    with office(invocation.settings) as found:
        before = found.people.find(person)
        wanted = _changed(before, given, site_zone(invocation.settings))
        groups = (set(wanted.groups) | set(added)) - set(removed)
        wanted = replace(wanted, groups=tuple(sorted(groups)))
        after = found.people.update(wanted, actor=actor())
    same = after == before
    words = f"nothing of {after.name} was changed" if same else f"{after.name} ({after.id}) is changed"
    emit(person_row(after), as_json, lambda out: out.print(plain(words)))


def _changed(person: "Person", given: dict[str, Any], zone: "tzinfo") -> "Person":
    """Return the person with all that was given; empty text clears."""
    from edge.domain.moment import parse_moment

    fields: dict[str, Any] = {}
    if given["name"] is not None:
        fields["name"] = given["name"]
    for field in ("external_id", "schedule"):
        if given[field] is not None:
            fields[field] = given[field] or None
    for field, option in (("valid_from", "begin"), ("valid_until", "end")):
        text = given[option]
        if text is not None:
            last = field == "valid_until"
            fields[field] = parse_moment(text, zone, time.time(), end=last) if text else None
    if given["second_factor"] is not None:
        fields["second_factor"] = given["second_factor"]
    fields |= _consent(person, given["consent"], given["consent_note"])
    return replace(person, **fields)


def _consent(person: "Person", day: str | None, text: str | None) -> dict[str, Any]:
    from edge.domain.consent import Consent
    from edge.domain.moment import parse_day
    from edge.errors import RuleError

    if day == "":
        return {"consent": None}
    if day is None and text is None:
        return {}
    before = person.consent
    on = parse_day(day) if day else before.on if before else None
    if on is None:
        raise RuleError("consent: a note alone is none; give the day with --consent")
    kept = "" if before is None else before.note
    return {"consent": Consent(on, kept if text is None else text)}
