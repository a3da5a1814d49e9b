"""Has the certificate made by a process that ends: what makes it stays resident with nobody."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from edge.errors import WebError

COMMAND = (sys.executable, "-P", "-m", "edge.adapters.certificate_self")
LONGEST = 60.0  # seconds; a Raspberry Pi takes three


def keep_certificate(
    path: Path, *, device: str, names: Sequence[str], addresses: Sequence[str], now: float
) -> bool:
    """Do what `certificate_self.keep_certificate` does; raises WebError as that does."""
    asked = {"path": str(path), "device": device, "names": names, "addresses": addresses, "now": now}
    try:
        done = subprocess.run(
            COMMAND, input=json.dumps(asked), capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WebError(f"{path}: the certificate could not be made: {error}") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise WebError(lines[-1].removeprefix("certificate: error: "))
    try:
        return bool(json.loads(done.stdout)["changed"])
    except (ValueError, KeyError, TypeError):
        raise WebError(f"{path}: the certificate could not be made: no answer") from None
