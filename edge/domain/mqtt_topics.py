"""The topics of one terminal; `docs/mqtt.md` documents each."""

from dataclasses import dataclass

ONLINE = "online"
OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics of terminal `device`, and of Home Assistant under `home_assistant`."""

    device: str
    home_assistant: str = "homeassistant"

    @property
    def root(self) -> str:
        """Return what all topics of this terminal begin with."""
        return f"edge/{self.device}"

    def event(self, kind: str) -> str:
        """Return the topic of events of one type; never retained."""
        return f"{self.root}/event/{kind}"

    @property
    def state(self) -> str:
        """Return the topic of the terminal's health; retained."""
        return f"{self.root}/state"

    @property
    def availability(self) -> str:
        """Return the topic that says ONLINE or, by the last will, OFFLINE; retained."""
        return f"{self.root}/availability"

    @property
    def commands(self) -> str:
        """Return the filter of all commands."""
        return f"{self.root}/command/+"

    def command(self, name: str) -> str:
        """Return the topic of one command; a retained message there is refused."""
        return f"{self.root}/command/{name}"

    def command_name(self, topic: str) -> str | None:
        """Return the last level of a command's topic, None for any other topic."""
        prefix = f"{self.root}/command/"
        name = topic.removeprefix(prefix)
        return name if topic.startswith(prefix) and name and "/" not in name else None

    @property
    def reply(self) -> str:
        """Return the topic of the results of commands; never retained."""
        return f"{self.root}/reply"

    @property
    def snapshot(self) -> str:
        """Return the topic of the picture that `snapshot-now` asks for; never retained."""
        return f"{self.root}/snapshot"

    @property
    def test(self) -> str:
        """Return the topic on which `edgectl mqtt test` publishes and reads back; never retained."""
        return f"{self.root}/test"

    @property
    def discovery(self) -> str:
        """Return the topic of the device's configuration for Home Assistant; retained."""
        return f"{self.home_assistant}/device/edge_{self.device}/config"

    @property
    def birth(self) -> str:
        """Return the topic on which Home Assistant says `online` when it starts."""
        return f"{self.home_assistant}/status"
