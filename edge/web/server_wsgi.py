"""waitress for the pages: it takes in requests as a whole, and here does TLS and hangs up on who is late.

Its loop runs in one thread for all connections, so that a thousand idle clients take no thread from anybody.
"""

import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any, TypeAlias

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from edge.guard import start_thread
from edge.web.server_channel import Channel, Greeting
from edge.web.server_limits import ServerLimits

RECORD = 16 * 1024  # bytes of the largest TLS record (RFC 8446, §5.1): read at once, none is left in half

PROXY_HEADERS = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}


Admits: TypeAlias = Callable[[Mapping[str, str]], bool]


class Workers(ThreadedTaskDispatcher):
    """The threads that answer requests, guarded like all others."""

    def start_new_thread(self, target: Callable[[int], None], thread_no: int) -> None:
        """Start one."""
        start_thread(f"web {thread_no}", lambda: target(thread_no))


class AdminWsgiServer(TcpWSGIServer):
    """Serves `app` on a listening socket, over TLS where there is a `context`.

    Plain HTTP where TLS is spoken is answered by `elsewhere`, which tells where to. `admits` says by the
    headers of a request whether a large body is taken with it; it is asked by the loop, and may not wait.
    """

    channel_class = Channel

    def __init__(
        self,
        app: Any,
        elsewhere: Any,
        listening: socket.socket,
        *,
        context: ssl.SSLContext | None,
        limits: ServerLimits,
        proxy: str = "",
        admits: Admits = lambda _: True,
    ) -> None:
        self._ended = self._deaf = False
        self._waking = threading.Lock()
        self._limits = limits
        self._context = context
        workers = Workers()
        workers.set_thread_count(limits.threads)
        adj = _adjustments(limits, "https" if context else "http", proxy, admits)
        address = (listening.family, listening.type, listening.proto, listening.getsockname())
        super().__init__(
            app, {}, True, listening, dispatcher=workers, adj=adj, sockinfo=address, bind_socket=False
        )
        self._plain = SimpleNamespace(  # what a channel and its tasks know of their server
            application=elsewhere,
            adj=_adjustments(limits, "http"),
            active_channels=self.active_channels,
            add_task=self.add_task,
            pull_trigger=self.pull_trigger,
            effective_host=self.effective_host,
            effective_port=self.effective_port,
            server_name=self.server_name,
        )

    def handle_accept(self) -> None:
        """Take a connection in, or none where there is no room to be made."""
        accepted = self.accept()
        if accepted is None:
            return
        sock, addr = accepted
        if not self._has_room():
            sock.close()
            return
        self.set_socket_options(sock)
        if self._context is None:
            self._http(sock, addr)
            return
        Greeting(sock, addr, self._map, context=self._context, secure=self._http, plain=self._lead_away)

    def maintenance(self, now: float) -> None:
        """Hang up on everybody who is late; `now` is wall time, which nothing here goes by."""
        self.next_channel_cleanup = now + self._limits.turn
        moment = time.monotonic()
        for one in list(self._clients()):
            if one.is_late(moment, self._limits):
                one.handle_close()

    def run(self) -> None:
        """Serve until `end`; gives requests in work a moment to finish."""
        while not self._ended:
            self.asyncore.loop(timeout=self._limits.turn, map=self._map, use_poll=True, count=1)
        self.socket.close()
        for one in list(self._clients()):
            one.handle_close()
        self.task_dispatcher.shutdown(timeout=self._limits.stop)
        with self._waking:
            self._deaf = True
            self.trigger.close()

    def end(self) -> None:
        """Have `run` return soon; from any thread."""
        self._ended = True
        self.pull_trigger()

    def pull_trigger(self) -> None:
        """Wake the loop, where there still is one: a thread that worked too long comes after its end."""
        with self._waking:
            if not self._deaf:
                self.trigger.pull_trigger()

    def _http(self, sock: Any, addr: Any) -> None:
        Channel(self, sock, addr, self.adj, map=self._map)

    def _lead_away(self, sock: Any, addr: Any) -> None:
        Channel(self._plain, sock, addr, self._plain.adj, map=self._map)

    def _clients(self) -> Iterable[Channel | Greeting]:
        return (one for one in self._map.values() if isinstance(one, Channel | Greeting))

    def _has_room(self) -> bool:
        """Return whether one more connection may be had; hangs up on an idle one for it where it has to."""
        clients = list(self._clients())
        if len(clients) < self._limits.connections:
            return True
        idle = [one for one in clients if not one.busy]
        if not idle:
            return False
        held = Counter(one.addr[0] for one in clients)
        min(idle, key=lambda one: (-held[one.addr[0]], one.moved)).handle_close()
        return True


def _adjustments(
    limits: ServerLimits, scheme: str, proxy: str = "", admits: Admits = lambda _: False
) -> Adjustments:
    """Return waitress's settings, with whom large bodies are taken of and the settings for everybody else."""
    settings = {
        "threads": limits.threads,
        "url_scheme": scheme,
        "ident": "",
        "recv_bytes": RECORD,
        "max_request_header_size": limits.head_bytes,
        "connection_limit": 2 * limits.connections,  # ours comes first
        "channel_request_lookahead": 1,  # reads on while it answers, so a viewer that leaves is noticed
        "outbuf_high_watermark": 1024 * 1024,
        "asyncore_use_poll": True,
        "log_socket_errors": False,
    }
    if proxy:
        settings |= {"trusted_proxy": proxy, "trusted_proxy_count": 1, "trusted_proxy_headers": PROXY_HEADERS}
    made = Adjustments(**settings, max_request_body_size=limits.body)
    made.admits = admits
    made.for_strangers = Adjustments(**settings, max_request_body_size=limits.strange_body)
    return made
