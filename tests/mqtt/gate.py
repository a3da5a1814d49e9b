"""A TCP relay before the broker that refuses connections while it is shut."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable

CHUNK = 65536
Look = Callable[[bytes], bytes | None]


class Gate:
    """Listens on a port of its own; `look` sees each client's first bytes, and may answer them itself."""

    def __init__(self, target: int, look: Look | None = None) -> None:
        self._target = target
        self._look = look
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def open(self) -> None:
        self._open.set()

    def shut(self) -> None:
        self._open.clear()

    def close(self) -> None:
        self._over = True
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        selector = selectors.DefaultSelector()
        selector.register(self._listener, selectors.EVENT_READ)
        partner: dict[socket.socket, socket.socket] = {}

        def end(one: socket.socket) -> None:
            for side in (one, partner.pop(one, None)):
                if side is not None:
                    partner.pop(side, None)
                    with contextlib.suppress(KeyError, ValueError):
                        selector.unregister(side)
                    side.close()

        while not self._over:
            for key, _ in selector.select(0.05):
                source = key.fileobj
                assert isinstance(source, socket.socket)
                if source is self._listener:
                    client, _ = self._listener.accept()
                    self._admit(client, partner, selector)
                    continue
                try:
                    data = source.recv(CHUNK)
                    if data and source in partner:
                        partner[source].sendall(data)
                        continue
                except OSError:
                    pass
                end(source)
        for one in list(partner):
            end(one)
        selector.close()

    def _admit(
        self,
        client: socket.socket,
        partner: dict[socket.socket, socket.socket],
        selector: selectors.DefaultSelector,
    ) -> None:
        if not self._open.is_set():
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self._target), timeout=1)
        except OSError:
            client.close()
            return
        server.settimeout(5)
        client.settimeout(5)
        if self._look is not None:
            first = client.recv(CHUNK)
            answer = self._look(first)
            if answer is not None:
                client.sendall(answer)
                client.close()
                server.close()
                return
            server.sendall(first)
        for one, other in ((client, server), (server, client)):
            partner[one] = other
            selector.register(one, selectors.EVENT_READ)
