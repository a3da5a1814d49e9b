"""The web server, cheroot: Unix sockets with the peer's credentials, and idle timeouts of its own."""

from pathlib import Path

from cheroot import wsgi
from flask import Flask

from edge.errors import ControlError
from edge.guard import guarded, start_thread

IDLE = 2  # seconds a connection may say nothing: the only callers are local and know what they want
LONGEST = 100  # bytes of a Unix socket's path; the kernel's limit is 107


class ControlServer:
    """Serves an application on a Unix socket that only its owner can reach.

    `start` returns once the socket is there; raises ControlError where it cannot be made. `stop` ends the
    threads and removes the socket; it may be called twice.
    """

    def __init__(self, path: Path, app: Flask, *, threads: int = 4) -> None:
        self._path = path
        self._app = app
        self._threads = threads
        self._server: wsgi.Server | None = None

    def start(self) -> None:
        """Bind, restrict and serve."""
        if len(bytes(self._path)) > LONGEST:
            raise ControlError(f"{self._path}: too long for a socket's path; choose a shorter data directory")
        server = wsgi.Server(
            str(self._path),
            self._app,
            numthreads=self._threads,
            max=self._threads,
            timeout=IDLE,
            shutdown_timeout=1,
            request_queue_size=16,
            peercreds_enabled=True,
        )
        try:
            server.prepare()
            self._path.chmod(0o600)
        except OSError as error:
            raise ControlError(f"{self._path}: the control socket cannot be made: {error}") from None
        self._server = server
        start_thread("control", server.serve)

    def stop(self) -> None:
        """Stop serving; requests in work get a second to finish."""
        server, self._server = self._server, None
        if server is None:
            return
        with guarded("control server stop"):
            server.stop()
        self._path.unlink(missing_ok=True)
