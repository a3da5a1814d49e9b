"""How busy and how full the box is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxLoad:
    """`cpu` is the share of all processors in use since the last reading, `memory` that of the main memory.

    `disk_free` and `disk_total` are bytes of the file system that holds the data. None is not known.
    """

    cpu: float | None = None
    memory: float | None = None
    disk_free: int | None = None
    disk_total: int | None = None

    @property
    def disk_used(self) -> float | None:
        """Return the share of the disk that is in use."""
        if self.disk_free is None or not self.disk_total:
            return None
        return 1 - self.disk_free / self.disk_total
