"""In which part of a frame faces are looked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Zone:
    """The part of a frame in which faces are looked for, as fractions of its width and height.

    Raises ValueError where it is empty or reaches beyond the frame.
    """

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    def __post_init__(self) -> None:
        """Check the order of the sides."""
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise ValueError(
                "a zone is left, top, right, bottom as fractions of the frame, 0 to 1, not empty"
            )

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return (left, top, right, bottom) in a frame of this size, at least one pixel wide and high."""
        left, top = min(round(self.left * width), width - 1), min(round(self.top * height), height - 1)
        return left, top, max(round(self.right * width), left + 1), max(round(self.bottom * height), top + 1)


ZONES = {
    "whole": Zone(),
    "top-left": Zone(0.0, 0.0, 0.5, 0.5),
    "top-right": Zone(0.5, 0.0, 1.0, 0.5),
    "bottom-left": Zone(0.0, 0.5, 0.5, 1.0),
    "bottom-right": Zone(0.5, 0.5, 1.0, 1.0),
    "centre": Zone(0.25, 0.25, 0.75, 0.75),
}
