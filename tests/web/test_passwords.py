"""Which passwords are taken, and how they are hashed."""

import threading

import pytest

from edge.bootstrap.web_security import MEMORY_KIB, PASSES, password_hasher
from edge.domain.account import clean_login_name
from edge.domain.password_rules import LONGEST, SHORTEST, clean_password, new_password, unguessed
from edge.domain.password_words import COMMON
from edge.errors import ConflictError, TooManyTriesError
from edge.web.login_hasher import OneAtATime
from tests.web.secured import CountingHasher

KNOWN = ("yui.mori", "front-door")
GUESSED = [
    "password1234",
    "Password2024!!",
    "P@ssw0rd1234",
    "letmeinletmein",
    "iloveyou1234567",
    "qwertyuiop123",
    "1qaz2wsx3edc4rfv",
    "asdfghjkl;asdfghjkl;",
    "123456789012345",
    "987654321098",
    "aaaaaaaaaaaaaaa",
    "abcabcabcabcabc",
    "abcdefghijklmnop",
    "front-door-2026",
    "YuiMoriYuiMori1",
    "edge-terminal-admin",
    "Sommer" * 2,
    "summersummer2026",
    "tokyotokyotokyo",
    "　　　　　　　　　　　　",
    "!!!!!!!!!!!!!!!!",
    "admin admin admin",
]
GOOD = [
    "heron under blue umbrella",
    "correct horse battery staple",
    "kirschbaum am alten see",
    "xK3#vq9!Lm2z",
    "三匹の亀が夜明けに歩く道",
    "ночью все кошки серы",
    "a b c d e f g h j k l m",
]


@pytest.mark.parametrize("password", GUESSED)
def test_what_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(ConflictError, match="tried first"):
        new_password(password, KNOWN)


@pytest.mark.parametrize("password", GOOD)
def test_no_composition_is_asked_for(password: str) -> None:
    assert new_password(password, KNOWN) == clean_password(password)


def test_length_counts_letters_of_any_kind() -> None:
    with pytest.raises(ConflictError, match="it has 11 letters, at least 12"):
        new_password("亀が夜明けに歩く道です"[:11])
    with pytest.raises(ConflictError, match=f"at most {LONGEST}"):
        new_password("heron " * 30)
    assert SHORTEST == 12
    assert LONGEST >= 64


@pytest.mark.parametrize(
    "password", ["heron\x00under blue umbrella", "heron\x1bunder blue umbrella", "\ud800" * 14]
)
def test_what_no_keyboard_types_is_refused(password: str) -> None:
    with pytest.raises(ConflictError, match="cannot be typed"):
        new_password(password)


def test_two_ways_to_write_a_letter_are_one_password() -> None:
    assert new_password("cafe\u0301 heron blue umbrella") == new_password("caf\u00e9 heron blue umbrella")


def test_what_remains_is_what_nobody_knows() -> None:
    assert unguessed("password2026") == ""
    assert unguessed("zebra-password-123") == "zebra"
    assert unguessed("front-door zebra", KNOWN) == "zebra"
    assert len(COMMON) > 100


@pytest.mark.parametrize(
    "name", ["", "a", "-yui", "yui mori", "yüi", "a" * 33, "yui@mori", "yui\n", "../x", "\uff21\uff42"]
)
def test_a_login_name_is_plain(name: str) -> None:
    if name == "yui\n":
        assert clean_login_name(name) == "yui"
        return
    with pytest.raises(ConflictError, match="login name"):
        clean_login_name(name)


def test_passwords_are_hashed_by_argon2id_above_what_owasp_asks_for() -> None:
    hashed = password_hasher().hashed("heron under blue umbrella")
    assert hashed.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$")
    assert MEMORY_KIB * PASSES >= 2 * 19 * 1024
    assert password_hasher().matches("heron under blue umbrella", hashed)
    assert not password_hasher().matches("heron under blue umbrell", hashed)


class SlowHasher(CountingHasher):
    """Hashes when it is let, and notes how many do so at once."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()
        self.at_once = self.most = 0

    def matches(self, secret: str, hashed: str) -> bool:
        del secret, hashed
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.let.wait(10)
        self.at_once -= 1
        return False


def test_passwords_are_hashed_one_after_the_other_and_nobody_waits_for_ever() -> None:
    slow = SlowHasher()
    hasher = OneAtATime(slow, patience=0.05)
    first = threading.Thread(target=hasher.matches, args=("a", "b"))
    first.start()
    while not slow.at_once:
        pass
    for ask in (
        lambda: hasher.matches("a", "b"),
        lambda: hasher.hashed("a"),
        lambda: hasher.digest("a", b"b" * 16),
    ):
        with pytest.raises(TooManyTriesError):
            ask()
    slow.let.set()
    first.join()
    assert slow.most == 1
    assert hasher.matches("a", "b") is False
