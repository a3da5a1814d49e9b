"""What every command of one `edgectl` call shares; commands get it by `@click.pass_obj`."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge.config import Settings


class Invocation:
    """One call of `edgectl`: `config` is the file named by `--config`, or None."""

    def __init__(self, config: Path | None = None) -> None:
        self.config = config

    @cached_property
    def settings(self) -> "Settings":
        """Return the checked settings; from here on warnings and errors are logged to stderr.

        Raises ConfigError with every problem.
        """
        from edge.config import load_settings
        from edge.log import configure_logging

        configure_logging("warning", "text")
        return load_settings(self.config)
