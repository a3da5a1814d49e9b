"""A network camera of one connection at a time: RTSP (RFC 2326) over TCP with JPEG in RTP (RFC 2435)."""

import base64
import contextlib
import socket
import struct
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

import cv2
import numpy as np
from numpy.typing import NDArray

FRAGMENT = 1200
Behaviour = Literal["plays", "breaks_off", "goes_silent", "never_answers"]


@dataclass
class RtspServer:
    """Shows one picture at 25 frames a second; after `frames` of them it does what `behaviour` says."""

    picture: NDArray[np.uint8]
    behaviour: Behaviour = "plays"
    frames: int = 10
    credentials: str = ""
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(OSError):
                connection, _ = self._listener.accept()
                with connection:
                    connection.settimeout(10)
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        if self.behaviour == "never_answers":
            self._stopped.wait(30)
            return
        waiting = b""
        while not self._stopped.is_set():
            while b"\r\n\r\n" not in waiting:
                if not (data := connection.recv(4096)):
                    return
                waiting += data
            request, waiting = waiting.split(b"\r\n\r\n", 1)
            if self._answer(connection, request.decode()):
                self._play(connection)
                return

    def _answer(self, connection: socket.socket, request: str) -> bool:
        """Answer one request; return whether the stream begins now."""
        self.requests.append(request)
        method = request.split(" ", 1)[0]
        sequence = request.split("CSeq: ", 1)[1].split("\r\n", 1)[0]
        wanted = "Authorization: Basic " + base64.b64encode(self.credentials.encode()).decode()
        headers, body, status = f"CSeq: {sequence}\r\n", "", "200 OK"
        if self.credentials and method != "OPTIONS" and wanted not in request:
            status, headers = "401 Unauthorized", headers + 'WWW-Authenticate: Basic realm="camera"\r\n'
        elif method == "OPTIONS":
            headers += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif method == "DESCRIBE":
            body = (
                "v=0\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\na=framerate:25\r\n"
            )
            headers += f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        elif method == "SETUP":
            assert "RTP/AVP/TCP" in request
            headers += "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        else:
            headers += "Session: 1\r\n"
        connection.sendall(f"RTSP/1.0 {status}\r\n{headers}\r\n{body}".encode())
        return method == "PLAY" and status == "200 OK"

    def _play(self, connection: socket.socket) -> None:
        packets, sequence = rtp_payloads(self.picture), 0
        for number in range(10**9):
            if number >= self.frames and self.behaviour == "breaks_off":
                return
            if number >= self.frames and self.behaviour == "goes_silent":
                connection.recv(4096)  # until the other side has had enough
                return
            for place, payload in enumerate(packets):
                last = 0x80 if place == len(packets) - 1 else 0
                header = struct.pack(">BBHII", 0x80, last | 26, sequence & 0xFFFF, number * 3600, 1)
                packet = header + payload
                connection.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)
                sequence += 1
            if self._stopped.wait(0.04):
                return


def rtp_payloads(picture: NDArray[np.uint8]) -> list[bytes]:
    """Return the RTP payloads of a picture, as RFC 2435 cuts a JPEG without its headers."""
    parameters = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x221111]
    done, encoded = cv2.imencode(".jpg", picture[:, :, ::-1], parameters)
    assert done
    data, tables, at = encoded.tobytes(), b"", 2
    while data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1] == 0xDB:
            body = data[at + 4 : at + 2 + length]
            tables += b"".join(body[start + 1 : start + 65] for start in range(0, len(body), 65))
        at += 2 + length
    scan = data[at + 2 + int.from_bytes(data[at + 2 : at + 4]) : -2]
    height, width = picture.shape[:2]
    payloads = []
    for offset in range(0, len(scan), FRAGMENT):
        head = struct.pack(">B", 0) + offset.to_bytes(3) + bytes([1, 255, width // 8, height // 8])
        if offset == 0:
            head += struct.pack(">BBH", 0, 0, len(tables)) + tables
        payloads.append(head + scan[offset : offset + FRAGMENT])
    return payloads
