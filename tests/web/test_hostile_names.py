"""Fifty hostile names are text wherever the pages show them."""

from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask

from edge.domain.person import clean_name
from edge.errors import ConflictError
from tests.pages.site import open_site
from tests.web.walking import address_of

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "'-alert(1)-'",
    '" autofocus onfocus=alert(1) x="',
    "' onmouseover='alert(1)",
    "{{ 7*7 }}",
    "{% raw %}",
    "${7*7}",
    "#{7*7}",
    "javascript:alert(1)",
    "</title><script>alert(1)</script>",
    "</textarea><script>x</script>",
    "</option></select><script>x</script>",
    "<!--",
    "-->",
    "]]>",
    "&lt;script&gt;alert(1)",
    "&#x3C;script&#x3E;",
    "%3Cscript%3E",
    "\\u003cscript\\u003e",
    '<a href="https://evil.example">x</a>',
    "<iframe src=//evil.example>",
    "<form action=//evil.example>",
    "<base href=//evil.example>",
    "<link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content=0>",
    "<style>*{display:none}</style>",
    "' OR '1'='1",
    "'; DROP TABLE person; --",
    '"; DROP TABLE person; --',
    "1; ATTACH DATABASE 'x' AS y",
    "=cmd|'/C calc'!A0",
    "+1+1",
    "@SUM(1)",
    "-2+3",
    "../../etc/passwd",
    "..\\..\\windows",
    "%s%s%s%n",
    "{0.__class__}",
    "{name}",
    "%(name)s",
    "$(reboot)",
    "`reboot`",
    "|reboot",
    "\u0410dmin",
    "\U0001f600\U0001f469\u200d\U0001f467",
    "\uff71\uff72\uff73",
    "Zo\u00eb O'Neil-Smith",
    "A" * 100,
]
FORBIDDEN = {"iframe", "base", "object", "embed", "style", "frame", "applet"}
LINKS = {"href", "src", "action", "formaction", "poster", "data"}


class Inert(HTMLParser):
    """Notes whatever in a page could act, or leads elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._script = (
            tag == "script" and given.get("type") != "application/json"
        )  # that is data, and is not run
        if tag in FORBIDDEN or (self._script and not (given.get("src") or "").startswith("/static/")):
            self.found.append(tag)
        if tag == "meta" and "http-equiv" in given:
            self.found.append("http-equiv")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.append(f"{tag} {name}")
            if name in LINKS and not self._leads_here(value or "") and tag != "object":
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        if self._script and data.strip():
            self.found.append("inline script")

    def handle_endtag(self, tag: str) -> None:
        self._script = self._script and tag != "script"

    @staticmethod
    def _leads_here(link: str) -> bool:
        return (
            (link.startswith(("/", "#", "?")) and not link.startswith("//"))
            or link.startswith("data:image/")
            or not link
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, list[str], list[str]]]:
    """Return the pages of a site where everybody has a hostile name, with the names and the ids."""
    with open_site(Path(tmp_path_factory.mktemp("site")), people=len(HOSTILE), events=600) as (app, store, _):
        names = []
        for person, name in zip(store.people.people(), HOSTILE, strict=True):
            try:
                store.people.update(replace(person, name=name), actor="admin:yui")
                names.append(clean_name(name))
            except ConflictError:
                continue  # a name that no list could show is not taken at all
        yield app, names, [person.id for person in store.people.people()]


def addresses(app: Flask, ids: list[str]) -> Iterator[str]:
    """Give the addresses of all pages that can be looked at, for two people where they are about one."""
    for rule in app.url_map.iter_rules():
        if (
            "GET" not in (rule.methods or ())
            or "stream" in rule.rule
            or rule.endpoint in {"static", "live.picture"}
        ):
            continue
        for person in ids if rule.arguments else ids[:1]:
            yield address_of(app, rule, person)
    for person in ids:
        yield f"/events?person={person}"


def test_they_are_text(site: tuple[Flask, list[str], list[str]]) -> None:
    app, names, ids = site
    assert len(names) >= 48
    client, seen, pages = app.test_client(), set[str](), 0
    for address in addresses(app, ids[:6]):
        answer = client.get(address)
        assert answer.status_code < 500 or answer.status_code == 503, f"{address}: {answer.status_code}"
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        page = Inert()
        page.feed(answer.text)
        assert page.found == [], address
        pages += 1
        text = unescape(answer.text)
        seen.update(name for name in names if name in text)
    assert pages > 15
    assert len(seen) >= 48  # nearly each of them was shown somewhere


def test_they_are_text_in_errors_and_in_what_was_searched_for(
    site: tuple[Flask, list[str], list[str]],
) -> None:
    app, _, _ = site
    client = app.test_client()
    for name in HOSTILE:
        for path in ("/people", "/events", f"/{name}"):
            answer = client.get(
                path, query_string={"q": name, "person": name, "next": name, "day": name, "kind": name}
            )
            assert answer.status_code < 500 or answer.status_code == 503, f"{path} {name}"
            page = Inert()
            page.feed(answer.text)
            assert page.found == [], f"{path} {name}"
