"""`pcsr-edge upscale` with live streams, all on the loopback."""

from __future__ import annotations

import functools
import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from support.clips import decoded, steady, write_clip
from support.servers import pieces, send_http, send_paced, send_rtsp, serving

pytest.importorskip("av")

BICUBIC = ("-n", "bicubic", "-s", "2", "--reconnect", "0")
# Every picture stands by itself, so that a stream can be entered anywhere.
KEYS = {"g": "1", "bf": "0"}


@pytest.fixture
def clip(tmp_path):
    """Return a function that writes a transport stream."""

    def write(name="in.ts", frames=12, size=(48, 64)):
        return write_clip(tmp_path / name, steady(frames), size=size, options=KEYS)

    return write


@pytest.mark.parametrize(
    ("scheme", "serve", "name"),
    [
        ("tcp", send_paced, "in.ts"),
        ("http", send_http, "in.ts"),
        ("rtsp", send_rtsp, "in.h264"),
    ],
)
def test_a_stream_becomes_a_film(cli, tmp_path, clip, scheme, serve, name) -> None:
    with serving([clip(name)], serve) as port:
        ran = cli("upscale", f"{scheme}://127.0.0.1:{port}/in", tmp_path / "out.mp4", *BICUBIC)
    assert ran.code == 0, ran.err
    found = decoded(tmp_path / "out.mp4")
    # The last picture may stay in a server that closes at once.
    assert len(found.pictures) in (11, 12)
    assert found.pictures[0].shape == (144, 128)
    assert found.times == sorted(set(found.times))


def test_datagrams_become_a_film(cli, tmp_path, clip) -> None:
    data = clip().read_bytes()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not done.is_set():
                for piece in pieces(data, len(data) // (7 * 188) + 1):
                    sender.sendto(piece, ("127.0.0.1", port))
                    time.sleep(0.002)
                # Until somebody listens there is nothing to be lost.
                if seen():
                    return

    def seen() -> bool:
        return any(tmp_path.glob(".out.mkv*/*.part"))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        ran = cli("upscale", f"udp://127.0.0.1:{port}", tmp_path / "out.mkv", *BICUBIC)
    finally:
        done.set()
        thread.join()
    assert ran.code in (0, 1), ran.err
    assert decoded(tmp_path / "out.mkv").pictures[0].shape == (144, 128)


def test_a_stream_that_comes_back_in_another_size_goes_on(cli, tmp_path, clip) -> None:
    streams = [clip("a.ts"), clip("b.ts", size=(96, 128))]
    options = (*BICUBIC[:-1], "2")
    with serving(streams) as port:
        ran = cli("upscale", f"tcp://127.0.0.1:{port}", tmp_path / "out.mkv", *options)
    assert ran.code == 0, ran.err
    found = decoded(tmp_path / "out.mkv")
    assert 22 <= len(found.pictures) <= 24
    assert {picture.shape for picture in found.pictures} == {(144, 128)}
    assert found.times == sorted(set(found.times))
    assert "128x96, brought to the first size" in ran.err
    assert "the stream went away and came back before" in ran.err


def test_a_film_on_a_server_is_taken_once_and_whole(cli, tmp_path) -> None:
    write_clip(tmp_path / "in.mp4", steady(12), container_options={"movflags": "faststart"})
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.func.log_message = lambda *_: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/in.mp4"
        ran = cli("upscale", address, tmp_path / "out.mp4", "-n", "bicubic", "-s", "2")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert ran.code == 0, ran.err
    assert decoded(tmp_path / "out.mp4").times == decoded(tmp_path / "in.mp4").times


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_stream_and_keeps_what_came(tmp_path, clip, number) -> None:
    ended = threading.Event()

    def endless(connection, data) -> None:
        while not ended.is_set():
            send_paced(connection, data)

    with serving([clip()], endless) as port:
        arguments = ["upscale", f"tcp://127.0.0.1:{port}", tmp_path / "out.mkv", *BICUBIC]
        command = [sys.executable, "-m", "pcsr_edge", *map(str, arguments), "--progress", "json"]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            # The first line tells that frames are written.
            process.stderr.readline()
            os.kill(process.pid, number)
            process.communicate(timeout=60)
        finally:
            ended.set()
            process.kill()
    assert process.returncode == 130
    assert len(decoded(tmp_path / "out.mkv").pictures) > 5


def test_nobody_listens(cli, tmp_path, files) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ran = cli("upscale", f"rtsp://127.0.0.1:{port}/a", tmp_path / "out.mp4", *BICUBIC)
    assert ran.code == 1
    assert "gives no video: Connection refused" in ran.err
    assert files() == []
