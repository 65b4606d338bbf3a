"""The tables that `profile` prints."""

from __future__ import annotations

from support.fake_profile import MACHINE, measured, profile

from pcsr_edge.cli.profiling.csv_table import as_csv
from pcsr_edge.cli.profiling.markdown import as_markdown, markdown_table


def rows(text):
    """Return the cells of every line of a table."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_table_is_markdown_and_aligned():
    text = markdown_table(["name", "n"], [["a", "1"], ["long name", "22"]])
    assert text.splitlines() == [
        "| name      |   n |",
        "| --------- | --: |",
        "| a         |   1 |",
        "| long name |  22 |",
    ]


def test_conditions_stand_on_top():
    text = as_markdown(profile())
    assert "- device: Jetson-AGX, 8 cores, Ubuntu 20.04, 5.10, JetPack 5.1.2 (L4T 35.4.1)" in text
    assert "- power mode: MAXN" in text
    assert "- clocks: not pinned, governor schedutil, cpu 1200 to 1200 of 2265 MHz" in text
    assert "- temperature: 42 °C before, 55 °C after (hottest sensor)" in text
    assert "- throttled: no" in text
    assert "- power: 15.00 W (INA3221), 172 mJ a frame" in text
    assert "- command: `pcsr-edge profile`" in text


def test_what_the_machine_does_not_tell_is_left_out():
    text = as_markdown(profile(before={}, after={}, samples=(), energy_j=None))
    assert "- device: unknown" in text
    for name in ("power", "clocks", "temperature", "throttled"):
        assert f"- {name}" not in text


def test_warnings_are_listed_with_what_mends_them():
    caution = {"name": "clocks", "text": "clocks are not pinned", "mend": "sudo jetson_clocks"}
    text = as_markdown(profile(cautions=(caution,)))
    assert "- clocks: clocks are not pinned (mend: `sudo jetson_clocks`)" in text
    assert "## Warnings" not in as_markdown(profile())


def test_latency_and_stages():
    table = rows(as_markdown(profile(measured([10.0, 20.0], first_ms=77.0, psnr=30.5))))
    assert table[2][0] == "net k=0"
    assert (table[2][1], table[2][5], table[2][6]) == ("15.00", "10.00", "20.00")
    assert table[2][-2:] == ["77.00", "66.7"]
    assert table[5][:2] == ["net k=0", "30.50"]
    assert "25 / 75" in table[5]
    backbone = next(row for row in table if row[0] == "backbone")
    assert backbone[1:3] == ["33 %", "7.50"]


def test_throttling_is_named():
    before = {**MACHINE, "throttled": ["under-voltage"]}
    assert "- throttled: under-voltage" in as_markdown(profile(before=before))


def test_csv_has_a_line_per_stage():
    lines = as_csv(profile(measured([10.0, 20.0], model='a "b", c'))).decode().splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("model,setting,width,height,output_width,output_height,precision")
    assert lines[1].startswith('"a ""b"", c",k=0,480,270,')
    names = lines[0].split(",")
    whole = dict(zip(names, lines[2].replace('"a ""b"", c"', "x").split(",")))
    assert (whole["stage"], whole["n"], whole["mean_ms"]) == ("backbone", "2", "7.5")
