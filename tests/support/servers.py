"""Servers on the loopback that tests stream from: TCP, HTTP and RTSP."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator, List, Sequence, Tuple

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
    """Play H.264, one slice a frame, as RTP within an RTSP connection (RFC 2326, RFC 6184)."""
    requests = connection.makefile("rb")
    while True:
        method, number = _request(requests)
        head, body = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\nSession: 7\r\n", b""
        if method == "DESCRIBE":
            body = (
                b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
                b"a=fmtp:96 packetization-mode=1\r\na=control:track\r\n"
            )
            head += f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        elif method == "SETUP":
            head += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        elif method == "OPTIONS":
            head += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        connection.sendall(head.encode() + b"\r\n" + body)
        if method == "PLAY":
            break
    for number, (time_90k, last, payload) in enumerate(_payloads(data)):
        header = struct.pack(">BBHII", 0x80, 96 | last << 7, number, time_90k, 7)
        packet = header + payload
        connection.sendall(struct.pack(">BBH", 0x24, 0, len(packet)) + packet)
        if last:
            time.sleep(PACE)


def _payloads(data: bytes) -> Iterator[Tuple[int, bool, bytes]]:
    """Yield the time, whether it ends a frame, and the payload of each packet."""
    frame = 0
    for unit in re.split(b"\0\0\0?\1", data)[1:]:
        is_slice = unit[0] & 31 in (1, 5)
        parts = [unit[start : start + 1300] for start in range(1, len(unit), 1300)]
        for place, part in enumerate(parts):
            last = place == len(parts) - 1
            # FU-A: the header's type moves to a second byte, with marks for both ends.
            second = (place == 0) << 7 | last << 6 | unit[0] & 31
            prefix = bytes([unit[0] & 0x60 | 28, second]) if len(parts) > 1 else unit[:1]
            yield 3600 * frame, last and is_slice, prefix + part
        frame += is_slice


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
