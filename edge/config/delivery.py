"""The sections of what leaves the terminal: events over MQTT, alerts to a webhook and by mail."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from edge.config.section import Section, Text
from edge.domain.alert import parse_kinds

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
MOST_ADDRESSES = 20


def _host(text: str) -> str:
    if "/" in text or "@" in text or any(letter.isspace() for letter in text):
        raise ValueError('it is a name or an address alone, as in "broker.example"; the port has its own key')
    return text


def _topic(text: str) -> str:
    if not text or any(sign in text for sign in "#+") or text.startswith(("/", "$")) or text.endswith("/"):
        raise ValueError('it is the beginning of a topic, as in "homeassistant"')
    return text


def _url(text: str) -> str:
    if not text:
        return text
    parts = urlsplit(text)
    try:
        good = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if parts.scheme not in {"http", "https"} or not good or not text.isascii() or " " in text:
        raise ValueError('it is no address; write one as in "https://alerts.example/edge"')
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("it holds a user, a password or a #; alerts are signed, leave those out")
    if parts.scheme == "http" and not _is_here(parts.hostname or ""):
        raise ValueError("it is not encrypted; write https://")
    return text


def _is_here(host: str) -> bool:
    """Return whether a host is this machine itself, which needs no TLS."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(text: str) -> str:
    if text and not _ADDRESS.fullmatch(text):
        raise ValueError('it is one address, as in "gate@example.org"')
    return text


def _addresses(text: str) -> str:
    found = text.replace(",", " ").split()
    if len(found) > MOST_ADDRESSES:
        raise ValueError(f"at most {MOST_ADDRESSES} addresses; let the mail server hold a longer list")
    for one in found:
        if not _ADDRESS.fullmatch(one):
            raise ValueError('it is addresses with commas between, as in "guard@example.org, me@example.org"')
    return text


def _kinds(text: str) -> str:
    parse_kinds(text)
    return text


class MqttSettings(Section):
    """The broker that events are brought to; without a host there is none."""

    host: Annotated[Text, AfterValidator(_host)] = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 8883
    tls: bool = True
    ca_file: Text = ""
    server_name: Annotated[Text, AfterValidator(_host)] = ""
    cert_file: Text = ""
    key_file: Text = ""
    username: Text = ""
    password_file: Text = ""
    keepalive_seconds: Annotated[int, Field(ge=2, le=600)] = 15
    lost_minutes: Annotated[float, Field(gt=0, le=10_080)] = 15.0
    home_assistant: bool = True
    discovery_prefix: Annotated[Text, AfterValidator(_topic)] = "homeassistant"
    commands: Literal["off", "signed", "broker"] = "off"
    command_key_file: Text = ""

    @classmethod
    def conflicts(cls, given: Mapping[str, object]) -> list[tuple[str, str]]:
        """Refuse TLS files without TLS, halves of a pair, and commands that nothing protects."""
        found = []
        if given.get("tls") is False:
            found += [
                (key, "mqtt.tls is false, so it would not be used; set tls = true or remove it")
                for key in ("ca_file", "server_name", "cert_file", "key_file")
                if given.get(key)
            ]
        if given.get("key_file") and not given.get("cert_file"):
            found.append(("key_file", "a key needs its certificate; set cert_file"))
        if given.get("password_file") and not given.get("username"):
            found.append(("password_file", "a password needs a user name; set username"))
        if given.get("commands") == "signed" and not given.get("command_key_file"):
            found.append(("commands", "signed commands need a key; set command_key_file"))
        if given.get("commands") == "broker" and given.get("tls") is False:
            found.append(("commands", "commands that only the broker vouches for need TLS; set tls = true"))
        return found


class AlertSettings(Section):
    """Who is told of what needs somebody; without an address nobody is."""

    language: Literal["", "en", "ja"] = ""
    recoveries: bool = True
    quiet_minutes: Annotated[float, Field(gt=0, le=1440)] = 15.0
    per_kind: Annotated[int, Field(ge=1, le=500)] = 6
    per_hour: Annotated[int, Field(ge=1, le=500)] = 30
    give_up_hours: Annotated[float, Field(ge=1, le=720)] = 72.0
    webhook_url: Annotated[Text, AfterValidator(_url)] = ""
    webhook_key_file: Text = ""
    webhook_ca_file: Text = ""
    webhook_kinds: Annotated[Text, AfterValidator(_kinds)] = "all"
    mail_host: Annotated[Text, AfterValidator(_host)] = ""
    mail_port: Annotated[int, Field(ge=1, le=65535)] = 465
    mail_security: Literal["tls", "starttls"] = "tls"
    mail_ca_file: Text = ""
    mail_username: Text = ""
    mail_password_file: Text = ""
    mail_from: Annotated[Text, AfterValidator(_address)] = ""
    mail_to: Annotated[Text, AfterValidator(_addresses)] = ""
    mail_kinds: Annotated[Text, AfterValidator(_kinds)] = "all"

    @classmethod
    def conflicts(cls, given: Mapping[str, object]) -> list[tuple[str, str]]:
        """Refuse halves: an address without its key, a server without addresses, a password without user."""
        found = []
        if given.get("webhook_url") and not given.get("webhook_key_file"):
            found.append(("webhook_url", "alerts are signed; set webhook_key_file"))
        if given.get("webhook_key_file") and not given.get("webhook_url"):
            found.append(("webhook_key_file", "a key needs its address; set webhook_url"))
        if given.get("mail_host"):
            found += [
                ("mail_host", f"mail needs an address; set {key}")
                for key in ("mail_from", "mail_to")
                if not given.get(key)
            ]
        if given.get("mail_to") and not given.get("mail_host"):
            found.append(("mail_to", "nothing carries the mail; set mail_host"))
        if given.get("mail_password_file") and not given.get("mail_username"):
            found.append(("mail_password_file", "a password needs a user name; set mail_username"))
        if given.get("mail_username") and not given.get("mail_password_file"):
            found.append(("mail_username", "a user name needs its password; set mail_password_file"))
        return found

    @property
    def recipients(self) -> tuple[str, ...]:
        """Return the addresses that mail goes to."""
        return tuple(self.mail_to.replace(",", " ").split())
