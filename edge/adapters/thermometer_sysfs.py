"""A temperature that stands in a file: the kernel's thermal zones, or what a program of the site writes."""

from pathlib import Path

from edge.errors import DeviceError
from edge.redact import one_line

ZONES = Path("/sys/class/thermal")
MOST = 64  # bytes of the file that are read: a number is shorter


class ThermometerSysfs:
    """Reads `path`, which holds a number of 1/`per_degree` °C: 1000 in the kernel's zones."""

    def __init__(self, path: Path, *, name: str, per_degree: float = 1000.0) -> None:
        self._path = path
        self._name = name
        self._per_degree = per_degree

    @property
    def name(self) -> str:
        """Return which sensor it is."""
        return self._name

    def read(self) -> float:
        """Return °C; raises DeviceError. The file is opened anew each time: drivers come and go."""
        try:
            with self._path.open("rb", buffering=0) as file:
                text = (file.read(MOST) or b"").decode("ascii", "replace").strip()
        except OSError as error:
            raise DeviceError(f"sensor {self._name}: {self._path}: {error.strerror}") from error
        try:
            return float(text) / self._per_degree
        except ValueError:
            shown = one_line(text)[:40] or "nothing"
            raise DeviceError(f"sensor {self._name}: {self._path}: it holds {shown}, not a number") from None


def zones(root: Path = ZONES) -> dict[str, Path]:
    """Return the thermal zones by their type, of several of one type the first; the path is of `temp`."""
    found: dict[str, Path] = {}
    for folder in sorted(root.glob("thermal_zone*"), key=lambda one: (len(one.name), one.name)):
        try:
            kind = (folder / "type").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            continue
        found.setdefault(kind, folder / "temp")
    return found
