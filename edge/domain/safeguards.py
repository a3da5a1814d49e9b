"""What only an administrator may take away: the PIN beside a face, and being kept out in a lockdown."""

from collections.abc import Mapping

from edge.domain.access_group import Group
from edge.domain.person import Person
from edge.errors import AdminOnlyError

OWN_PIN = "Only an administrator may lift the PIN that is always asked for."
GROUP_PIN = "Only an administrator may take somebody out of a group that always asks for a PIN."
LOCKDOWN = "Only an administrator may put somebody into a group that passes in a lockdown."


def require_safeguards(before: Person | None, after: Person, groups: Mapping[str, Group]) -> None:
    """Raise AdminOnlyError where a change takes a safeguard away; `before` is None for somebody new.

    A second factor of their own is one, since it may stand for an overridden look-alike. So are the PIN that
    one of their groups asks for, unless another one or they themselves keep it, and having no group that
    passes in a lockdown.
    """
    if before is not None and before.second_factor and not after.second_factor:
        raise AdminOnlyError(OWN_PIN, field="second_factor")
    old, new = (_groups_of(one, groups) for one in (before, after))
    asked = any(one.second_factor for one in old)
    if asked and not (after.second_factor or any(one.second_factor for one in new)):
        raise AdminOnlyError(GROUP_PIN, field="groups")
    if any(one.lockdown_pass for one in new) and not any(one.lockdown_pass for one in old):
        raise AdminOnlyError(LOCKDOWN, field="groups")


def _groups_of(person: Person | None, groups: Mapping[str, Group]) -> list[Group]:
    return [] if person is None else [groups[name] for name in person.groups if name in groups]
