"""The entry point: versions, help, unknown commands, exit codes."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from PIL import Image

from pcsr_edge.cli import main as entry
from pcsr_edge.cli.main import COMMANDS, main
from pcsr_edge.errors import AccuracyError, BackendUnavailableError, PcsrEdgeError, UsageError
from pcsr_edge.installation import install_command

LIGHT_COMMANDS = [c for c in COMMANDS if c.extra is None]
HEAVY_COMMANDS = [c for c in COMMANDS if c.extra is not None]


@pytest.fixture
def failing(monkeypatch):
    """Return a function that makes the command `models` raise what it is given."""
    from pcsr_edge.cli import models

    def arrange(error):
        def run(args):
            raise error

        monkeypatch.setattr(models, "run", run)

    return arrange


def test_version_is_one_line(capsys):
    assert main(["--version"]) == 0
    pattern = r"pcsr-edge \S+, Python \d+\.\d+\.\S+, onnxruntime(-gpu)? \S+\n"
    assert re.fullmatch(pattern, capsys.readouterr().out)


def test_help_lists_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {command.name} " in text for command in COMMANDS)


@pytest.mark.parametrize("arguments", [[], ["upscale"]])
def test_help_is_a_command_too(arguments, capsys):
    assert main(["help", *arguments]) == 0
    asked = capsys.readouterr().out
    main([*arguments, "--help"])
    assert asked == capsys.readouterr().out


def test_nothing_shows_help_on_stderr(capsys):
    assert main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "commands:" in captured.err


def test_unknown_command_suggests_the_nearest(capsys):
    assert main(["upscal"]) == 2
    assert "did you mean upscale?" in capsys.readouterr().err


def test_unknown_option_is_wrong_usage(capsys):
    assert main(["models", "--jsn"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("pcsr-edge: error: ")
    assert "--jsn" in error


def test_option_before_the_command_is_wrong_usage(capsys):
    assert main(["-x"]) == 2
    assert "-x" in capsys.readouterr().err


@pytest.mark.parametrize("command", LIGHT_COMMANDS, ids=lambda command: command.name)
def test_help_of_a_command_ends_with_examples(command, capsys):
    assert main([command.name, "--help"]) == 0
    examples = capsys.readouterr().out.split("examples:\n")[1].splitlines()
    assert 3 <= len(examples) <= 5
    assert all(line.startswith(f"  pcsr-edge {command.name}") for line in examples)


@pytest.mark.parametrize("command", HEAVY_COMMANDS, ids=lambda command: command.name)
def test_help_of_what_needs_an_extra_ends_with_examples(command, capsys):
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    assert main([command.name, "--help"]) == 0
    examples = capsys.readouterr().out.split("examples:\n")[1].splitlines()
    assert f"  pcsr-edge {command.name} " in examples[0]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PcsrEdgeError("it broke"), 1),
        (UsageError("it broke"), 2),
        (BackendUnavailableError("it broke"), 3),
        (AccuracyError("it broke"), 4),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_errors_become_exit_codes(error, code, failing, capsys):
    failing(error)
    assert main(["models"]) == code
    assert capsys.readouterr().err == "pcsr-edge: error: it broke\n"


def test_twice_verbose_shows_the_traceback(failing, capsys):
    failing(PcsrEdgeError("it broke"))
    main(["models", "-vv"])
    assert "Traceback" in capsys.readouterr().err


def test_interrupt(failing, capsys):
    failing(KeyboardInterrupt())
    assert main(["models"]) == 130
    assert capsys.readouterr().err == "pcsr-edge: error: interrupted\n"


def test_other_exceptions_are_bugs_and_pass(failing):
    failing(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        main(["models"])


@pytest.mark.parametrize("name", ["export", "train"])
def test_missing_torch_names_the_extra(name, monkeypatch, capsys):
    def missing(module):
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(entry, "import_module", missing)
    assert main([name, "--help"]) == 1
    assert install_command(name) in capsys.readouterr().err


def test_another_missing_module_is_a_bug(monkeypatch):
    def missing(module):
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

    monkeypatch.setattr(entry, "import_module", missing)
    with pytest.raises(ModuleNotFoundError):
        main(["export", "--help"])


def _modules_after(*arguments):
    code = (
        "import sys; from pcsr_edge.cli.main import main; "
        f"main({list(arguments)!r}); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["upscale", "--help"]])
def test_start_loads_no_heavy_package(arguments):
    loaded = _modules_after(*arguments)
    assert loaded.isdisjoint({"numpy", "onnxruntime", "torch", "PIL", "pyvips", "tqdm"})


def test_upscale_loads_no_network_client(tmp_path):
    picture = tmp_path / "in.png"
    Image.new("RGB", (8, 6)).save(picture)
    loaded = _modules_after(
        "upscale", str(picture), str(tmp_path / "out.png"), "-n", "bicubic", "-s", "2", "--quiet"
    )
    assert "numpy" in loaded
    assert loaded.isdisjoint({"urllib.request", "http.client"})


def test_module_runs_like_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "pcsr_edge", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("pcsr-edge ")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("arguments", ["--help", "models", "models --json"])
def test_closed_pipe_ends_without_a_traceback(arguments, unbuffered):
    # The reader ends before anything is written.
    command = f"(sleep 0.2; {sys.executable} -m pcsr_edge {arguments}) | true"
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=False, env=environment
    )
    assert done.stderr == ""
