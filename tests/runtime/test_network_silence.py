"""Nothing is sent while a picture is upscaled, and nothing but the tuning is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TINY = Path(__file__).parents[1] / "data" / "tiny-pcsr-x4"
CODE = """
import sys
import numpy as np
from pcsr_edge import Upscaler
with Upscaler.load(sys.argv[1]) as up:
    up(np.zeros((8, 8, 3), np.uint8))
"""


def test_the_engine_reports_its_use_to_nobody(tmp_path: Path) -> None:
    # ONNX Runtime with telemetry on leaves an identity and a database in the user's home.
    environment = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"}
    environment.update(HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))
    environment.pop("PCSR_EDGE_CACHE", None)
    source = Path(__file__).parents[2] / "src"
    environment["PYTHONPATH"] = str(source)
    subprocess.run([sys.executable, "-c", CODE, str(TINY)], env=environment, check=True)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.parent for path in left] == [tmp_path / "cache" / "pcsr-edge" / "tuning"]


def test_the_user_s_own_choice_is_kept() -> None:
    code = "import os, pcsr_edge; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "0"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2] / "src")
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    assert done.stdout.strip() == b"0"
