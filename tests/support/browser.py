"""A real browser for tests: headless Chromium by its WebDriver, with the standard library alone."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

import pytest

DRIVERS = ("chromedriver", "chromium.chromedriver")
START_S = 20.0
_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Browser:
    """One window; see https://www.w3.org/TR/webdriver2/."""

    def __init__(self, address: str, session: str) -> None:
        self._base = f"{address}/session/{session}"

    def open(self, page: Path) -> None:
        """Load a file."""
        _call(f"{self._base}/url", {"url": page.as_uri()})

    def run(self, script: str) -> Any:
        """Return what the body of a function returns in the page."""
        return _call(f"{self._base}/execute/sync", {"script": script, "args": []})

    def resize(self, width: int, height: int) -> None:
        """Give the page a size in CSS pixels, as a device of that size would."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._devtools("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme: str) -> None:
        """Let the system prefer `light` or `dark`."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self._devtools("Emulation.setEmulatedMedia", {"features": [feature]})

    def errors(self) -> List[str]:
        """Return what the page wrote to the console as errors since the last call."""
        entries = _call(f"{self._base}/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def press(self, selector: str, keys: str) -> None:
        """Type keys into an element."""
        found = _call(f"{self._base}/element", {"using": "css selector", "value": selector})
        (element,) = found.values()
        _call(f"{self._base}/element/{element}/value", {"text": keys})

    def screenshot(self) -> bytes:
        """Return a picture of the window as PNG."""
        return base64.b64decode(_call(f"{self._base}/screenshot"))

    def _devtools(self, command: str, parameters: Dict[str, Any]) -> None:
        _call(f"{self._base}/goog/cdp/execute", {"cmd": command, "params": parameters})


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser; skip the test, with the reason, where there is none."""
    driver = next(filter(None, map(shutil.which, DRIVERS)), None)
    if driver is None:
        pytest.skip("no chromedriver is installed: apt-get install chromium chromium-driver")
    port = _free_port()
    process = subprocess.Popen(
        [driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(address)
        session = _start(address)
        try:
            yield Browser(address, session)
        finally:
            _call(f"{address}/session/{session}", method="DELETE")
    finally:
        process.terminate()
        process.wait()


def _start(address: str) -> str:
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    # An address that leads nowhere: whatever a page asks of a network fails.
    arguments.append("--proxy-server=127.0.0.1:9")
    options = {
        "goog:chromeOptions": {"args": arguments},
        "goog:loggingPrefs": {"browser": "ALL"},
    }
    try:
        started = _call(f"{address}/session", {"capabilities": {"alwaysMatch": options}})
    except urllib.error.HTTPError as exc:
        pytest.skip(f"the browser does not start: {exc.read().decode()[:300]}")
    return str(started["sessionId"])


def _wait_until_ready(address: str) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        try:
            if _call(f"{address}/status")["ready"]:
                return
        except OSError:
            time.sleep(0.1)
    pytest.skip("chromedriver does not answer")


def _call(url: str, body: Optional[Dict[str, Any]] = None, method: str = "") -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url,
        data,
        {"Content-Type": "application/json"},
        method=method or ("GET" if body is None else "POST"),
    )
    with _LOCAL.open(request, timeout=60) as answer:
        return json.load(answer)["value"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place: Tuple[str, int] = probe.getsockname()
        return place[1]
