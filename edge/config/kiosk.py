"""The section of the screen beside the door."""

from edge.config.section import Section


class KioskSettings(Section):
    """What the screen beside the door shows."""

    show_names: bool = True
