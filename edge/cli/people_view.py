"""How people, references and enrolments are printed: JSON for programs, tables for people."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from rich.console import Console
from rich.text import Text

from edge.cli.output import cut, plain, table
from edge.domain.enrolment import Outcome, PictureVerdict
from edge.domain.moment import local_text
from edge.domain.person import Person, Reference
from edge.domain.risk import GalleryRisk
from edge.enrol import EnrolmentReport

COLOURS = {Outcome.ACCEPTED: "green", Outcome.REFUSED: "red", Outcome.DUPLICATE: "yellow"}


def risk_json(risk: GalleryRisk) -> dict[str, Any]:
    """Return the risk of the gallery as a JSON object; rates are 0–1."""
    return {
        "people": risk.people,
        "fmr": risk.rate.rate if risk.rate.known else None,
        "fmr_group": risk.rate.group if risk.rate.known else None,
        "fmr_is_bound": risk.rate.bound,
        "fpir": risk.fpir,
        "max_fpir": risk.max_fpir,
        "face_alone_opens": risk.face_alone,
    }


def person_row(person: Person) -> dict[str, Any]:
    """Return one person as a JSON object; times of validity are UTC seconds."""
    consent = person.consent
    return {
        "id": person.id,
        "name": person.name,
        "external_id": person.external_id,
        "references": person.references,
        "visitor": person.visitor,
        "second_factor": person.second_factor,
        "schedule": person.schedule,
        "groups": list(person.groups),
        "valid_from": person.valid_from,
        "valid_until": person.valid_until,
        "consent": None if consent is None else {"on": consent.on.isoformat(), "note": consent.note},
        "created": person.created,
        "updated": person.updated,
    }


def people_json(everybody: Sequence[Person], risk: GalleryRisk | None) -> dict[str, Any]:
    """Return everybody and the gallery's risk; `gallery` is null where no model is installed."""
    return {
        "people": [person_row(person) for person in everybody],
        "gallery": None if risk is None else risk_json(risk),
    }


def show_people(out: Console, everybody: Sequence[Person], risk: GalleryRisk | None) -> None:
    """Print everybody as a table, the risk of the gallery below it."""
    if not everybody:
        out.print(plain("nobody is enrolled yet; edgectl people add NAME PHOTO… begins"))
        return
    rows = [
        (
            person.id,
            person.name,
            person.external_id,
            person.references,
            "always" if person.second_factor else None,
            "visitor" if person.visitor else ", ".join(person.groups) or None,
        )
        for person in everybody
    ]
    columns = ("id", "name", "number", "references", "second factor", "groups")
    out.print(table(columns, rows, right=("references",)))
    if risk is not None:
        out.print(plain(risk.sentence))


def person_json(person: Person, kept: Sequence[Reference]) -> dict[str, Any]:
    """Return one person with the references kept, without their vectors."""
    references = [
        {
            "id": reference.id,
            "model_version": reference.model_version,
            "source": reference.source,
            "created": reference.created,
            "quality": dict(reference.quality),
        }
        for reference in kept
    ]
    return {**person_row(person), "references": references}


def show_person(out: Console, person: Person, kept: Sequence[Reference], zone: tzinfo) -> None:
    """Print one person, times as the clock on the wall shows them, and the references kept."""
    out.print(table(("", ""), _facts(person, zone)))
    rows = [(one.id, one.model_version, one.source, one.created) for one in kept]
    out.print(table(("reference", "model version", "source", "created"), rows, whole=("model version",)))


def _facts(person: Person, zone: tzinfo) -> list[tuple[str, object]]:
    begin, end = (
        None if wall is None else local_text(wall, zone) for wall in (person.valid_from, person.valid_until)
    )
    consent = person.consent
    return [
        ("id", person.id),
        ("name", person.name),
        ("number", person.external_id),
        ("kind", "visitor" if person.visitor else "enrolled"),
        ("references", person.references),
        ("valid from", begin),
        ("valid until", end),
        ("schedule", person.schedule),
        ("groups", ", ".join(person.groups) or None),
        ("second factor", "always" if person.second_factor else "where a rule asks for it"),
        ("consent", None if consent is None else f"{consent.on} {consent.note}".rstrip()),
        ("created", person.created),
        ("updated", person.updated),
    ]


def verdict_json(verdict: PictureVerdict) -> dict[str, Any]:
    """Return what the gate said of one picture."""
    alike = verdict.look_alike
    return {
        "source": verdict.source,
        "outcome": str(verdict.outcome),
        "code": verdict.code,
        "sentence": verdict.sentence,
        "look_alike": None
        if alike is None
        else {
            "person_id": alike.person_id,
            "person_name": alike.person_name,
            "score": alike.score,
            "percent": alike.percent,
        },
        "quality": dict(verdict.figures),
    }


def report_json(report: EnrolmentReport) -> dict[str, Any]:
    """Return the person (null where nothing was written) and the verdict of each picture."""
    return {
        "person": None if report.person is None else person_row(report.person),
        "pictures": [verdict_json(verdict) for verdict in report.verdicts],
    }


def show_report(out: Console, report: EnrolmentReport) -> None:
    """Print the verdict of each picture, and what became of the person."""
    rows = [
        (
            verdict.source,
            Text(verdict.outcome, COLOURS[verdict.outcome]),
            f"{verdict.sentence} ({verdict.code})",
        )
        for verdict in report.verdicts
    ]
    out.print(table(("picture", "verdict", "why"), rows))
    if report.person is not None:
        person = report.person
        out.print(plain(f"{cut(person.name)} is enrolled as {person.id} with {person.references} references"))
