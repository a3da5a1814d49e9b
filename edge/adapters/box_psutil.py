import shutil
import threading
from pathlib import Path

import psutil

from edge.domain.box_load import BoxLoad


class BoxPsutil:
    """The processors, the main memory and the disk that holds `folder`; from any thread.

    The first reading tells the load of the last minute. Readings nearer than a second to the last one repeat
    its share of the processors: over so short a time it says nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._times: tuple[float, float] | None = None
        self._share: float | None = None

    def read(self) -> BoxLoad:
        """Return how the box stands; see `edge.ports.BoxMeter`."""
        try:
            disk = shutil.disk_usage(self._folder)
        except OSError:
            disk = None
        return BoxLoad(
            cpu=self._cpu(),
            memory=psutil.virtual_memory().percent / 100,
            disk_free=disk.free if disk else None,
            disk_total=disk.total if disk else None,
        )

    def _cpu(self) -> float | None:
        with self._lock:
            times = psutil.cpu_times()
            total, idle = sum(times[:8]), times.idle + getattr(times, "iowait", 0.0)
            if self._times is None:
                self._times = (total, idle)
                self._share = min(psutil.getloadavg()[0] / (psutil.cpu_count() or 1), 1.0)
                return self._share
            passed = total - self._times[0]
            if passed >= (psutil.cpu_count() or 1):
                self._share = min(max(1 - (idle - self._times[1]) / passed, 0.0), 1.0)
                self._times = (total, idle)
            return self._share
