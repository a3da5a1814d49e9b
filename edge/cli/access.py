"""`edgectl access`: why somebody may pass or may not."""

import time
from typing import TYPE_CHECKING, Any

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, plain

if TYPE_CHECKING:
    from edge.domain.access_explain import Explanation


@click.group()
def access() -> None:
    """Ask the access policy."""


@access.command()
@click.argument("person", metavar="PERSON")
@click.option("--at", "moment", metavar="TIME", help='When, as in "2026-01-31 18:00"; now unless told.')
@click.option("--door", metavar="DOOR", help="At which door, where there are several.")
@click.option("--out", "leaving", is_flag=True, help="On the way out.")
@click.option("--pin", is_flag=True, help="With the right PIN entered as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def check(
    invocation: Invocation,
    *,
    person: str,
    moment: str | None,
    door: str | None,
    leaving: bool,
    pin: bool,
    as_json: bool,
) -> None:
    """Say in words whether PERSON may pass, and what each rule says to it.

    Nothing is opened and nothing journaled. Areas, wrong PINs and lockdown are those of now.
    """
    from edge.bootstrap.access_check import Question, check_access
    from edge.bootstrap.time_zone import site_zone
    from edge.domain.moment import parse_moment

    zone = site_zone(invocation.settings)
    wall = None if moment is None else parse_moment(moment, zone, time.time())
    question = Question(person=person, at=wall, door=door, leaving=leaving, pin=pin)
    told = check_access(invocation.settings, question)
    emit(_json(told), as_json, lambda out: _show(out, told))


def _json(told: "Explanation") -> dict[str, Any]:
    return {
        "granted": told.decision.granted,
        "reason": str(told.decision.reason),
        "summary": told.summary,
        "findings": [
            {"topic": finding.topic, "passed": finding.passed, "words": finding.words}
            for finding in told.findings
        ],
    }


def _show(out: Any, told: "Explanation") -> None:
    out.print(plain(told.summary), style="bold")
    for finding in told.findings:
        mark, colour = ("✓", "green") if finding.passed else ("✗", "red")
        topic = finding.topic.replace("_", " ")
        out.print(plain(f"  {mark} {topic}: {finding.words}"), style=colour)
