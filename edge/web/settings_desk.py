"""The few values that pages may change: checked, journaled, then written; in force at the next start."""

import threading
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from edge.config import Settings
from edge.config.page import CHANGEABLE, Value, prepare_change, read_page_file
from edge.domain.events import EventType, NewEvent
from edge.ports import Journal


class SettingsDesk:
    """Changes and shows settings; from any thread.

    `settings` are those in force. `check` refuses values that only the model in use shows to be wrong, given
    as (section, key); it raises ConfigError.
    """

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        check: Callable[[Mapping[tuple[str, str], Value | None]], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self._journal = journal
        self._check = check
        self._lock = threading.Lock()

    def waiting(self) -> dict[str, Value]:
        """Return what was changed and is not in force yet, by `section.key`; raises ConfigError."""
        page = read_page_file(self.settings.data_dir).document
        found = {
            f"{section}.{key}": value for section, values in page.items() for key, value in values.items()
        }
        return {key: value for key, value in found.items() if value != self.value(key)}

    def value(self, key: str) -> Any:
        """Return a value in force, by `section.key`."""
        section, _, name = key.partition(".")
        return getattr(getattr(self.settings, section), name)

    def changed_here(self, key: str) -> bool:
        """Return whether a value in force was changed on the pages."""
        return read_page_file(self.settings.data_dir).path.name in self.settings.origin(key).where

    def change(self, changes: Mapping[tuple[str, str], Value | None], *, actor: str) -> None:
        """Change some values for the next start, None takes a change back.

        Raises ConfigError where the result could not be loaded, StoreError where it cannot be journaled; then
        nothing is changed.
        """
        self._check(changes)
        with self._lock:
            prepared = prepare_change(self.settings.data_dir, self._document(), changes)
            try:
                keys = {f"{section}.{key}": value for (section, key), value in changes.items()}
                data = {"keys": keys, "actor": actor}
                self._journal.append(NewEvent(EventType.ADMIN_SETTINGS_CHANGED, data=data))
                prepared.take_effect()
            finally:
                prepared.drop()

    def _document(self) -> Mapping[str, Any]:
        file = self.settings.file
        return {} if file is None else tomllib.loads(file.read_text("utf-8-sig"))


def changeable(key: str) -> bool:
    """Return whether pages may change a value, by `section.key`."""
    section, _, name = key.partition(".")
    return name in CHANGEABLE.get(section, ())
