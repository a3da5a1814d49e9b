"""The sentences of what happened to the accounts of the pages."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from edge.domain.events import Event, EventType
from edge.web.event_grade import Grade

Told: TypeAlias = tuple[Grade, str, str]

_CHANGES = {
    "password": "{actor} changed the password of {account}",
    "second_factor": "{actor} changed the second factor of {account}",
    "role": "{actor} changed the role of {account}",
    "enabled": "{actor} let {account} log in again",
}


def _offered(event: Event) -> Told:
    if event.data.get("kind") == "invitation":
        return "info", "key", "{actor} invited {account}"
    return "warn", "key", "{actor} asked for a set-up code"


def _joined(event: Event) -> Told:
    if event.data.get("new"):
        return "info", "person", "{account} has an account now"
    return "warn", "key", "{account} was given a new password by a code"


def _changed(event: Event) -> Told:
    fields = event.data.get("fields")
    if isinstance(fields, list) and "enabled" in fields and event.data.get("enabled") is False:
        return "warn", "person", "{actor} disabled the account {account}"
    known = [_CHANGES[field] for field in fields if field in _CHANGES] if isinstance(fields, list) else []
    return "info", "person", known[0] if known else "{actor} changed the account {account}"


def _failed(event: Event) -> Told:
    if event.data.get("account") is None:
        return "warn", "shield", "Somebody tried to log in under a name that nobody has"
    if event.data.get("step") == "second":
        return "warn", "shield", "A wrong second factor was given for {account}"
    return "warn", "shield", "A wrong password was given for {account}"


def _delayed(event: Event) -> Told:
    if event.data.get("account") is None:
        return "bad", "shield", "Too many guesses from {address}: they are not looked at for a while"
    return "bad", "shield", "Too many guesses for {account}: they are not looked at for a while"


def _said(icon: str, text: str) -> Callable[[Event], Told]:
    return lambda _: ("info", icon, text)


TELLERS: Mapping[str, Callable[[Event], Told]] = {
    EventType.ADMIN_CODE_OFFERED: _offered,
    EventType.ADMIN_CODE_WITHDRAWN: _said("key", "{actor} took the invitation of {account} back"),
    EventType.ADMIN_JOINED: _joined,
    EventType.ADMIN_CHANGED: _changed,
    EventType.ADMIN_LOGGED_IN: _said("person", "{account} logged in"),
    EventType.ADMIN_LOGIN_FAILED: _failed,
    EventType.ADMIN_LOGIN_DELAYED: _delayed,
    EventType.ADMIN_LOGGED_OUT: _said("logout", "{account} logged out"),
    EventType.ADMIN_TOKEN_MADE: _said("key", "{actor} made the API token {name}"),
    EventType.ADMIN_TOKEN_REVOKED: _said("key", "{actor} revoked the API token {name}"),
}
