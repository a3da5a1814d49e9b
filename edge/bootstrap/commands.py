"""What the commands of MQTT do: the doors, a picture, and the configuration read anew."""

from collections.abc import Callable, Mapping
from typing import Any

from edge.domain.command import Command, CommandName
from edge.domain.mqtt_message import OutMessage
from edge.domain.mqtt_topics import Topics
from edge.errors import CameraError, ConflictError
from edge.ports import DoorControl, LiveView
from edge.publish.commands import Done, Handler

ACTOR = "mqtt"  # as the audit names whoever commands over MQTT

Kinds = tuple[type, ...]
_NUMBER: Kinds = (int, float)
ARGUMENTS: Mapping[CommandName, Mapping[str, Kinds]] = {
    CommandName.UNLOCK: {"door": (str,), "seconds": _NUMBER, "reason": (str,)},
    CommandName.LOCK: {"door": (str,)},
    CommandName.LOCKDOWN: {"on": (bool,)},
    CommandName.SNAPSHOT_NOW: {},
    CommandName.RELOAD: {},
}
WORDS = {str: "a text", bool: "true or false", int: "a number", float: "a number"}


def command_handlers(
    topics: Topics, *, doors: DoorControl, live: LiveView, reload: Callable[[], str]
) -> Mapping[CommandName, Handler]:
    """Return what carries out each command but `replay-from`, which is the publisher's own.

    `reload` returns in a line what it has done; everything raises an EdgeError that says why it was not.
    """

    def unlock(command: Command) -> str:
        given = _arguments(command)
        return doors.unlock(
            actor=ACTOR,
            door=given.get("door"),
            seconds=given.get("seconds"),
            reason=given.get("reason", ""),
        )

    def lock(command: Command) -> str:
        return doors.lock(actor=ACTOR, door=_arguments(command).get("door"))

    def lockdown(command: Command) -> str:
        return doors.lockdown(_arguments(command).get("on", True), actor=ACTOR)

    def snapshot(command: Command) -> Done:
        _arguments(command)
        found = live.still()
        if found is None:
            raise CameraError("there is no picture; the camera or vision is away")
        size = f"{found.width}×{found.height}"
        picture = OutMessage(topics.snapshot, found.jpeg, content_type="image/jpeg")
        return Done(f"a picture of {size} is on {topics.snapshot}", [picture])

    def read_again(command: Command) -> str:
        _arguments(command)
        return reload()

    return {
        CommandName.UNLOCK: unlock,
        CommandName.LOCK: lock,
        CommandName.LOCKDOWN: lockdown,
        CommandName.SNAPSHOT_NOW: snapshot,
        CommandName.RELOAD: read_again,
    }


def _arguments(command: Command) -> Mapping[str, Any]:
    """Return the arguments of a command; raises ConflictError for one that it does not take."""
    known = ARGUMENTS[command.name]
    for name, value in command.arguments.items():
        kinds = known.get(name)
        if kinds is None:
            takes = f"it takes {', '.join(known)}" if known else "it takes no arguments"
            raise ConflictError(f'{command.name}: there is no argument "{name[:40]}"; {takes}')
        if type(value) not in kinds:
            raise ConflictError(f"{command.name}: {name} is {WORDS[kinds[0]]}")
    return command.arguments
