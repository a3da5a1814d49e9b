"""What only an administrator may take away of somebody."""

from dataclasses import replace

import pytest

from edge.domain.access_group import Group
from edge.domain.person import Person
from edge.domain.safeguards import GROUP_PIN, LOCKDOWN, OWN_PIN, require_safeguards
from edge.errors import AdminOnlyError

GROUPS = {
    group.name: group
    for group in (
        Group(name="plain"),
        Group(name="pin", second_factor=True),
        Group(name="vault", second_factor=True),
        Group(name="guards", lockdown_pass=True),
        Group(name="fire", lockdown_pass=True),
    )
}


def person(*groups: str, second_factor: bool = False) -> Person:
    return Person("p", "Yui", groups=groups, second_factor=second_factor)


@pytest.mark.parametrize(
    ("before", "after", "said", "field"),
    [
        (person(second_factor=True), person(), OWN_PIN, "second_factor"),
        (person("pin", second_factor=True), person("pin"), OWN_PIN, "second_factor"),
        (person("pin"), person(), GROUP_PIN, "groups"),
        (person("plain", "pin"), person("plain"), GROUP_PIN, "groups"),
        (person(), person("guards"), LOCKDOWN, "groups"),
        (None, person("plain", "guards"), LOCKDOWN, "groups"),
    ],
)
def test_taking_a_safeguard_away_is_refused(
    before: Person | None, after: Person, said: str, field: str
) -> None:
    with pytest.raises(AdminOnlyError) as caught:
        require_safeguards(before, after, GROUPS)
    assert (str(caught.value), caught.value.field) == (said, field)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, person("plain", "pin", second_factor=True)),
        (person(), person("pin", second_factor=True)),
        (person("pin"), person("vault")),
        (person("pin"), person(second_factor=True)),
        (person("guards"), person("fire")),
        (person("guards"), person()),
        (person("pin", "guards", second_factor=True), person("pin", "guards", second_factor=True)),
        (person("gone"), person()),
    ],
)
def test_what_keeps_or_adds_one_is_not(before: Person | None, after: Person) -> None:
    require_safeguards(before, replace(after, name="Mei"), GROUPS)
