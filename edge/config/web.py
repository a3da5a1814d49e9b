"""The section of the pages: where they are served and to whom."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from edge.config.section import Section, Text

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.ASCII)
MOST_HOSTS = 20


def _address(text: str) -> str:
    if text and not _is_address(text):
        raise ValueError('it is no address; write one as in "192.0.2.7", "::" for all, or "" for the default')
    return text


def _hosts(text: str) -> str:
    hosts = text.split()
    for host in hosts:
        if not _NAME.fullmatch(host):
            raise ValueError('it is no list of names; write them as in "door.example gate.example"')
    if len(hosts) > MOST_HOSTS:
        raise ValueError(f"it has {len(hosts)} names, at most {MOST_HOSTS} are kept")
    return text


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class WebSettings(Section):
    """The pages for browsers."""

    enabled: bool = True
    listen: Annotated[Text, AfterValidator(_address)] = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 8443
    tls: bool = True
    cert_file: Text = ""
    key_file: Text = ""
    hosts: Annotated[Text, AfterValidator(_hosts)] = ""
    proxy: Annotated[Text, AfterValidator(_address)] = ""

    @classmethod
    def conflicts(cls, given: Mapping[str, object]) -> list[tuple[str, str]]:
        """Refuse passwords in the clear beyond this machine, halves of a pair, and files without TLS."""
        found = []
        listen = given.get("listen", "")
        here = isinstance(listen, str) and _is_address(listen) and ipaddress.ip_address(listen).is_loopback
        if given.get("tls") is False:
            if not here:
                found.append(
                    ("tls", 'without it passwords are read along; set tls = true, or listen = "127.0.0.1"')
                )
            found += [
                (key, "web.tls is false, so it would not be used; set tls = true or remove it")
                for key in ("cert_file", "key_file")
                if given.get(key)
            ]
        if given.get("key_file") and not given.get("cert_file"):
            found.append(("key_file", "a key needs its certificate; set cert_file"))
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """Return the further names, taken apart."""
        return tuple(self.hosts.split())
