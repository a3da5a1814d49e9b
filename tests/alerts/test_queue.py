"""What waits for a receiver: in the order of the journal, from the cursor on, within the limits."""

import pytest

from edge.domain.alert import AlertKind
from edge.domain.alert_limits import LimitRules
from edge.domain.events import EventType
from edge.publish.alert_queue import PAGE, SAVE_EVERY
from tests.alerts.conftest import Site


def test_the_first_start_begins_with_what_happens_from_then_on(site: Site) -> None:
    site.happen(EventType.DOOR_FORCED, door="a")
    queue = site.queue()
    assert site.drain(queue) == []
    site.happen(EventType.DOOR_FORCED, door="a")
    assert site.types(queue) == ["door.forced"]


def test_what_happens_after_the_very_first_start_is_told_after_a_crash(site: Site) -> None:
    """A sink whose cursor stands at 0 is no new one."""
    site.queue()
    site.happen(EventType.DOOR_FORCED, door="a")
    assert site.types(site.queue()) == ["door.forced"]


def test_alerts_come_in_the_order_of_the_journal_among_all_else(site: Site) -> None:
    queue = site.queue()
    kinds = [EventType.DOOR_TAMPERED, EventType.DOOR_FORCED, EventType.CAMERA_LOST, EventType.FIRE_STARTED]
    for kind in kinds:
        for _ in range(PAGE):
            site.happen(EventType.ACCESS_DENIED, reason="unknown")
        site.happen(kind)
    assert site.types(queue) == [str(kind) for kind in kinds]


def test_what_is_pending_stays_until_it_is_done_also_over_a_restart(site: Site) -> None:
    queue = site.queue()
    site.happen(EventType.DOOR_FORCED)
    site.happen(EventType.DOOR_TAMPERED)
    first = queue.next()
    assert first is not None
    assert queue.next() is first
    queue.close()
    again = site.queue()
    same = again.next()
    assert same is not None
    assert same.notice == first.notice
    again.done()
    third = site.queue().next()
    assert third is not None
    assert third.notice.body["type"] == "edge.door.tampered"


def test_each_way_has_a_cursor_and_limits_of_its_own(site: Site) -> None:
    mail, webhook = site.queue("mail"), site.queue("webhook")
    site.happen(EventType.DOOR_FORCED)
    assert site.types(mail) == ["door.forced"]
    assert site.store.journal.cursor("mail") == 1
    assert site.store.journal.cursor("webhook") == 0
    assert site.types(webhook) == ["door.forced"]


def test_retention_waits_for_an_alert_that_has_not_arrived(site: Site) -> None:
    site.queue("webhook")
    for _ in range(20):
        site.happen(EventType.DOOR_FORCED)
    assert site.store.journal.prune(keep=5) == 0
    site.drain(queue := site.queue("webhook"))
    queue.close()
    assert site.store.journal.prune(keep=5) == 15


def test_only_the_kinds_that_are_wanted_are_told(site: Site) -> None:
    site.rules = {"kinds": frozenset({AlertKind.DURESS})}
    queue = site.queue()
    site.happen(EventType.DOOR_FORCED)
    site.happen(EventType.ACCESS_DURESS, "01P", door="a")
    assert site.types(queue) == ["access.duress"]


@pytest.mark.parametrize("recoveries", [True, False])
def test_ends_are_told_where_that_is_wanted(site: Site, *, recoveries: bool) -> None:
    site.rules = {"recoveries": recoveries}
    queue = site.queue()
    site.happen(EventType.DOOR_CLOSED, door="a")
    site.happen(EventType.DOOR_FORCED, door="a")
    site.happen(EventType.DOOR_HELD, door="a", stage="warned")
    site.happen(EventType.DOOR_HELD, door="a", stage="alarm")
    site.happen(EventType.DOOR_CLOSED, door="a")
    site.happen(EventType.DOOR_CLOSED, door="a")
    ends = ["door.closed", "door.closed"] if recoveries else []
    told = site.drain(queue)
    assert [notice.body["type"] for notice in told] == [
        f"edge.{kind}" for kind in ["door.forced", "door.held", *ends]
    ]
    assert [notice.body["data"]["alert"] for notice in told[2:]] == ["forced", "held"][: len(ends)]


