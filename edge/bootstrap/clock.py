"""The clock of this machine, as a command sees and sets it."""

from contextlib import closing

from edge.config import Settings
from edge.domain.clock_trust import EARLIEST, LATEST, ClockStanding, Witness
from edge.errors import ControlError, RuleError, StoreError


def standing(settings: Settings) -> ClockStanding:
    """Return how the clock stands: as the daemon says, or where none runs, as this process finds it."""
    from edge.adapters.clock_system import ClockSystem, boot_id
    from edge.adapters.control import ClockOverControl, ControlClient
    from edge.bootstrap.storage import open_reader
    from edge.office.clock import earlier_word

    try:
        return ClockOverControl(ControlClient(settings.control_socket)).standing()
    except ControlError:
        clock = ClockSystem()
    try:
        with closing(open_reader(settings)) as reader:
            clock.accept(earlier_word(reader.query, boot_id()))
    except StoreError:
        return clock.standing()  # before the first `edgectl init`
    return clock.standing()


def set_system_clock(wall: float) -> bool:
    """Set the machine's clock, and its hardware clock where there is one; return whether there was.

    Raises DeviceError where that is not allowed, RuleError for an impossible year or while NTP keeps it.
    """
    from edge.adapters.clock_setting import set_clock, set_hardware_clock
    from edge.adapters.clock_system import ClockSystem

    if not EARLIEST <= wall < LATEST:
        raise RuleError("clock: this is a year that it cannot be")
    if Witness.NTP in ClockSystem().standing().witnesses:
        raise RuleError("clock: NTP keeps it; turn that off first if it is wrong")
    set_clock(wall)
    return set_hardware_clock(wall)
