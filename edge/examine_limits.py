"""What the process that decodes strangers' pictures may use: the kernel sees to it."""

import resource
from pathlib import Path

MIB = 1024 * 1024
GROWTH = 128 * MIB  # over what it holds with its models loaded: 12 megapixels as JPEG or PNG
FILE = MIB  # bytes of any file it writes; it has to write none
FILES = 64  # open at once
LIFE = 300  # seconds of processor time in all


def limit_process() -> None:
    """Bind this process, its models loaded, to what examining takes; raises OSError, ValueError."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, FILE)
    _lower(resource.RLIMIT_NOFILE, FILES)
    _lower(resource.RLIMIT_CPU, LIFE)
    held = _held()
    _lower(resource.RLIMIT_DATA, held["VmData"] + GROWTH)
    _lower(resource.RLIMIT_AS, held["VmSize"] + 2 * GROWTH)


def allow_seconds(seconds: float) -> None:
    """Let this process use that much more processor time; beyond it, the kernel ends it."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    used = spent.ru_utime + spent.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (min(int(used + seconds) + 1, hard), hard))


def _lower(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (bound, bound))


def _held() -> dict[str, int]:
    """Return the bytes of this process by the names of /proc/self/status."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    parts = (line.split() for line in lines if line.endswith(" kB"))
    return {name.rstrip(":"): int(size) * 1024 for name, size, _ in parts}
