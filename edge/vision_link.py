"""The child's end of the wire."""

import socket

from edge.vision_wire import LineBuffer, Message, Start, ToChild, encode, to_child

FIRST_MESSAGE = 10.0  # seconds the parent has to send the configuration; it does so at once
READ_BYTES = 64 * 1024


class VisionLink:
    """Sends messages and notices when to stop; for one thread, `stop` also for a signal handler.

    Sending waits while the parent does not read: a parent that is stopped gets what was seen when it goes
    on, and judges by its age.
    """

    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire
        self._lines = LineBuffer()
        self._stopping = False

    def stop(self) -> None:
        """Make `stopping` True."""
        self._stopping = True

    @property
    def stopping(self) -> bool:
        """Return whether the parent asked to stop or is gone; takes no time."""
        if not self._stopping:
            self._receive(0.0)
        return self._stopping

    def first(self) -> Start | None:
        """Return the parent's first message, None where it went away; raises WireError."""
        while not self._stopping:
            for message in self._receive(FIRST_MESSAGE):
                if isinstance(message, Start):
                    return message
        return None

    def send(self, message: Message) -> None:
        """Send a message; a parent that is gone makes `stopping` True."""
        try:
            self._wire.settimeout(None)
            self._wire.sendall(encode(message))
        except OSError:
            self._stopping = True

    def wait(self, seconds: float) -> None:
        """Return after `seconds`, or at once when it is time to stop."""
        if not self._stopping:
            self._receive(seconds)

    def _receive(self, timeout: float) -> list[ToChild]:
        try:
            self._wire.settimeout(timeout)
            data = self._wire.recv(READ_BYTES)
        except (BlockingIOError, TimeoutError):
            return []
        except OSError:
            data = b""
        if not data:
            self._stopping = True
            return []
        messages = [to_child(line) for line in self._lines.feed(data)]
        if any(message.kind == "stop" for message in messages):
            self._stopping = True
        return messages
