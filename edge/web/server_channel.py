"""One connection of the pages: waitress's, with TLS and with lateness that can be told."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, TypeAlias

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.wasyncore import dispatcher

from edge.web.server_limits import ServerLimits

TLS_HANDSHAKE = b"\x16"  # the first byte of every TLS connection: ContentType handshake (RFC 8446, §5.1)
Socket: TypeAlias = socket.socket

_LATER = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError)


class Request(HTTPRequestParser):
    """A request as it comes in. A large body is taken of those alone that are known, before any of it is."""

    adj: Any

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head; what is too large for a stranger is refused as what is too large for anybody."""
        super().parse_header(header_plus)
        if not self.adj.admits(self.headers):
            self.adj = self.adj.for_strangers


class Channel(HTTPChannel):
    """A connection that speaks HTTP. A request reaches a thread only once it is here as a whole."""

    parser_class = Request

    def __init__(self, server: Any, sock: Socket, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002 - waitress's word
        self._tls = threading.Lock()  # one SSL object is not for two threads at once
        self.moved = self.begun = time.monotonic()  # when bytes went either way; when this request began
        super().__init__(server, sock, addr, adj, map=map)

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Return how many bytes went out, 0 where none can now; raises OSError unless `do_close`."""
        try:
            with self._tls:  # for this alone: closing takes a lock that a sender has already
                sent: int = self.socket.send(data)
        except _LATER:
            return 0
        except OSError:
            if not do_close:
                raise
            self.handle_close()
            return 0
        self.moved = time.monotonic()
        return sent

    def handle_read(self) -> None:
        """Take what came; half a TLS record is no reason to hang up."""
        try:
            with self._tls:
                data: bytes = self.socket.recv(self.adj.recv_bytes)
        except _LATER:
            return
        except OSError:
            data = b""
        if not data:
            self.handle_close()
            return
        self.moved = time.monotonic()
        if self.request is None:
            self.begun = self.moved
        self.received(data)

    @property
    def busy(self) -> bool:
        """Return whether a request is being answered."""
        return bool(self.requests)

    def is_late(self, now: float, limits: ServerLimits) -> bool:
        """Return whether this client has had its time."""
        if self.busy and not self.total_outbufs_len:
            return False
        request = self.request
        if request is None or self.total_outbufs_len:
            return now - self.moved > (limits.stalled if self.total_outbufs_len else limits.idle)
        if not request.headers_finished:
            return now - self.begun > limits.head
        allowed: float = limits.head + limits.body_grace + request.body_bytes_received / limits.body_rate
        return now - self.begun > allowed


class Greeting(dispatcher):
    """A connection of which it is not known yet whether it speaks TLS; then its handshake."""

    busy = False
    socket: Socket

    def __init__(
        self,
        sock: Socket,
        addr: Any,
        map: Any,  # noqa: A002 - waitress's word
        *,
        context: ssl.SSLContext,
        secure: Callable[[ssl.SSLSocket, Any], None],
        plain: Callable[[Socket, Any], None],
    ) -> None:
        self.moved = self.begun = time.monotonic()
        self._context = context
        self._secure = secure
        self._plain = plain
        self._writes = False
        self._wrapped: ssl.SSLSocket | None = None
        super().__init__(sock, map=map)
        self.addr = addr

    def readable(self) -> bool:
        """Return whether the next step waits for the client."""
        return not self._writes

    def writable(self) -> bool:
        """Return whether the next step waits for room to send."""
        return self._writes

    def handle_read_event(self) -> None:
        """Take the next step."""
        self._step()

    def handle_write_event(self) -> None:
        """Take the next step."""
        self._step()

    def handle_error(self) -> None:
        """Hang up on a client that speaks neither TLS nor HTTP; it is no news."""
        self.close()

    handle_close = handle_error

    def is_late(self, now: float, limits: ServerLimits) -> bool:
        """Return whether this client has had its time."""
        return now - self.begun > limits.handshake

    def _step(self) -> None:
        if self._wrapped is None and not self._begin():
            return
        if self._wrapped is None:
            return
        try:
            self._wrapped.do_handshake()
        except ssl.SSLWantReadError:
            self._writes = False
        except ssl.SSLWantWriteError:
            self._writes = True
        except OSError:
            self.close()
        else:
            self.del_channel()
            self._secure(self._wrapped, self.addr)

    def _begin(self) -> bool:
        """Look at the first byte; return whether there is a handshake to be made."""
        try:
            first = self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            first = b""
        if first == TLS_HANDSHAKE:
            self._wrapped = self._context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )
            self.socket = self._wrapped
            return True
        if not first:
            self.close()
            return False
        self.del_channel()
        self._plain(self.socket, self.addr)
        return False
