"""How times, lengths and quantities are written on the pages: in both languages, in the terminal's zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from edge.web.language import Language

WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "ja": ("月", "火", "水", "木", "金", "土", "日"),
}
SIZES = ("B", "kB", "MB", "GB", "TB")
NONE = "–"

When = float | str | datetime


@dataclass(frozen=True, slots=True)
class Show:
    """Writes for people; `zone` is the terminal's.

    A time is UTC seconds, ISO 8601 or a datetime with a zone.
    """

    language: Language
    zone: tzinfo

    def local(self, when: When) -> datetime:
        """Return a time by the terminal's clock on the wall."""
        if isinstance(when, str):
            when = datetime.fromisoformat(when)
        elif not isinstance(when, datetime):
            when = datetime.fromtimestamp(when, UTC)
        return when.astimezone(self.zone)

    def moment(self, when: When | None) -> str:
        """Return `2026-11-28 14:05` or `2026年11月28日(土) 14:05`."""
        if when is None:
            return NONE
        local = self.local(when)
        return f"{self.day(local.date())} {local:%H:%M}"

    def clock(self, when: When | None, *, seconds: bool = False) -> str:
        """Return the time of day."""
        if when is None:
            return NONE
        return format(self.local(when), "%H:%M:%S" if seconds else "%H:%M")

    def day(self, day: date) -> str:
        """Return `2026-11-28` or `2026年11月28日(土)`."""
        if self.language == "ja":
            return f"{day.year}年{day.month}月{day.day}日({self.weekday(day)})"
        return day.isoformat()

    def weekday(self, day: date) -> str:
        """Return the short name of a day of the week."""
        return WEEKDAYS[self.language][day.weekday()]

    def month(self, day: date) -> str:
        """Return `2026-11` or `2026年11月`."""
        return f"{day.year}年{day.month}月" if self.language == "ja" else format(day, "%Y-%m")

    def hours(self, seconds: float) -> str:
        """Return a length of work as `7:45`, to the minute below."""
        minutes = int(seconds // 60)
        return f"{minutes // 60}:{minutes % 60:02}"

    def span(self, seconds: float) -> str:
        """Return a length of time in its two largest units, as `3 h 20 min` or `3時間20分`."""
        days, rest = divmod(int(seconds), 86400)
        hours, rest = divmod(rest, 3600)
        minutes, left = divmod(rest, 60)
        named = zip((days, hours, minutes, left), self._units(), strict=True)
        parts = [f"{count}{unit}" for count, unit in named if count][:2] or [f"0{self._units()[3]}"]
        return ("" if self.language == "ja" else " ").join(parts)

    def _units(self) -> tuple[str, str, str, str]:
        return ("日", "時間", "分", "秒") if self.language == "ja" else (" d", " h", " min", " s")

    def count(self, number: float) -> str:
        """Return a number with its thousands set off."""
        return f"{number:,.0f}"

    def share(self, part: float | None) -> str:
        """Return a share of 1 in percent, with as many digits as a small one needs."""
        if part is None:
            return NONE
        percent = part * 100
        if percent == 0 or percent >= 10:  # noqa: PLR2004 - from here on a tenth says nothing
            return f"{percent:.0f} %"
        if percent >= 0.1:  # noqa: PLR2004 - two digits that say something
            return f"{percent:.2g} %"
        return f"{percent:.1g} %" if percent >= 1e-4 else "< 0.0001 %"  # noqa: PLR2004

    def size(self, count: float) -> str:
        """Return a number of bytes in the unit that suits it."""
        step = 0
        while count >= 1000 and step < len(SIZES) - 1:  # noqa: PLR2004 - SI units
            count, step = count / 1000, step + 1
        return f"{count:.0f} {SIZES[step]}" if count >= 100 or step == 0 else f"{count:.1f} {SIZES[step]}"  # noqa: PLR2004
