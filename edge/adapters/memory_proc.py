"""How much memory a process holds, from the kernel's own count in /proc."""

import os
from pathlib import Path

PROC = Path("/proc")


def resident_bytes(pid: int) -> int | None:
    """Return the resident bytes of a process, shared pages included; None where there is no such process.

    The second number of /proc/PID/statm counts pages (proc(5)).
    """
    try:
        pages = int((PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") or None  # one that has ended and is not buried holds nothing
