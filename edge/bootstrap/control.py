"""What is asked of the running daemon without a change."""

from typing import Any

from edge.config import Settings
from edge.errors import ControlError


def daemon_health(settings: Settings) -> dict[str, Any]:
    """Return the daemon's health; raises ControlError where it does not answer."""
    from edge.adapters.control import ControlClient

    answer = ControlClient(settings.control_socket).ask("GET", "/v1/health")
    if not isinstance(answer, dict):
        raise ControlError(f"{settings.control_socket}: the daemon's answer is no health")
    return answer


def daemon_metrics(settings: Settings) -> str:
    """Return the daemon's metrics as text; raises ControlError where it does not answer."""
    from edge.adapters.control import ControlClient

    return ControlClient(settings.control_socket).text("/v1/metrics")
