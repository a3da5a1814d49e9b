"""The pages of people without a browser: what is asked of forms, and what becomes of it."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.access_group import Group
from edge.domain.consent import Consent
from edge.domain.enrolment import GateReason, LookAlike, Outcome
from edge.domain.events import EventType
from edge.domain.examination import Examination, ExaminedPicture, Upload
from edge.domain.face import Box
from edge.domain.person import NewReference, Person
from edge.domain.quality import QualityReason
from edge.domain.safeguards import GROUP_PIN, LOCKDOWN, OWN_PIN
from edge.errors import ExaminerError
from edge.office.enroller import Enroller
from edge.web.account import Account
from edge.web.app import create_admin_app
from edge.web.language import japanese
from edge.web.pages.people_enrol import MOST
from edge.web.pages.people_import import SAID
from edge.web.person_form import PersonForm
from edge.web.roles import Role
from edge.web.verdict_words import ALIKE, SENTENCES, TAKEN_ALIKE
from tests.pages.site import open_site

TOKYO = ZoneInfo("Asia/Tokyo")
JSON = {"Accept": "application/json"}


@dataclass
class FakeExaminer:
    """Finds what it is told to in every picture."""

    store: SqliteStore
    outcome: Outcome = Outcome.ACCEPTED
    code: str = "accepted"
    sentence: str = "it is good"
    alike: LookAlike | None = None
    busy: bool = False
    warmed: int = 0

    def examine(
        self,
        pictures: Sequence[Upload],
        *,
        person_id: str | None = None,
        chosen_face: int | None = None,
        allow_look_alike: bool = False,
    ) -> Examination:
        del person_id, chosen_face
        if self.busy:
            raise ExaminerError("too many pictures are being examined; try again in a moment")
        taken = self.outcome is Outcome.ACCEPTED or (self.alike is not None and allow_look_alike)
        found = tuple(
            ExaminedPicture(
                source=one.source,
                outcome=Outcome.ACCEPTED if taken else self.outcome,
                code=self.code,
                sentence=self.sentence.format(source=one.source),
                width=640,
                height=480,
                box=Box(1.25, 2, 3, 4),
                landmarks=((1.0, 2.0),),
                look_alike=self.alike,
            )
            for one in pictures
        )
        vectors = np.random.default_rng(len(self.store.people.people())).normal(size=(len(found), 128))
        references = [NewReference("m", row.astype(np.float32), "a", {}) for row in vectors]
        alike = (self.alike,) if self.alike else ()
        return Examination(found, tuple(references if taken else ()), alike, self.store.people.generation())

    def warm(self) -> None:
        self.warmed += 1


@dataclass
class Pages:
    """The pages over a database, and whoever asks for them."""

    app: Flask
    store: SqliteStore
    examiner: FakeExaminer
    account: Account = Account("yui", Role.ADMIN)  # noqa: RUF009 - frozen

    def get(self, path: str, headers: dict[str, str] | None = None) -> TestResponse:
        return self.app.test_client().get(path, headers=headers)

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: object) -> TestResponse:
        return self.app.test_client().post(path, data=fields, headers=headers)

    def send(
        self,
        path: str = "/people/new",
        count: int = 1,
        headers: dict[str, str] | None = None,
        **fields: str,
    ) -> TestResponse:
        pictures = [(io.BytesIO(b"a picture"), f"{number}.jpg") for number in range(count)]
        return self.post(path, headers, pictures=pictures, **fields)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with open_site(tmp_path_factory.mktemp("site"), people=0, events=0) as (site, store, _):
        parts = site.extensions["edge"]
        examiner = FakeExaminer(store)
        roll = replace(parts.roll, enroller=Enroller(examiner, store.people))
        made = Pages(site, store, examiner)
        made.app = create_admin_app(replace(parts, roll=roll, examiner=examiner), lambda: made.account)
        made.app.config["WTF_CSRF_ENABLED"] = False
        yield made


@pytest.fixture
def pages(served: Pages) -> Pages:
    """Return the pages without people."""
    for person in served.store.people.people():
        served.store.people.remove(person_id=person.id, actor="test")
    served.account = Account("yui", Role.ADMIN)
    for one in fields(FakeExaminer):
        if one.name != "store":
            setattr(served.examiner, one.name, one.default)
    return served


def enrol(pages: Pages, name: str = "Yui", **fields: str) -> Person:
    assert pages.send("/people/new", 1, None, name=name, **fields).status_code == 303
    return pages.store.people.find(name)


# --- enrolment -----------------------------------------------------------------------------------------


def test_a_form_with_pictures_becomes_a_person_and_leads_to_their_page(pages: Pages) -> None:
    pages.store.access.put_group(Group(name="night"), actor="t")
    answer = pages.send(
        count=2,
        name=" 山田  花子 ",
        external_id="A-1",
        groups="night",
        valid_from="2026-12-01",
        valid_until="2026-12-31",
        schedule="always",
        consent_on="2026-11-01",
        consent_note="form 3",
    )
    person = pages.store.people.find("A-1")
    assert (answer.status_code, answer.location) == (303, f"/people/{person.id}")
    assert (person.name, person.references, person.groups) == ("山田 花子", 2, ("night",))
    assert person.valid_from == 1_796_050_800  # midnight in Tokyo
    assert person.valid_until == 1_798_729_200
    assert person.consent == Consent(date(2026, 11, 1), "form 3")
    actors = {event.data["actor"] for event in pages.store.journal.events() if event.person == person.id}
    assert actors == {"admin:yui"}
    assert "山田 花子" in pages.get(answer.location).text


def test_a_script_is_told_where_to_go_and_of_each_picture(pages: Pages) -> None:
    answer = pages.send(name="Yui", headers=JSON)
    person = pages.store.people.find("Yui")
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["location"] == f"/people/{person.id}"
    (picture,) = answer.json["report"]["pictures"]
    assert picture["box"] == [1.2, 2, 3, 4]
    assert (picture["kind"], picture["text"], picture["landmarks"]) == (
        "ok",
        "This picture is good.",
        [[1.0, 2.0]],
    )


def test_refused_pictures_are_shown_again_without_a_script(pages: Pages) -> None:
    pages.examiner.outcome, pages.examiner.code = Outcome.REFUSED, "too_dark"
    answer = pages.send(name="Yui")
    assert answer.status_code == 422
    assert "The face is too dark." in answer.text
    assert 'value="Yui"' in answer.text
    assert pages.store.people.people() == []
    script = pages.send(name="Yui", headers=JSON)
    assert script.status_code == 422
    assert script.json is not None
    assert script.json["report"]["good"] == 0


def test_a_look_alike_is_named_and_needs_a_word(pages: Pages) -> None:
    first = enrol(pages)
    pages.examiner.alike = LookAlike(first.id, "Yui <b>", 0.4, 99.38)
    pages.examiner.outcome, pages.examiner.code = Outcome.REFUSED, "looks_like_another"
    answer = pages.send(name="Mei")
    assert answer.status_code == 422
    assert "It looks like Yui &lt;b&gt; (99.3 %), who is enrolled already." in answer.text
    assert pages.send(name="Mei", allow="1").status_code == 303
    assert all(person.second_factor for person in pages.store.people.people())


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        ({"name": ""}, "name", "name: it is empty; give the person a name"),
        ({"name": "a\0b"}, "name", "name: it holds a control or unassigned character"),
        ({"external_id": "x" * 65}, "external_id", "employee number: 65 characters, at most 64 are kept"),
        ({"valid_from": "tomorrow"}, "valid_from", "Please give a day as 2026-11-28."),
        ({"valid_from": "2026-12-02", "valid_until": "2026-12-01"}, "valid_until", "This day is before"),
        ({"valid_from": "20261202", "valid_until": "2026-12-01"}, "valid_until", "This day is before"),
        ({"valid_until": "9999-12-30"}, "valid_until", "Please give a day from 1900 to 9998."),
        ({"valid_from": "9999-12-31"}, "valid_from", "Please give a day from 1900 to 9998."),
        ({"valid_from": "0001-01-01"}, "valid_from", "Please give a day from 1900 to 9998."),
        ({"schedule": "gone"}, "schedule", "There is no such schedule any more."),
        ({"groups": "gone"}, "groups", "One of these groups does not exist any more."),
        ({"consent_note": "somewhere"}, "consent_on", "Please give the day of the consent."),
        ({"consent_on": "2026-01-01", "consent_note": "x" * 201}, "consent_note", "consent: the note has"),
    ],
)
def test_what_is_wrong_with_a_form_is_said_and_nothing_is_examined(
    pages: Pages, sent: dict[str, str], field: str, sentence: str
) -> None:
    pages.examiner.busy = True
    answer = pages.send("/people/new", 1, JSON, **{"name": "Yui", **sent})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][field].startswith(sentence)
    assert pages.store.people.people() == []


def test_an_employee_number_in_use_is_said_beside_the_field(pages: Pages) -> None:
    enrol(pages, external_id="A-1")
    answer = pages.send(name="Mei", external_id="A-1")
    assert answer.status_code == 422
    assert "Somebody else has this employee number." in answer.text
    assert [one.name for one in pages.store.people.people()] == ["Yui"]


def test_the_last_day_of_other_software_is_no_end(pages: Pages) -> None:
    person = enrol(pages, valid_from="2026-12-01", valid_until="9999-12-31")
    assert (person.valid_from, person.valid_until) == (1_796_050_800, None)
    path = f"/people/{person.id}/edit"
    said: dict[str, Any] = {"name": "Yui", "updated": person.updated}
    assert pages.post(path, **said, valid_until="9999-12-30").status_code == 422
    assert pages.store.people.find(person.id) == person
    assert pages.post(path, **said, valid_until="9998-12-31").status_code == 303
    last = pages.store.people.find(person.id)
    assert last.valid_until == 253_370_732_400
    assert "9998-12-31" in pages.get(path).text
    assert pages.post(path, name="Yui", updated=last.updated, valid_until="9999-12-31").status_code == 303
    assert pages.store.people.find(person.id).valid_until is None


def test_somebody_is_enrolled_with_all_that_was_given_or_not_at_all(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.store.access.put_group(Group(name="leaving"), actor="t")
    last = pages.store.journal.last_seq()
    examine = pages.examiner.examine

    def meanwhile(pictures: Sequence[Upload], **more: Any) -> Examination:
        pages.store.access.remove_group("leaving", actor="t")
        return examine(pictures, **more)

    monkeypatch.setattr(pages.examiner, "examine", meanwhile)
    answer = pages.send(name="Yui", groups="leaving", headers=JSON)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"]["groups"] == "One of these groups does not exist any more."
    assert pages.store.people.people() == []
    monkeypatch.undo()
    pages.store.access.put_group(Group(name="leaving"), actor="t")
    person = enrol(pages, groups="leaving", second_factor="1", valid_until="2026-12-31")
    told = [one for one in pages.store.journal.events(since_seq=last) if one.person == person.id]
    assert [one.type for one in told] == [EventType.PERSON_ENROLLED]
    assert told[0].data["fields"] == ["groups", "second_factor", "valid_until"]


def test_no_pictures_too_many_and_too_much_are_refused(pages: Pages) -> None:
    none = pages.post("/people/new", name="Yui")
    assert none.status_code == 400
    assert "Please choose one to 16 pictures." in none.text
    many = pages.send(count=17, name="Yui", headers={**JSON, "Accept-Language": "ja"})
    assert many.status_code == 400
    assert "16枚選択してください" in (many.json or {})["line"]
    large = b"--x\r\n" + bytes(MOST)
    for path in ("/people/new", "/people/examine"):
        answer = pages.app.test_client().post(
            path, data=large, content_type="multipart/form-data; boundary=x"
        )
        assert answer.status_code == 413
    assert pages.store.people.people() == []


def test_while_too_many_are_examined_others_are_told_to_try_again(pages: Pages) -> None:
    pages.examiner.busy = True
    answer = pages.send("/people/examine", headers={**JSON, "Accept-Language": "ja"})
    assert answer.status_code == 503
    assert pages.send(name="Yui").status_code == 503


def test_pictures_are_examined_without_writing_anything(pages: Pages) -> None:
    person = enrol(pages)
    last = pages.store.journal.last_seq()
    answer = pages.send("/people/examine", count=2, person=person.id, headers=JSON)
    assert (answer.status_code, len((answer.json or {})["pictures"])) == (200, 2)
    pages.examiner.outcome, pages.examiner.code = Outcome.REFUSED, "no_face"
    assert pages.send("/people/examine", headers=JSON).status_code == 200
    pages.examiner.code, pages.examiner.sentence = "unreadable", "{source}: it is empty"
    unreadable = pages.send("/people/examine", headers=JSON)
    assert unreadable.status_code == 422
    assert (unreadable.json or {})["pictures"][0]["text"] == "It is empty"
    assert pages.send("/people/examine", person="0" * 26, headers=JSON).status_code == 404
    assert pages.store.journal.last_seq() == last


def test_pictures_are_added_to_somebody(pages: Pages) -> None:
    person = enrol(pages)
    assert pages.get(f"/people/{person.id}/pictures").status_code == 200
    assert pages.examiner.warmed == 1
    assert pages.send(f"/people/{person.id}/pictures").status_code == 303
    assert pages.store.people.find(person.id).references == 2
    pages.examiner.outcome, pages.examiner.code = Outcome.DUPLICATE, "near_duplicate"
    again = pages.send(f"/people/{person.id}/pictures")
    assert again.status_code == 422
    assert "nearly the same" in again.text


def test_the_terminals_picture_is_not_there_without_a_camera(pages: Pages) -> None:
    assert pages.get("/people/still.jpg").status_code == 404


# --- one person ----------------------------------------------------------------------------------------


def test_a_change_that_somebody_else_overtook_is_refused(pages: Pages) -> None:
    person = enrol(pages)
    path = f"/people/{person.id}/edit"
    assert 'value="Yui"' in pages.get(path).text
    assert pages.post(path, name="Mei", updated=person.updated).status_code == 303
    overtaken = pages.post(path, name="Ken", updated="2026-01-01T00:00:00.000Z")
    assert overtaken.status_code == 409
    assert pages.store.people.find(person.id).name == "Mei"


def test_only_an_admin_lifts_the_second_factor(pages: Pages) -> None:
    person = enrol(pages, second_factor="1")
    assert person.second_factor
    pages.account = Account("ken", Role.OPERATOR)
    path = f"/people/{person.id}/edit"
    refused = pages.post(path, name="Yui", updated=person.updated)
    assert refused.status_code == 422
    assert OWN_PIN in refused.text
    pages.account = Account("yui", Role.ADMIN)
    assert pages.post(path, name="Yui", updated=person.updated).status_code == 303
    assert not pages.store.people.find(person.id).second_factor


def test_only_an_admin_takes_out_of_a_group_with_a_pin_and_puts_into_one_for_lockdowns(pages: Pages) -> None:
    pages.store.access.put_group(Group(name="vault", second_factor=True), actor="t")
    pages.store.access.put_group(Group(name="guards", lockdown_pass=True), actor="t")
    person = enrol(pages, groups="vault")
    path = f"/people/{person.id}/edit"
    said: dict[str, Any] = {"name": "Yui", "updated": person.updated}
    pages.account = Account("ken", Role.OPERATOR)
    for groups, sentence in (([], GROUP_PIN), (["vault", "guards"], LOCKDOWN)):
        answer = pages.post(path, **said, groups=groups)
        assert answer.status_code == 422
        assert sentence in answer.text
    refused = pages.send(name="Mei", groups="guards", headers=JSON)
    assert (refused.status_code, (refused.json or {})["errors"]) == (422, {"groups": LOCKDOWN})
    assert pages.store.people.people() == [person]
    assert pages.post(path, **{**said, "name": "Yui M"}, groups=["vault"]).status_code == 303
    pages.account = Account("yui", Role.ADMIN)
    renewed = pages.store.people.find(person.id)
    assert pages.post(path, name="Yui", updated=renewed.updated, groups=["guards"]).status_code == 303
    assert pages.store.people.find(person.id).groups == ("guards",)


def test_a_pin_that_may_not_be_is_refused_with_a_reason(pages: Pages) -> None:
    person = enrol(pages)
    path = f"/people/{person.id}/pin"
    client = pages.app.test_client()
    for pin, again, said in (
        ("739152", "739153", "The two entries of the PIN differ."),
        ("12", "12", "PIN: it has 2 digits"),
        ("123456", "123456", "PIN: it is easily guessed"),
    ):
        answer = client.post(path, data={"pin": pin, "again": again}, follow_redirects=True)
        assert said in answer.text
        assert pages.store.access.pins(person.id).pin is None
    client.post(path, data={"pin": "739152", "again": "739152", "duress": "804263"})
    pins = pages.store.access.pins(person.id)
    assert pins.pin is not None
    assert pins.duress is not None
    assert "There is a duress PIN as well." in pages.get(f"/people/{person.id}").text


def test_what_is_taken_away_is_written_down(pages: Pages) -> None:
    person = enrol(pages)
    for form in ("zip", "json"):
        answer = pages.get(f"/people/{person.id}/copy.{form}")
        assert f"filename=person-{person.id}.{form}" in answer.headers["Content-Disposition"]
        event = pages.store.journal.events()[-1]
        assert (event.type, event.person, event.data["form"]) == (EventType.ADMIN_EXPORTED, person.id, form)


@pytest.mark.parametrize(
    "path",
    ["", "/edit", "/pictures", "/merge", "/remove", "/copy.zip", "/events/1/dispute", "/references/x.png"],
)
def test_nobody_is_found_by_anything_but_a_whole_id(pages: Pages, path: str) -> None:
    person = enrol(pages, external_id="A-1")
    for who in ("A-1", "Yui", person.id[:10], "0" * 26, "%00"):
        assert pages.get(f"/people/{who}{path}").status_code == 404


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("", Role.VIEWER),
        ("/edit", Role.OPERATOR),
        ("/pictures", Role.OPERATOR),
        ("/merge", Role.ADMIN),
        ("/remove", Role.ADMIN),
        ("/copy.zip", Role.ADMIN),
    ],
)
def test_each_page_is_open_to_its_role_only(pages: Pages, path: str, role: Role) -> None:
    person = enrol(pages)
    for one in (Role.KIOSK, Role.VIEWER, Role.OPERATOR, Role.ADMIN):
        pages.account = Account("ken", one)
        answer = pages.get(f"/people/{person.id}{path}")
        assert answer.status_code == (200 if one >= role else 403), one


def test_a_merge_with_oneself_or_nobody_is_refused(pages: Pages) -> None:
    person = enrol(pages)
    path = f"/people/{person.id}/merge"
    assert pages.post(path, other=person.id).status_code == 409
    assert pages.post(path, other="0" * 26).status_code == 404
    assert pages.post(path).status_code == 404
    assert pages.store.people.find(person.id).references == 1


# --- the roll ------------------------------------------------------------------------------------------


def test_people_are_searched_and_shown_page_by_page(pages: Pages) -> None:
    assert "Nobody is enrolled yet" in pages.get("/people").text
    for number in range(52):
        pages.store.people.enrol(
            name=f"Person {number:02}",
            external_id=f"N-{number}",
            references=[],
            seen_generation=pages.store.people.generation(),
            actor="t",
        )
    first = pages.get("/people").text
    assert "52 in all" in first
    assert "1 to 50 of 52" in first
    assert "offset=50" in first
    second = pages.get("/people?offset=50").text
    assert "Person 51" in second
    assert "Person 49" not in second
    assert "Person 07" in pages.get("/people?q=n-7").text
    assert "Nobody was found" in pages.get("/people?q=zzz").text
    assert pages.get("/people?offset=x&standing=y&group=z").status_code == 200
    assert "Person 07" in pages.get("/people?standing=no_reference").text


def test_the_example_list_is_one_that_can_be_brought(pages: Pages) -> None:
    text = pages.get("/people/import/example.csv", headers={"Accept-Language": "ja"}).data.decode("utf-8-sig")
    head, first, *_ = text.splitlines()
    assert head.startswith("name,employee_number,pictures")
    assert first.startswith("山田 花子,A-0001,")


# --- words and forms -----------------------------------------------------------------------------------


def test_every_verdict_and_every_word_of_the_import_is_said_in_japanese() -> None:
    assert {*SENTENCES.values(), ALIKE, TAKEN_ALIKE, *SAID.values()} - set(japanese()) == set()
    spoken = set(SENTENCES) | {GateReason.LOOKS_LIKE_ANOTHER}
    assert {"accepted", *GateReason, *QualityReason} == spoken


def test_what_is_wrong_with_a_form_is_said_in_japanese(pages: Pages) -> None:
    assert {OWN_PIN, GROUP_PIN, LOCKDOWN} - set(japanese()) == set()
    wrong = PersonForm(name="", valid_from="x", valid_until="0001-01-01").checked(pages.store.access)
    assert set(wrong.errors.values()) - set(japanese()) == set()


def test_a_day_that_was_left_alone_keeps_its_moment() -> None:
    person = Person("p", "Yui", valid_from=1_796_090_000.0, valid_until=1_798_700_000.0)
    form = PersonForm.of(person, TOKYO)
    assert (form.valid_from, form.valid_until) == ("2026-12-01", "2026-12-31")
    same = form.applied(person, TOKYO)
    assert (same.valid_from, same.valid_until) == (person.valid_from, person.valid_until)
    later = replace(form, valid_until="2027-01-31").applied(person, TOKYO)
    assert later.valid_until == 1_801_407_600
    assert replace(form, valid_until="").applied(person, TOKYO).valid_until is None


def test_a_form_is_read_as_it_was_sent() -> None:
    sent = MultiDict([("name", " Yui "), ("groups", "a"), ("groups", "b"), ("second_factor", "1")])
    form = PersonForm.sent(sent)
    assert (form.name, form.groups, form.second_factor, form.external_id) == ("Yui", ("a", "b"), True, "")
