"""`pcsr-edge train`: the whole command, from files to a checkpoint."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest
import torch

from pcsr_edge.cli import train
from pcsr_edge.cli.main import main
from pcsr_edge.models import load_checkpoint
from pcsr_edge.train import Progress, load_recipe
from pcsr_edge.train.loop import CHECKPOINT_FILE
from pcsr_edge.train.state import STATE_FILE, load_state

RecipeData = Callable[..., Dict[str, Any]]
INTERRUPTED = 130


@pytest.fixture(autouse=True)
def _threads_restored() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def command(tmp_path: Path, pictures: Path, recipe_data: RecipeData) -> List[str]:
    """Return a command line that trains a small recipe into `tmp_path / "out"`."""
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps(recipe_data(validate_every=2)), encoding="utf-8")
    out = str(tmp_path / "out")
    return ["train", str(path), "--data", str(pictures), "-o", out, "--threads", "1"]


@pytest.fixture
def successor(tmp_path: Path, pictures: Path, recipe_data: RecipeData) -> List[str]:
    """Return a command line for a recipe that starts from the model `tiny`."""
    path = tmp_path / "next.json"
    path.write_text(json.dumps(recipe_data(name="next", start_from="tiny")), encoding="utf-8")
    return ["train", str(path), "--data", str(pictures), "-o", str(tmp_path / "next")]


def interrupt_after(steps: int, monkeypatch: pytest.MonkeyPatch, presses: int = 1) -> None:
    """Press Ctrl-C while a step is under way."""
    show = train._Meter.show

    def interrupted(self: Any, progress: Progress) -> None:
        show(self, progress)
        if progress.step == steps:
            for _ in range(presses):
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(train._Meter, "show", interrupted)


def test_importing_the_command_loads_neither_torch_nor_numpy() -> None:
    code = "import sys, pcsr_edge.cli.train; print({'torch', 'numpy'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8"
    )
    assert done.stdout.strip() == "set()"


def test_a_run_leaves_a_checkpoint_and_says_where(
    command: List[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 0
    path = tmp_path / "out" / CHECKPOINT_FILE
    assert load_checkpoint(path).provenance["steps"] == 5
    assert capsys.readouterr().out.startswith(f"{path}: tiny, 5 steps in ")


def test_json_is_one_document(
    command: List[str], pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--json", "--valid", str(pictures)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == 1
    assert document["checkpoint"] == str(tmp_path / "out" / CHECKPOINT_FILE)
    assert document["steps"] == 5
    assert 5 < document["psnr"] < 50
    assert document["seconds"] > 0


def test_without_validation_images_psnr_is_null(
    command: List[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main([*command, "--json"])
    assert json.loads(capsys.readouterr().out)["psnr"] is None


def test_each_validation_is_a_line_where_stderr_is_no_terminal(
    command: List[str], pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*command, "--valid", str(pictures)])
    lines = capsys.readouterr().err.splitlines()
    assert lines.pop(0).startswith("reading the images in ")
    places = [line.split(":")[0] for line in lines]
    assert places == ["phase 1/2, step 2/3", "phase 1/2, step 3/3", "phase 2/2, step 2/2"]
    assert all(line.endswith(" dB") for line in lines)


def test_a_terminal_gets_a_bar(
    command: List[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    main(command)
    assert "5/5" in capsys.readouterr().err


def test_quiet_is_quiet(command: List[str], capsys: pytest.CaptureFixture[str]) -> None:
    main([*command, "-q"])
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.parametrize("step", [1, 2, 3])
def test_ctrl_c_saves_the_state_and_resume_ends_bit_equal(
    command: List[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    with monkeypatch.context() as patch:
        interrupt_after(step, patch)
        assert main(command) == INTERRUPTED
    assert main([*command, "--resume"]) == 0
    resumed = load_checkpoint(tmp_path / "out" / CHECKPOINT_FILE).model.state_dict()
    command[command.index("-o") + 1] = str(tmp_path / "whole")
    main(command)
    whole = load_checkpoint(tmp_path / "whole" / CHECKPOINT_FILE).model.state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_ctrl_c_says_how_to_go_on(
    command: List[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupt_after(1, monkeypatch)
    main(command)
    assert "go on with --resume" in capsys.readouterr().err


def test_a_second_ctrl_c_stops_at_once(
    command: List[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(1, monkeypatch, presses=2)
    assert main(command) == INTERRUPTED
    state = load_state(tmp_path / "out", load_recipe(tmp_path / "tiny.json"))
    assert state.step == 0


def test_the_handler_of_ctrl_c_is_put_back(command: List[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    main(command)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("name", "hint"), [(STATE_FILE, "--resume"), (CHECKPOINT_FILE, "another folder")]
)
def test_a_folder_that_is_taken_is_refused(
    command: List[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, hint: str
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).touch()
    assert main(command) == 2
    assert hint in capsys.readouterr().err


def test_resume_without_a_state_fails(
    command: List[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--resume"]) == 1
    assert "nothing to resume" in capsys.readouterr().err


def test_resume_says_how_far_the_run_had_come(
    command: List[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(command)
    capsys.readouterr()
    assert main([*command, "--resume"]) == 0
    assert "going on after 5 of 5 steps" in capsys.readouterr().err


def test_a_recipe_that_names_a_model_starts_from_its_checkpoint(
    command: List[str], successor: List[str], tmp_path: Path
) -> None:
    main(command)
    checkpoint = tmp_path / "out" / CHECKPOINT_FILE
    assert main([*successor, "--start-from", str(checkpoint)]) == 0
    made = load_checkpoint(tmp_path / "next" / CHECKPOINT_FILE)
    assert made.provenance["start_from"] == "tiny"


def test_a_recipe_that_names_a_model_needs_its_checkpoint(
    successor: List[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(successor) == 2
    assert "begins with the weights of tiny; name its checkpoint" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (["--resume", "--start-from", "c.pth"], 2, "exclude each other"),
        (["--start-from", "c.pth"], 1, "begins with random weights"),
        (["--threads", "0"], 2, "not a whole number from 1"),
        (["--device", "npu"], 2, "invalid choice"),
        (["--valid", "no-such-folder"], 1, "is no folder"),
    ],
    ids=["both", "start-from", "threads", "device", "valid"],
)
def test_wrong_use_is_refused(
    command: List[str],
    capsys: pytest.CaptureFixture[str],
    more: List[str],
    code: int,
    message: str,
) -> None:
    assert main([*command, *more]) == code
    assert message in capsys.readouterr().err


def test_an_unknown_recipe_is_wrong_usage(
    command: List[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "pcsr-fsrcn-x4", *command[2:]]) == 2
    assert "did you mean pcsr-fsrcnn-x4?" in capsys.readouterr().err


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_absent_cuda_is_exit_code_3(command: List[str]) -> None:
    assert main([*command, "--device", "cuda"]) == 3
