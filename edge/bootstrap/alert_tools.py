"""What `edgectl` does with alerts: try each way out, and ask the daemon how they stand."""

from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import uuid4

from edge.bootstrap.alerts import alert_ways, alert_writer
from edge.config import Settings

KEYS = {"webhook": ("alerts.webhook_url", "its address"), "mail": ("alerts.mail_host", "its mail server")}


def configured_ways(settings: Settings) -> list[str]:
    """Return the ways that are configured; raises ConfigError where there is none."""
    ways = list(alert_ways(settings))
    if not ways:
        raise settings.wrong("alerts", "nobody is told of anything; set webhook_url or mail_host")
    return ways


def try_alert(settings: Settings, way: str) -> dict[str, Any]:
    """Send a test by one way, at once and from here; return who took it, and in how many milliseconds.

    Raises AlertError, ConfigError.
    """
    make = alert_ways(settings).get(way)
    if make is None:
        key, what = KEYS[way]
        raise settings.wrong(key, f"it is not configured; write {what}")
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    begun = monotonic()
    answer = make().send(alert_writer(settings).test(f"test:{uuid4()}", time))
    return {"way": way, "answer": answer, "ms": round((monotonic() - begun) * 1000)}


def alerts_health(settings: Settings) -> dict[str, Any]:
    """Return how the running daemon's alerts stand, by way; raises ControlError."""
    from edge.adapters.control.client import ControlClient

    answer = ControlClient(settings.control_socket).ask("GET", "/v1/health")
    found = answer.get("alerts") if isinstance(answer, dict) else None
    return found if isinstance(found, dict) else {}
