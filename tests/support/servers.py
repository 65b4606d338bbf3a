"""Servers on the loopback that tests stream from: TCP, HTTP and RTSP."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator, List, Sequence

PACKET = 188
"""Bytes of a packet of a transport stream."""
PACE = 0.01
"""Seconds between two frames: slow enough for nothing to be dropped."""
Serve = Callable[[socket.socket, bytes], None]


def pieces(data: bytes, count: int) -> List[bytes]:
    """Cut a transport stream into about `count` pieces of whole packets."""
    step = max(PACKET, -(-len(data) // count // PACKET) * PACKET)
    return [data[start : start + step] for start in range(0, len(data), step)]


def send_paced(connection: socket.socket, data: bytes) -> None:
    """Send a stream of 12 frames or so at its pace."""
    for piece in pieces(data, 12):
        connection.sendall(piece)
        time.sleep(PACE)


def send_http(connection: socket.socket, data: bytes) -> None:
    """Answer one request with a stream whose length is not told."""
    connection.recv(4096)
    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: video/mp2t\r\n\r\n")
    send_paced(connection, data)


def send_rtsp(connection: socket.socket, data: bytes) -> None:
    """Play a transport stream as RTP within an RTSP connection (RFC 2326, RFC 2250)."""
    requests = connection.makefile("rb")
    while True:
        method, number = _request(requests)
        head, body = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\nSession: 7\r\n", b""
        if method == "DESCRIBE":
            body = (
                b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                b"m=video 0 RTP/AVP 33\r\na=rtpmap:33 MP2T/90000\r\na=control:track\r\n"
            )
            head += f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        elif method == "SETUP":
            head += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        elif method == "OPTIONS":
            head += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        connection.sendall(head.encode() + b"\r\n" + body)
        if method == "PLAY":
            break
    for number, piece in enumerate(pieces(data, len(data) // (7 * PACKET) + 1)):
        header = struct.pack(">BBHII", 0x80, 33, number, number * 900, 7)
        packet = header + piece
        connection.sendall(struct.pack(">BBH", 0x24, 0, len(packet)) + packet)
        time.sleep(PACE / 4)


def _request(stream: object) -> tuple:
    lines = []
    while True:
        line = stream.readline().decode()
        if not line.strip():
            break
        lines.append(line.strip())
    if not lines:
        raise ConnectionError("the client is gone")
    number = next(line.split(":")[1] for line in lines if line.startswith("CSeq"))
    return lines[0].split()[0], number.strip()


@contextmanager
def serving(streams: Sequence[Path], serve: Serve = send_paced) -> Iterator[int]:
    """Give each connection the next stream, and then close it; yields the port."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.05)
    ended = threading.Event()

    def work() -> None:
        waiting = [path.read_bytes() for path in streams]
        while waiting and not ended.is_set():
            try:
                connection, _ = server.accept()
            except socket.timeout:
                continue
            with connection:
                connection.settimeout(5)
                try:
                    serve(connection, waiting.pop(0))
                except OSError:
                    # The client had enough.
                    continue
        server.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        ended.set()
        thread.join()
