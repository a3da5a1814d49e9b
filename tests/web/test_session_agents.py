import pytest

from edge.web.session_agents import browser_name


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
        ("Windows NT 10.0) AppleWebKit/537.36 Chrome/128.0 Safari/537.36 Edg/128.0", "Edge, Windows"),
        ("iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari, iPhone"),
        ("Linux; Android 14) AppleWebKit/537.36 Chrome/128.0 Mobile Safari/537.36", "Chrome, Android"),
        ("X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/150.0 Safari/537.36", "Chrome, Linux"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "–"),
        ("<script>" * 20, ("<script>" * 20)[:60]),
    ],
)
def test_a_browser_has_the_name_that_people_know(agent: str, name: str) -> None:
    assert browser_name(agent) == name