def test_an_end_of_two_alerts_is_told_for_each_also_over_a_restart(site: Site) -> None:
    queue = site.queue()
    site.happen(EventType.DOOR_FORCED, door="a")
    site.happen(EventType.DOOR_HELD, door="a", stage="alarm")
    site.drain(queue)
    site.happen(EventType.DOOR_CLOSED, door="a")
    assert queue.next() is not None
    queue.done()
    again = site.queue()
    left = again.next()
    assert left is not None
    assert left.notice.body["data"]["alert"] == "held"
    again.done()
    assert again.next() is None


def test_what_is_held_back_is_told_in_one_summary_that_survives_a_restart(site: Site) -> None:
    queue = site.queue()
    for _ in range(40):
        site.happen(EventType.CAMERA_LOST, detail="unplugged")
        site.happen(EventType.CAMERA_RESTORED)
    assert site.types(queue) == ["camera.lost", "camera.restored"]
    assert queue.held_back == 39
    queue.close()
    site.clock.go(600)
    again = site.queue()
    assert again.held_back == 39
    assert site.drain(again) == []
    site.clock.go(301)
    [summary] = site.drain(again)
    assert summary.body["type"] == "edge.alerts.held_back"
    assert summary.title == "39 more alerts were held back"
    [told] = summary.body["data"]["alerts"]
    assert (told["alert"], told["count"], told["over"]) == ("camera", 39, True)
    assert (told["first_seq"], told["last_seq"]) == (3, 80)
    assert site.drain(again) == []
    assert site.drain(site.queue()) == []


def test_a_burst_in_the_backlog_is_told_once_and_summed_up(site: Site) -> None:
    queue = site.queue()
    for _ in range(500):
        site.happen(EventType.DOOR_FORCED, door="a")
    assert len(site.drain(queue)) == 1
    site.clock.go(901)
    [summary] = site.drain(queue)
    assert summary.body["data"]["alerts"][0]["count"] == 499


def test_an_alert_that_is_given_up_is_journaled_told_by_the_other_way_and_counted(site: Site) -> None:
    mail, webhook = site.queue("mail"), site.queue("webhook")
    forced = site.happen(EventType.DOOR_FORCED, door="a")
    assert mail.next() is not None
    mail.give_up("mail m:465: no answer")
    [event] = site.store.journal.events(type=EventType.ALERT_GIVEN_UP)
    assert event.data == {
        "sink": "mail",
        "seq": forced.seq,
        "type": "door.forced",
        "line": "mail m:465: no answer",
    }
    assert site.types(webhook) == ["door.forced", "alert.given_up"]
    assert site.drain(mail) == []
    site.clock.go(901)
    assert site.types(mail) == ["alerts.held_back"]


def test_the_summary_can_be_given_up_as_well(site: Site) -> None:
    site.limits = LimitRules(quiet=60)
    queue = site.queue()
    for _ in range(3):
        site.happen(EventType.DOOR_FORCED)
    site.drain(queue)
    site.clock.go(61)
    assert queue.next() is not None
    queue.give_up("no")
    [event] = site.store.journal.events(type=EventType.ALERT_GIVEN_UP)
    assert event.data == {"sink": "mail", "type": "summary", "line": "no"}
    assert site.drain(queue) == []


def test_the_cursor_is_not_written_for_each_event_that_is_no_alert(site: Site) -> None:
    queue = site.queue()
    for _ in range(30):
        site.happen(EventType.ACCESS_DENIED, reason="unknown")
        assert queue.next() is None
    assert site.store.journal.cursor("mail") == 0
    site.clock.go(SAVE_EVERY)
    site.happen(EventType.ACCESS_DENIED, reason="unknown")
    queue.next()
    assert site.store.journal.cursor("mail") == 31


def test_japanese_texts_and_a_fixed_zone(site: Site) -> None:
    from zoneinfo import ZoneInfo

    from edge.domain.alert import alert_of
    from edge.domain.alert_notice import Writer

    alert = alert_of(site.happen(EventType.DOOR_FORCED, door="裏口"))
    assert alert is not None
    notice = Writer("gate-1", "ja", ZoneInfo("Asia/Tokyo")).alert(alert)
    assert notice.title == "ドアがこじ開けられました"
    assert "ドア: 裏口" in notice.lines
    assert any(line.startswith("日時: 2027-01-15 17:00:00 JST") for line in notice.lines)
