"""What `[web]` refuses."""

import pytest

from edge.config.problems import find_problems


def told(**web: object) -> list[str]:
    return [str(problem) for problem in find_problems({"web": web})]


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("listen", "porch", "it is no address"),
        ("listen", "127.0.0.1:80", "it is no address"),
        ("proxy", "nginx", "it is no address"),
        ("hosts", "https://door.example", "it is no list of names"),
        ("hosts", "door.example:8443", "it is no list of names"),
        ("hosts", " ".join(f"a{number}.example" for number in range(21)), "it has 21 names, at most 20"),
        ("port", 0, "it takes a whole number from 1 to 65535"),
        ("port", 65536, "it takes a whole number from 1 to 65535"),
    ],
)
def test_a_wrong_value_is_refused(key: str, value: object, fault: str) -> None:
    (line,) = told(**{key: value})
    assert line.startswith(f"web.{key}: ")
    assert fault in line


@pytest.mark.parametrize("listen", ["127.0.0.1", "::1"])
def test_this_machine_alone_may_be_served_without_tls(listen: str) -> None:
    assert told(tls=False, listen=listen) == []


@pytest.mark.parametrize("listen", ["", "::", "0.0.0.0", "192.0.2.7"])  # noqa: S104 - refused
def test_nobody_else_is(listen: str) -> None:
    (line,) = told(tls=False, listen=listen)
    assert line == 'web.tls: without it passwords are read along; set tls = true, or listen = "127.0.0.1"'


def test_files_of_tls_need_tls_and_each_other() -> None:
    assert told(tls=False, listen="::1", cert_file="a.pem", key_file="b.pem") == [
        "web.cert_file: web.tls is false, so it would not be used; set tls = true or remove it",
        "web.key_file: web.tls is false, so it would not be used; set tls = true or remove it",
    ]
    assert told(key_file="b.pem") == ["web.key_file: a key needs its certificate; set cert_file"]
    assert told(cert_file="a.pem") == []
