"""`pcsr-edge completion`: the scripts, run in the shells they are for."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from pcsr_edge.cli.main import COMMANDS


def needs(shell):
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@pytest.fixture
def script(cli, tmp_path):
    """Return a function that writes the script for a shell."""

    def write(shell):
        ran = cli("completion", shell)
        assert ran.code == 0
        path = tmp_path / f"pcsr-edge.{shell}"
        path.write_text(ran.out, encoding="utf-8")
        return path

    return write


@pytest.fixture
def bash(script, tmp_path):
    """Return a function that completes words by bash."""

    def complete(*words):
        code = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pcsr_edge; '
        code += 'printf "%s\\n" "${COMPREPLY[@]}"'
        return _lines(["bash", "-c", code, "bash", str(script("bash")), *words], tmp_path)

    return complete


@pytest.fixture
def fish(script, tmp_path):
    """Return a function that completes a line by fish."""

    def complete(*words):
        code = f'source {script("fish")}; complete -C "{" ".join(words)}"'
        return [
            line.partition("\t")[0]
            for line in _lines(["fish", "--no-config", "-c", code], tmp_path)
        ]

    return complete


@pytest.fixture
def zsh(script, tmp_path):
    """Return a function that tells what zsh is asked to complete behind words."""

    def complete(*words):
        code = "compdef() { }; _describe() { print -l $commands }; "
        code += "_arguments() { print -l -- $@ }; "
        code += f"source {script('zsh')}; words=({' '.join(words)}); CURRENT={len(words)}; "
        return _lines(["zsh", "-f", "-c", f"{code} _pcsr_edge"], tmp_path)

    return complete


def _lines(command, folder):
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, cwd=folder)
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if line]


SHELLS = [pytest.param(shell, marks=needs(shell)) for shell in ("bash", "fish")]


@pytest.mark.parametrize("shell", SHELLS)
def test_commands(shell, request):
    found = request.getfixturevalue(shell)("pcsr-edge", "")
    assert {command.name for command in COMMANDS} <= set(found)


@pytest.mark.parametrize("shell", SHELLS)
def test_options_of_a_command(shell, request):
    found = request.getfixturevalue(shell)("pcsr-edge", "upscale", "--me")
    assert [word.strip() for word in found] == ["--memory-limit"]


@pytest.mark.parametrize("shell", SHELLS)
def test_options_of_another_command_are_left_out(shell, request):
    assert request.getfixturevalue(shell)("pcsr-edge", "doctor", "--me") == []


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("option", "word", "expected"),
    [
        ("--on-error", "b", ["bicubic"]),
        ("-n", "pcsr-fsrcnn-x2", ["pcsr-fsrcnn-x2"]),
        ("--device", "c", ["cpu", "cuda"]),
        ("--tile", "o", ["off"]),
    ],
)
def test_values_of_an_option(shell, option, word, expected, request):
    found = request.getfixturevalue(shell)("pcsr-edge", "upscale", option, word)
    assert found == expected


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("before", [(), ("--output",)], ids=["input", "output"])
def test_files(shell, before, request, tmp_path):
    (tmp_path / "zebra.png").touch()
    found = request.getfixturevalue(shell)("pcsr-edge", "upscale", *before, "zeb")
    assert found == ["zebra.png"]


@pytest.mark.parametrize("shell", SHELLS)
def test_models_and_shells_are_arguments_too(shell, request):
    complete = request.getfixturevalue(shell)
    assert complete("pcsr-edge", "completion", "z") == ["zsh"]
    assert complete("pcsr-edge", "models", "bicu") == ["bicubic"]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("command", ["compare", "verify", "train", "explain"])
def test_files_as_arguments(shell, command, request, tmp_path):
    (tmp_path / "zebra.json").touch()
    assert request.getfixturevalue(shell)("pcsr-edge", command, "zeb") == ["zebra.json"]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("command", "word", "expected"),
    [
        ("verify", "plain-l", "plain-l-x4"),
        ("explain", "plain-l", "plain-l-x4"),
        ("train", "pcsr-fsrcnn-x4", "pcsr-fsrcnn-x4"),
    ],
)
def test_names_beside_files(shell, command, word, expected, request):
    assert expected in request.getfixturevalue(shell)("pcsr-edge", command, word)


@needs("bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--device", "=", "c"), ["cpu", "cuda"]),
        (("--device", "="), ["auto", "cpu", "cuda", "trt"]),
        (("--output", "=", "zeb"), ["zebra.png"]),
    ],
)
def test_values_behind_an_equals_sign_in_bash(bash, tmp_path, words, expected):
    (tmp_path / "zebra.png").touch()
    assert bash("pcsr-edge", "upscale", *words) == expected


@needs("fish")
def test_values_behind_an_equals_sign_in_fish(fish):
    assert fish("pcsr-edge", "upscale", "--device=c") == ["--device=cpu", "--device=cuda"]


@needs("bash")
def test_an_option_may_follow_one_whose_value_is_left_out_in_bash(bash):
    assert bash("pcsr-edge", "profile", "--json", "--st") == ["--strict"]


@needs("zsh")
def test_names_beside_files_in_zsh(zsh):
    found = zsh("pcsr-edge", "verify", "''")[-1]
    assert found.startswith("*:argument:{_pcsr_edge_either arm-fsrcnn-x4 ")


@needs("zsh")
def test_commands_in_zsh(zsh):
    found = zsh("pcsr-edge", "''")
    assert [line.partition(":")[0] for line in found] == [command.name for command in COMMANDS]


@needs("zsh")
def test_the_first_tab_in_zsh(script, tmp_path):
    script("zsh").rename(tmp_path / "_pcsr-edge")
    code = f"fpath=({tmp_path}); autoload -U _pcsr-edge; _describe() {{ print -l $commands }}; "
    code += "words=(pcsr-edge ''); CURRENT=2; _pcsr-edge"
    found = _lines(["zsh", "-f", "-c", code], tmp_path)
    assert {line.partition(":")[0] for line in found} == {command.name for command in COMMANDS}


@needs("zsh")
def test_options_in_zsh(zsh):
    found = zsh("pcsr-edge", "upscale", "''")
    assert "(--on-error)--on-error[what becomes of damaged frames, the last good picture " in (
        " ".join(found)
    )
    assert "(-o --output)-o[a file for one picture, or a folder]:value:_files" in found
    assert any(line.startswith("*--encoder-option[") for line in found)
    assert found[-1] == "*:argument:_files"


@needs("zsh")
def test_zsh_reads_the_script(script):
    done = subprocess.run(
        ["zsh", "-n", str(script("zsh"))], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs("shellcheck")
def test_shellcheck_finds_nothing_in_the_script_for_bash(script):
    done = subprocess.run(
        ["shellcheck", "-s", "bash", str(script("bash"))],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout == ""


def test_a_command_that_needs_torch_is_named_without_it(script, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "pcsr_edge.cli.export", raising=False)
    monkeypatch.delitem(sys.modules, "pcsr_edge.export.export", raising=False)
    assert "    export)\n" in script("bash").read_text(encoding="utf-8")


def test_other_shells_are_refused(cli):
    assert cli("completion", "tcsh").code == 2
