"""Which command brings an extra, in a checkout and in an installed copy."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Optional

import pytest

from pcsr_edge import installation
from pcsr_edge.installation import (
    advice,
    checkout,
    for_this_environment,
    install_command,
    reinstall_command,
)

FOLDER = Path("/my folder").absolute()


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the package stand where pip copies it, without the rest of the checkout."""
    note(monkeypatch, None)
    place = Path("/somewhere/lib/python3/site-packages/pcsr_edge")
    monkeypatch.setattr(installation, "_PACKAGE", place)


@pytest.fixture
def cloned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let the package stand in a checkout; return its root."""
    root = tmp_path.resolve() / "my clone"
    (root / "src" / "pcsr_edge").mkdir(parents=True)
    (root / "pyproject.toml").touch()
    monkeypatch.setattr(installation, "_PACKAGE", root / "src" / "pcsr_edge")
    return root


@pytest.mark.usefixtures("copied")
def test_an_installed_copy_takes_the_extra_by_name() -> None:
    assert checkout() is None
    assert install_command("export") == 'pip install "pcsr-edge[export]"'
    assert reinstall_command() == 'pip install --force-reinstall --no-deps "pcsr-edge"'


@pytest.mark.usefixtures("copied")
@pytest.mark.parametrize(
    ("noted", "taken", "with_extra"),
    [
        (f'{{"url": "{FOLDER.as_uri()}"}}', str(FOLDER), f"{FOLDER}[a]"),
        (f'{{"url": "{FOLDER.as_uri()}/p.whl"}}', str(FOLDER / "p.whl"), f"{FOLDER / 'p.whl'}[a]"),
        (
            '{"url": "https://host/p", "vcs_info": {"vcs": "git", "commit_id": "12ab"}}',
            "git+https://host/p@12ab",
            "pcsr-edge[a] @ git+https://host/p@12ab",
        ),
        (
            '{"url": "https://host/p.whl"}',
            "https://host/p.whl",
            "pcsr-edge[a] @ https://host/p.whl",
        ),
    ],
    ids=["folder", "wheel", "git", "address"],
)
def test_what_it_was_installed_from_is_named(
    monkeypatch: pytest.MonkeyPatch, noted: str, taken: str, with_extra: str
) -> None:
    note(monkeypatch, noted)
    assert reinstall_command() == f'pip install --force-reinstall --no-deps "{taken}"'
    assert install_command("a") == f'pip install "{with_extra}"'


def note(monkeypatch: pytest.MonkeyPatch, text: Optional[str]) -> None:
    """Let pip have noted that the package came from there."""
    distribution = SimpleNamespace(read_text=lambda name: text)
    monkeypatch.setattr(metadata, "distribution", lambda name: distribution)


def test_a_checkout_takes_the_extra_from_itself(
    cloned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert install_command("train") == f'pip install -e "{cloned}[train]"'
    monkeypatch.chdir(cloned)
    assert install_command("train") == 'pip install -e ".[train]"'
    assert reinstall_command() == 'git -C "." checkout -- runtime/bundles'


def test_links_lead_to_the_checkout() -> None:
    source = Path(__file__).parents[1] / "src"
    code = "from pcsr_edge.installation import checkout; print(checkout())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.strip() == str(source.resolve().parent)


@pytest.mark.parametrize(("prefix", "found"), [("/env", "/usr/bin/pip"), ("/env", None)])
def test_an_environment_that_is_not_activated_is_named(
    monkeypatch: pytest.MonkeyPatch, prefix: str, found: Optional[str]
) -> None:
    arrange(monkeypatch, prefix, found)
    assert for_this_environment("pip uninstall -y a && pip install 'b<2'") == (
        "/env/bin/python -m pip uninstall -y a && /env/bin/python -m pip install 'b<2'"
    )
    assert for_this_environment("sudo jetson_clocks") == "sudo jetson_clocks"


@pytest.mark.parametrize(("prefix", "found"), [("/env", "/env/bin/pip"), ("/usr", "/usr/bin/pip")])
def test_pip_alone_does_where_it_is_the_right_one(
    monkeypatch: pytest.MonkeyPatch, prefix: str, found: str
) -> None:
    arrange(monkeypatch, prefix, found)
    assert for_this_environment("pip install a") == "pip install a"


@pytest.mark.parametrize("machine", ["aarch64", "arm64"])
def test_a_board_is_sent_to_doctor(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(installation.platform, "machine", lambda: machine)
    assert advice("pip install a").endswith("says: pcsr-edge doctor")


@pytest.mark.parametrize(("system", "machine"), [("linux", "x86_64"), ("darwin", "arm64")])
def test_elsewhere_the_command_is_named(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str
) -> None:
    arrange(monkeypatch, "/env", None)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(installation.platform, "machine", lambda: machine)
    assert advice("pip install a") == "run: /env/bin/python -m pip install a"


def arrange(monkeypatch: pytest.MonkeyPatch, prefix: str, found: Optional[str]) -> None:
    """Let Python run from `prefix`, and the shell find `found`."""
    monkeypatch.setattr(sys, "prefix", prefix)
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setattr(sys, "executable", f"{prefix}/bin/python")
    monkeypatch.setattr(installation.shutil, "which", lambda name: found)
