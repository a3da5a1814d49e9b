from edge.domain.events import Event, EventType


def test_exact_scores_do_not_leave_the_terminal() -> None:
    data = {"reason": "face", "band": "clear", "percent": 99.31, "fpir": 0.002}
    event = Event(7, "j:7", "boot", "2026-11-28T09:00:00.000Z", 0, True, EventType.ACCESS_GRANTED, "P", data)
    sent = event.published("porch")
    assert sent["data"] == {"reason": "face", "band": "clear", "boot_id": "boot", "clock_trusted": True}
    assert {**sent, "data": None} == {**event.cloud_event("porch"), "data": None}
    assert event.cloud_event("porch")["data"]["percent"] == 99.31
