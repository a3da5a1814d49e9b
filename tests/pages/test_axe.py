"""Every page looked at by axe, for those who see, hear or move otherwise (WCAG 2.2 AA), in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages.conftest import DESKTOP, PHONE
from tests.pages.test_screenshots import Look, Tour, tour

__all__ = ["tour"]

pytestmark = pytest.mark.slow

RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
GRAVE = {"serious", "critical"}


@pytest.mark.parametrize(
    "look", [Look("en-GB", DESKTOP, "light"), Look("ja-JP", PHONE, "dark")], ids=lambda look: look.scheme
)
def test_no_page_has_a_serious_fault(tour: Tour, look: Look) -> None:
    within, outside = tour.open(look), tour.open(look, alone=True)
    faults = []
    for shown in tour.pages:
        page = outside if shown.alone else within
        page.goto(tour.address + shown.path)
        found = Axe().run(page, options=RULES)
        faults += [
            f"{shown.path}: {violation['id']} ({violation['impact']}): {node['html'][:160]}"
            for violation in found.response["violations"]
            if violation["impact"] in GRAVE
            for node in violation["nodes"][:3]
        ]
    within.context.close()
    outside.context.close()
    assert faults == []
