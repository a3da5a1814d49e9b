"""When the service manager may be told that the parent is alive: every loop has met its own deadline.

A parent that only proves that a timer of it runs would be kept alive while the door is stuck. So each loop
answers for itself, and the sign of life is a consequence:

- *vision*: while a child works, its last sign (a finished frame, a back-off tick of the camera, a pause for
  heat) is at most `vision` seconds old. A child that starts, or is waited for, has the supervisor's own
  deadline, which the supervisor has to have kept. A child that hangs and is being ended is no progress: where
  the end does not come, the service manager is the last to help.
- *doorkeeper* and *doors*: what each works on, if anything, was begun at most `job` seconds ago.
- the parent's own loop is the one that gives the sign, at the end of a turn: where it is stuck there is none.

Whoever reads the printed events or the control socket owes the daemon nothing, and is not asked.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds each loop has.

    A child gives a sign each half second, whatever it does; `vision` leaves room for the slowest frame and
    is under the supervisor's patience, after which the child is ended. A job of the doorkeeper takes
    milliseconds; `job` leaves room for a disk that is busy. `grace` is how late the supervisor's own loop may
    be.
    """

    vision: float = 5.0
    job: float = 10.0
    grace: float = 2.0


class Stage(StrEnum):
    """Where vision is, as far as signs of life go."""

    WORKING = "working"  # ready: its own signs count
    AWAITED = "awaited"  # starting, or about to be started: the supervisor's deadline counts
    ENDING = "ending"  # asked, told or forced to end: nothing counts


@dataclass(frozen=True, slots=True)
class Loops:
    """What is known of the loops at one moment, in monotonic seconds.

    `sign` is when vision last gave a sign, `due` when the supervisor acts next on a child that is awaited,
    and `job` and `door` when the doorkeeper and a door began what they work on, None where that is nothing.
    """

    stage: Stage
    sign: float
    due: float | None
    job: float | None
    door: float | None = None


def late(loops: Loops, now: float, deadlines: Deadlines) -> list[str]:
    """Return a line for each loop that has missed its deadline; with none, a sign of life is true."""
    found = []
    if loops.stage is Stage.WORKING and now - loops.sign > deadlines.vision:
        found.append(f"vision gave no sign for {now - loops.sign:.0f} s")
    if loops.stage is Stage.AWAITED and (loops.due is None or now - loops.due > deadlines.grace):
        found.append("vision is overdue and was not seen to")
    if loops.stage is Stage.ENDING:
        found.append("vision is being ended")
    if loops.job is not None and now - loops.job > deadlines.job:
        found.append(f"the doorkeeper works on one job for {now - loops.job:.0f} s")
    if loops.door is not None and now - loops.door > deadlines.job:
        found.append(f"a door works on one thing for {now - loops.door:.0f} s")
    return found
