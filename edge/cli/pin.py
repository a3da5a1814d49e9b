"""`edgectl pin`: the second factor."""

import sys
from typing import TYPE_CHECKING

import click

from edge.cli.invocation import Invocation
from edge.cli.output import emit, note, plain

if TYPE_CHECKING:
    from edge.domain.person import Person

PERSON = click.argument("person", metavar="PERSON")


@click.group()
def pin() -> None:
    """Give people PINs. A PIN is typed in where nobody sees it, and never part of a command."""


@pin.command("set")
@PERSON
@click.option("--duress", is_flag=True, help="Ask for a duress PIN as well, which opens and alarms silently.")
@click.option("--draw", is_flag=True, help="Draw the PIN at random and print it, once.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: the person, and PINs that were drawn.")
@click.pass_obj
def set_(invocation: Invocation, person: str, *, duress: bool, draw: bool, as_json: bool) -> None:
    """Give PERSON a new PIN; the old one, and a duress PIN, are gone then, and wrong entries forgotten.

    Without --draw the PIN is asked for twice, or read from a pipe, a line each.
    """
    from edge.bootstrap.desks import new_pins
    from edge.bootstrap.storage import actor, office
    from edge.office.pins import random_pin

    with office(invocation.settings) as found:
        who = found.people.find(person)
        pins = new_pins(invocation.settings, found)
        length = invocation.settings.access.pin_digits
        chosen = random_pin(length) if draw else _ask("PIN")
        second = (random_pin(length, other=chosen) if draw else _ask("Duress PIN")) if duress else None
        pins.set(who.id, chosen, second, actor=actor())
    drawn = {"pin": chosen, "duress": second} if draw else {}
    emit({"id": who.id, **drawn}, as_json, lambda out: out.print(plain(_told(who, drawn))))


@pin.command()
@PERSON
@click.pass_obj
def reset(invocation: Invocation, person: str) -> None:
    """Forget the wrong entries of PERSON, so that a locked PIN works again."""
    from edge.bootstrap.desks import new_pins
    from edge.bootstrap.storage import actor, office

    with office(invocation.settings) as found:
        who = found.people.find(person)
        new_pins(invocation.settings, found).reset(who.id, actor=actor())
    note(f"{who.name}: wrong entries are forgotten")


@pin.command()
@PERSON
@click.pass_obj
def remove(invocation: Invocation, person: str) -> None:
    """Take the PINs of PERSON away."""
    from edge.bootstrap.desks import new_pins
    from edge.bootstrap.storage import actor, office

    with office(invocation.settings) as found:
        who = found.people.find(person)
        new_pins(invocation.settings, found).remove(who.id, actor=actor())
    note(f"{who.name} has no PIN any more")


def _ask(what: str) -> str:
    """Return what was typed in, unseen and twice; of a pipe, its next line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    entered: str = click.prompt(what, hide_input=True, confirmation_prompt=True, err=True)
    return entered


def _told(who: "Person", drawn: dict[str, str | None]) -> str:
    words = [
        f"{name.replace('duress', 'duress PIN').replace('pin', 'PIN')} {value}"
        for name, value in drawn.items()
        if value
    ]
    return f"{who.name} has a new PIN" if not words else f"{who.name}: {', '.join(words)}"
