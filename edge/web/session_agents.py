"""Browsers by the names that people know, from what they say of themselves."""

import re

# The first that fits: others say that they are what comes later as well.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("FxiOS", "Firefox"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
LONGEST = 60


def browser_name(agent: str) -> str:
    """Return `Firefox, Windows`; of one that is not known, the beginning of what it says."""
    browser = next((name for word, name in BROWSERS if re.search(rf"\b(Headless)?{word}/", agent)), "")
    system = next((name for word, name in SYSTEMS if word in agent), "")
    return ", ".join(part for part in (browser, system) if part) or agent[:LONGEST] or "–"
