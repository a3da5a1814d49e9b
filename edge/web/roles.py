"""Who may open which page: every route says so itself, and one that says nothing is refused at start."""

from collections.abc import Callable
from enum import IntEnum
from typing import TypeVar

from edge.domain.api_token import Scope

View = TypeVar("View", bound=Callable[..., object])

MARK = "edge_role"
SCOPE_MARK = "edge_scope"


class Role(IntEnum):
    """What an account may do; each role may do all that the ones below it may."""

    PUBLIC = 0  # nobody has logged in
    KIOSK = 1  # the screen beside the door, once paired
    VIEWER = 2  # sees events and people
    OPERATOR = 3  # enrols people, corrects punches
    ADMIN = 4  # everything


def allows(role: Role) -> Callable[[View], View]:
    """Mark a view as open to `role` and those above it; `Role.PUBLIC` is everybody."""

    def mark(view: View) -> View:
        setattr(view, MARK, role)
        return view

    return mark


def role_of(view: object) -> Role | None:
    """Return the role a view is marked with, None for a view without a mark."""
    found = getattr(view, MARK, None)
    return found if isinstance(found, Role) else None


def scoped(scope: Scope) -> Callable[[View], View]:
    """Mark a view as open to programs whose token has `scope`; with `allows` as well, to people too."""

    def mark(view: View) -> View:
        setattr(view, SCOPE_MARK, scope)
        return view

    return mark


def scope_of(view: object) -> Scope | None:
    """Return the scope a view is marked with, None for a view that programs may not use."""
    found = getattr(view, SCOPE_MARK, None)
    return found if isinstance(found, Scope) else None
