"""Options from the environment and from a file: which one holds."""

from __future__ import annotations

import json

import pytest

from pcsr_edge.cli.main import COMMANDS, command_parser, find_command
from pcsr_edge.cli.settings import IN_ENVIRONMENT, Command, all_words
from pcsr_edge.errors import UsageError

NAMES = {command.name for command in COMMANDS}


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    """Keep the variables of who runs the tests out of them."""
    for option in (*IN_ENVIRONMENT, "config"):
        monkeypatch.delenv(f"PCSR_EDGE_{option.upper().replace('-', '_')}", raising=False)


@pytest.fixture
def parse(tmp_path):
    """Return a function that parses arguments of a command beside a config's sections."""

    def run(*argv, command="upscale", in_environment=True, **sections):
        if sections:
            path = tmp_path / "config.json"
            path.write_text(json.dumps({"schema_version": 1, **sections}))
            argv = (*argv, "--config", str(path))
        parser = command_parser(find_command(command))
        asked = Command(command, parser, in_environment)
        return parser.parse(all_words(asked, argv, NAMES.__contains__))

    return run


def test_without_anything_defaults_hold(parse):
    args = parse("in.png")
    assert (args.device, args.threads, args.k) == ("auto", None, None)


def test_the_line_comes_before_the_environment(parse, monkeypatch):
    monkeypatch.setenv("PCSR_EDGE_THREADS", "3")
    assert parse("in.png").threads == 3
    assert parse("in.png", "--threads", "1").threads == 1


def test_the_environment_comes_before_the_file(parse, monkeypatch):
    section = {"threads": 2, "tile": 64}
    monkeypatch.setenv("PCSR_EDGE_THREADS", "3")
    args = parse("in.png", upscale=section)
    assert (args.threads, args.tile) == (3, 64)


def test_the_file_comes_before_the_default(parse):
    args = parse("in.png", upscale={"model": "plain-s-x4", "k": 0.5, "overwrite": True})
    assert (args.model, args.k, args.overwrite) == ("plain-s-x4", 0.5, True)


def test_a_commands_section_comes_before_all(parse):
    args = parse("in.png", upscale={"threads": 2}, all={"threads": 4, "precision": "fp16"})
    assert (args.threads, args.precision) == (2, "fp16")


def test_options_in_all_that_a_command_lacks_are_passed_over(parse):
    assert not hasattr(parse(command="doctor", all={"threads": 4}), "threads")


def test_an_empty_variable_is_not_set(parse, monkeypatch):
    monkeypatch.setenv("PCSR_EDGE_THREADS", "")
    assert parse("in.png").threads is None


def test_the_environment_holds_for_devices_only(parse, monkeypatch):
    monkeypatch.setenv("PCSR_EDGE_DEVICE", "trt")
    arguments = ("recipe", "--data", "d", "-o", "o")
    assert parse(*arguments, command="train", in_environment=False).device == "cpu"


def test_a_file_named_by_the_environment(parse, monkeypatch, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text('{"schema_version": 1, "upscale": {"k": 2}}')
    monkeypatch.setenv("PCSR_EDGE_CONFIG", str(path))
    assert parse("in.png").k == 2
    assert parse("in.png", upscale={"k": 3}).k == 3


@pytest.mark.parametrize(
    "argv", [["--adaptive"], ["--class", "0"], ["--fps", "5"], ["--budget-ms", "9"]]
)
def test_what_excludes_k_silences_that_of_the_file(parse, argv):
    assert parse("in.png", *argv, upscale={"k": 0.5}).k is None


@pytest.mark.parametrize("argv", [["-n", "bicubic"], ["-m", "folder"], ["--fps", "5"]])
def test_another_model_silences_model_and_k_of_the_file(parse, argv):
    args = parse("in.png", *argv, upscale={"model": "plain-s-x4", "k": 0.5})
    assert (args.k, args.model) in [(None, None), (None, "bicubic")]


def test_a_model_of_the_line_silences_a_frame_rate_of_the_file(parse):
    assert parse("in.png", "-n", "bicubic", upscale={"fps": 30}).fps is None


def test_short_options_and_aliases_count_as_given(parse):
    assert parse("in.png", "-g-1", upscale={"device": "auto"}).device == "cpu"
    assert parse("in.png", "-t", "off", upscale={"tile": 64}).tile == "off"


def test_options_that_may_be_repeated(parse):
    section = {"encoder-option": ["crf=20", "preset=slow"]}
    args = parse("in.mp4", upscale=section)
    assert args.encoder_option == [("crf", "20"), ("preset", "slow")]


def test_repeated_options_of_the_line_replace_those_of_the_file(parse):
    args = parse("in.mp4", "-e", "crf=9", upscale={"encoder-option": ["crf=20"]})
    assert args.encoder_option == [("crf", "9")]


def test_negative_numbers_and_underscores(parse):
    args = parse("in.png", upscale={"k": -1.5, "memory_limit": "1GiB"})
    assert (args.k, args.memory_limit) == (-1.5, 2**30)


def test_a_flag_that_is_false_is_left_out(parse):
    assert parse("in.png", upscale={"overwrite": False}).overwrite is False


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"threads": "two"}, "config.json, upscale: threads: 'two' is not a whole number"),
        ({"threads": True}, "True is no value for threads"),
        ({"threads": 4.5}, "'4.5' is not a whole number"),
        ({"thread": 4}, "there is no option 'thread'"),
        ({"precision": "fp8"}, "'fp8' is no value for precision; expected fp32, fp16"),
        ({"overwrite": "perhaps"}, "expected true or false"),
        ({"k": [1, 2]}, "k takes one value, not 2"),
        ({"k": None}, "None is no value for k"),
        ({"config": "other.json"}, "there is no option 'config'"),
        ({"help": True}, "there is no option 'help'"),
    ],
)
def test_what_a_file_may_not_say(parse, section, message):
    with pytest.raises(UsageError, match=message):
        parse("in.png", upscale=section)


def test_a_section_that_is_no_command(parse):
    with pytest.raises(UsageError, match="a section 'upscal', which is no command"):
        parse("in.png", upscal={"k": 1})


def test_a_variable_is_named_where_it_is_wrong(parse, monkeypatch):
    monkeypatch.setenv("PCSR_EDGE_DEVICE", "gpu")
    with pytest.raises(UsageError, match=r"\$PCSR_EDGE_DEVICE: device: 'gpu' is no device"):
        parse("in.png")


def test_verbose_says_where_options_come_from(cli, tmp_path, monkeypatch):
    path = tmp_path / "config.json"
    path.write_text('{"schema_version": 1, "models": {"scale": 4}, "all": {"k": 1}}')
    err = cli("models", "-v", "--config", path).err
    assert f"scale = 4 ({path}, models)" in err
    assert f"models has no k ({path}, all)" in err


def test_a_run_by_a_config(cli, save, tmp_path):
    path = tmp_path / "config.json"
    section = {"model": "bicubic", "scale": 2, "json": True}
    path.write_text(json.dumps({"schema_version": 1, "upscale": section}))
    ran = cli("upscale", save("in.png"), tmp_path / "out.png", "--config", path)
    assert (ran.code, json.loads(ran.out)["command"]) == (0, "upscale")
