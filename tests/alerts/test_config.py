"""What [alerts] refuses, each with a line that says what to do."""

from pathlib import Path

import pytest

from edge.config import load_settings
from edge.errors import ConfigError

WEBHOOK = 'webhook_key_file = "key"\n'
MAIL = 'mail_host = "m.example"\nmail_from = "a@example.org"\n'
WRONG = {
    "an address that is none": (f'webhook_url = "alerts.example"\n{WEBHOOK}', "it is no address"),
    "a port that is none": (f'webhook_url = "https://a.example:port/"\n{WEBHOOK}', "it is no address"),
    "an address without a host": (f'webhook_url = "https:///edge"\n{WEBHOOK}', "it is no address"),
    "a password in an address": (
        f'webhook_url = "https://me:secret@a.example/"\n{WEBHOOK}',
        "it holds a user, a password or a #",
    ),
    "plain http to elsewhere": (f'webhook_url = "http://a.example/"\n{WEBHOOK}', "write https://"),
    "no key": ('webhook_url = "https://a.example/"\n', "set webhook_key_file"),
    "a key alone": (WEBHOOK, "set webhook_url"),
    "an unknown kind": ('webhook_kinds = "burglars"\n', "forced, held, tamper, duress"),
    "mail to nobody": (MAIL, "set mail_to"),
    "mail from nobody": ('mail_host = "m.example"\nmail_to = "a@example.org"\n', "set mail_from"),
    "mail by nothing": ('mail_to = "a@example.org"\n', "set mail_host"),
    "a name for an address": (f'{MAIL}mail_to = "the guard"\n', "addresses with commas between"),
    "a line end in an address": ('mail_from = "a@example.org\\nBcc: b@example.org"\n', "a control character"),
    "two senders": ('mail_from = "a@example.org, b@example.org"\n', "it is one address"),
    "a user without password": (
        f'{MAIL}mail_to = "a@example.org"\nmail_username = "me"\n',
        "set mail_password_file",
    ),
    "a password without user": (
        f'{MAIL}mail_to = "a@example.org"\nmail_password_file = "p"\n',
        "set mail_username",
    ),
    "too many": (
        f'{MAIL}mail_to = "{",".join(f"a{n}@example.org" for n in range(21))}"\n',
        "at most 20 addresses",
    ),
    "no encryption": ('mail_security = "none"\n', 'it takes one of "tls", "starttls"'),
    "more than can be remembered": ("per_hour = 501\n", "from 1 to 500"),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_value_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "edge.toml"
    file.write_text(f"[alerts]\n{text}")
    with pytest.raises(ConfigError) as raised:
        load_settings(file, {})
    [problem] = raised.value.problems
    assert said in problem
    assert "secret" not in problem


@pytest.mark.parametrize(
    "url", ["https://a.example", "https://a.example:8443/x?y=z", "http://127.0.0.1:80/", "http://[::1]/"]
)
def test_a_right_address_is_taken(tmp_path: Path, url: str) -> None:
    file = tmp_path / "edge.toml"
    file.write_text(f'[alerts]\nwebhook_url = "{url}"\n{WEBHOOK}')
    assert load_settings(file, {}).alerts.webhook_url == url


def test_recipients_are_taken_apart(tmp_path: Path) -> None:
    file = tmp_path / "edge.toml"
    file.write_text(f'[alerts]\n{MAIL}mail_to = "a@example.org, b+c@sub.example.org"\n')
    assert load_settings(file, {}).alerts.recipients == ("a@example.org", "b+c@sub.example.org")
