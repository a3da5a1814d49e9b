"""The main menu: the pages that exist and that whoever is logged in may open."""

from dataclasses import dataclass

from flask import Flask, current_app, g, request

from edge.web.roles import Role, role_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in a menu: its English name, address and icon, and whether the present page belongs to it."""

    name: str
    path: str
    icon: str
    here: bool = False


MAIN = (
    Entry("Dashboard", "/", "dashboard"),
    Entry("Events", "/events", "events"),
    Entry("People", "/people", "people"),
    Entry("Attendance", "/attendance", "attendance"),
    Entry("Accuracy", "/accuracy", "accuracy"),
    Entry("Access rules", "/access", "shield"),
    Entry("Settings", "/settings", "settings"),
)
SETTINGS = (
    Entry("Configuration", "/settings", "settings"),
    Entry("Clock", "/settings/clock", "clock"),
    Entry("Accounts", "/settings/accounts", "key"),
    Entry("API tokens", "/settings/tokens", "key"),
    Entry("Screens", "/settings/screens", "eye"),
    Entry("Backup", "/settings/backup", "download"),
    Entry("Audit log", "/settings/audit", "history"),
)
OWN = (Entry("Your account", "/account", "person"),)


def menu(entries: tuple[Entry, ...]) -> list[Entry]:
    """Return the entries whose page this application has and whose role the present account has."""
    open_to = linked()
    return [Entry(one.name, one.path, one.icon, _here(one.path)) for one in entries if one.path in open_to]


def linked() -> frozenset[str]:
    """Return the addresses that this application has and the present account may open."""
    role: Role = g.account.role
    return frozenset(path for path, least in _open_paths(current_app).items() if role >= least)


def _here(path: str) -> bool:
    return request.path == path or (path != "/" and request.path.startswith(f"{path}/"))


def _open_paths(app: Flask) -> dict[str, Role]:
    """Return the least role of each address without a variable that answers GET."""
    found: dict[str, Role] = app.extensions.setdefault("edge.paths", {})
    if not found:
        for rule in app.url_map.iter_rules():
            role = role_of(app.view_functions[rule.endpoint])
            if role is not None and "GET" in (rule.methods or ()) and not rule.arguments:
                found[rule.rule.rstrip("/") or "/"] = role
    return found
