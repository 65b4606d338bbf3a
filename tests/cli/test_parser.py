"""Numbers below zero reach their option, in every form that `float` reads."""

from __future__ import annotations

import pytest

from pcsr_edge.cli.main import command_parser, find_command
from pcsr_edge.errors import UsageError


def parse(*arguments):
    return command_parser(find_command("upscale")).parse(arguments)


@pytest.mark.parametrize("text", ["-1", "-.5", "-5.", "-1e39", "-1E-3", "-1_0.5"])
def test_negative_numbers(text):
    args = parse("in.png", "--k", text, "out.png")
    assert (args.k, args.paths) == (float(text), ["in.png", "out.png"])


@pytest.mark.parametrize(("option", "no"), [("--k", "not a finite"), ("-s", "no magnification")])
@pytest.mark.parametrize("text", ["-inf", "-nan", "-infinity", "-INF"])
def test_what_is_not_finite_gets_our_message(text, option, no):
    with pytest.raises(UsageError, match=f"'{text}' is {no}"):
        parse("in.png", option, text)


def test_an_option_stays_an_option():
    args = parse("--json", "-inf", "--k", "2")
    assert (args.json, args.input, args.k) == (True, ["nf"], 2)


def test_after_two_hyphens_everything_is_a_path():
    assert parse("-s", "2", "--", "-s", "a", "--").paths == ["./-s", "a", "./--"]


def test_a_missing_value_is_named():
    with pytest.raises(UsageError, match="argument --k: expected one argument"):
        parse("in.png", "--k", "--json")
