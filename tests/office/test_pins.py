from itertools import pairwise

import pytest

from edge.adapters.hasher_argon2 import HasherArgon2
from edge.adapters.store_sqlite import SqliteStore
from edge.domain.person import NewVisitor
from edge.domain.second_factor import PinCheck
from edge.domain.second_factor_pin import check_new_pin
from edge.errors import ConflictError, NotFoundError, RuleError
from edge.office.pins import NewPins, PinDesk, random_pin
from edge.ports import SecretHasher  # noqa: TC001 - its fit is what a test checks
from tests.store.conftest import Terminal


class CountingHasher:
    """Counts what takes the time."""

    def __init__(self, real: HasherArgon2) -> None:
        self.real = real
        self.calls = 0

    def hashed(self, secret: str) -> str:
        return self.real.hashed(secret)

    def matches(self, secret: str, hashed: str) -> bool:
        self.calls += 1
        return self.real.matches(secret, hashed)

    def digest(self, secret: str, salt: bytes) -> str:
        self.calls += 1
        return self.real.digest(secret, salt)


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        ("582914", PinCheck.MATCHED),
        ("730561", PinCheck.DURESS),
        ("582915", PinCheck.WRONG),
        ("58291", PinCheck.WRONG),
        ("", PinCheck.WRONG),
        ("5" * 100_000, PinCheck.WRONG),
        ("五八二九一四", PinCheck.WRONG),
    ],
)
def test_what_was_entered_is_the_pin_the_duress_pin_or_wrong(
    terminal: Terminal, store: SqliteStore, hasher: HasherArgon2, entered: str, expected: PinCheck
) -> None:
    person = terminal.enrol(store)
    NewPins(store.access, hasher).set(person.id, "582914", "730561", actor="t")
    assert PinDesk(store.access, hasher).check(person.id, entered) is expected


def test_each_check_costs_the_same_whoever_asks_and_whatever_comes_of_it(
    terminal: Terminal, store: SqliteStore, hasher: HasherArgon2
) -> None:
    both, one, none = (terminal.enrol(store, name) for name in "ABC")
    pins = NewPins(store.access, hasher)
    pins.set(both.id, "582914", "730561", actor="t")
    pins.set(one.id, "582914", actor="t")
    costs = set()
    for person_id in (both.id, one.id, none.id, "0" * 26):
        for entered in ("582914", "730561", "111111"):
            counting = CountingHasher(hasher)
            PinDesk(store.access, counting).check(person_id, entered)
            costs.add(counting.calls)
    assert costs == {2}
    assert PinDesk(store.access, hasher).check(none.id, "582914") is PinCheck.WRONG


def test_a_pin_set_alone_takes_the_old_duress_pin_away(
    terminal: Terminal, store: SqliteStore, hasher: HasherArgon2
) -> None:
    person, pins, desk = terminal.enrol(store), NewPins(store.access, hasher), PinDesk(store.access, hasher)
    pins.set(person.id, "582914", "730561", actor="t")
    pins.set(person.id, "903817", actor="t")
    assert [desk.check(person.id, pin) for pin in ("582914", "730561", "903817")] == [
        PinCheck.WRONG,
        PinCheck.WRONG,
        PinCheck.MATCHED,
    ]
    pins.remove(person.id, actor="t")
    assert desk.check(person.id, "903817") is PinCheck.WRONG
    with pytest.raises(ConflictError, match="no PIN to remove"):
        pins.remove(person.id, actor="t")


def test_what_may_be_no_pin_changes_nothing(
    terminal: Terminal, store: SqliteStore, hasher: HasherArgon2
) -> None:
    person, pins = terminal.enrol(store), NewPins(store.access, hasher)
    pins.set(person.id, "582914", actor="t")
    before = store.access.pins(person.id), store.journal.last_seq()
    for pin, duress in (("123456", None), ("5829", None), ("903817", "903818"), ("903817", "111111")):
        with pytest.raises(RuleError) as error:
            pins.set(person.id, pin, duress, actor="t")
        assert pin not in str(error.value)
    with pytest.raises(NotFoundError):
        pins.set("0" * 26, "903817", actor="t")
    with pytest.raises(NotFoundError):
        pins.reset("0" * 26, actor="t")
    assert (store.access.pins(person.id), store.journal.last_seq()) == before
    NewPins(store.access, hasher, shortest=4).set(person.id, "5829", actor="t")


def test_a_visitor_is_found_by_the_pin_alone(store: SqliteStore, hasher: HasherArgon2) -> None:
    digest = hasher.digest("582914", store.access.visitor_salt())
    added = store.access.add_visitor(NewVisitor(name="V", digest=digest, valid_until=2e9), actor="t")
    desk = PinDesk(store.access, hasher)
    assert desk.visitor("582914") == added
    assert desk.visitor("582915") is None


def test_random_pins_may_be_taken_and_differ() -> None:
    made = [random_pin() for _ in range(200)]
    for pin in made:
        check_new_pin(pin)
    assert len(set(made)) > 190
    assert len(random_pin(8)) == 8
    for pin in made[:50]:
        check_new_pin(random_pin(4, other=pin[:4]), other=pin[:4], shortest=4)


def test_the_real_cost_is_what_the_recommendation_says_and_every_hash_has_its_own_salt() -> None:
    real: SecretHasher = HasherArgon2()
    first, second = real.hashed("582914"), real.hashed("582914")
    assert first != second
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert real.matches("582914", first)
    assert not real.matches("582915", first)


@pytest.mark.parametrize(
    "damaged", ["", "x", "$argon2id$v=19$m=64,t=1,p=1$", "$2b$12$abcdefghijklmnopqrstuv"]
)
def test_a_hash_that_cannot_be_read_matches_nothing(hasher: HasherArgon2, damaged: str) -> None:
    assert not hasher.matches("582914", damaged)


def test_a_digest_depends_on_the_salt_and_on_every_digit(hasher: HasherArgon2) -> None:
    salt = bytes(range(16))
    digests = {hasher.digest(pin, salt) for pin in ("582914", "582915", "5829140", "58291")}
    assert len(digests) == 4
    assert hasher.digest("582914", salt) == hasher.digest("582914", salt)
    assert hasher.digest("582914", bytes(16)) not in digests
    assert not any(one == two for one, two in pairwise(sorted(digests)))
