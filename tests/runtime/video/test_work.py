"""The folder in which a result comes into being."""

from __future__ import annotations

import pytest

from pcsr_edge.errors import OutputError, UsageError
from pcsr_edge.runtime.video.segment import segment_path
from pcsr_edge.runtime.video.work import STATE, Work, fingerprint


def test_an_empty_folder_is_deleted(tmp_path) -> None:
    with Work(tmp_path / "out.mp4", {"crf": 17}) as work:
        assert work.folder.is_dir()
    assert not work.folder.exists()


def test_a_second_run_is_kept_out(tmp_path) -> None:
    with Work(tmp_path / "out.mp4", {}) as work:
        with pytest.raises(OutputError, match="another run"):
            Work(tmp_path / "out.mp4", {})
        assert work.folder.is_dir()


def test_parts_of_a_killed_run_are_deleted(tmp_path) -> None:
    with Work(tmp_path / "out.mp4", {}) as work:
        segment_path(work.folder, 0).with_suffix(".part").write_bytes(b"half")
        with open(work.folder / "segment-000009.seg", "w"):
            pass
    with Work(tmp_path / "out.mp4", {}) as work:
        assert not list(work.folder.glob("*.part"))


@pytest.mark.parametrize(
    ("settings", "difference"),
    [
        ({"crf": 18}, "crf: 17 there, 18 here"),
        ({"options": {"k": 0.5, "halo": False}}, r"\(k: None there, 0.5 here\)"),
        ({"input": {"bytes": 2}}, "the input is another one, or has changed"),
    ],
)
def test_the_difference_to_other_work_is_named(settings, difference, tmp_path) -> None:
    begun = {"crf": 17, "options": {"k": None, "halo": False}, "input": {"bytes": 1}}
    with Work(tmp_path / "out.mp4", begun) as work:
        segment_path(work.folder, 3).write_bytes(b"")
    with pytest.raises(UsageError, match=difference):
        Work(tmp_path / "out.mp4", {**begun, **settings})
    assert segment_path(work.folder, 3).exists()


def test_work_of_another_version_may_have_been_begun_by_the_same_command(tmp_path) -> None:
    with Work(tmp_path / "out.mp4", {"encoder_options": {"crf": "17"}}) as work:
        segment_path(work.folder, 0).write_bytes(b"")
    message = r"command or version \(rc-lookahead: None there, '10' here\); give what was given"
    with pytest.raises(UsageError, match=message):
        Work(tmp_path / "out.mp4", {"encoder_options": {"crf": "17", "rc-lookahead": "10"}})


@pytest.mark.parametrize("state", ["{", "", "[1]"])
def test_a_state_that_cannot_be_read_is_named(state, tmp_path) -> None:
    with Work(tmp_path / "out.mp4", {"crf": 17}) as work:
        segment_path(work.folder, 3).write_bytes(b"")
        (work.folder / STATE).write_text(state)
    with pytest.raises(UsageError, match=r"state.json in it cannot be read"):
        Work(tmp_path / "out.mp4", {"crf": 17})


def test_fingerprints_tell_files_apart(tmp_path) -> None:
    for name, content in (("a", b"x" * 99), ("b", b"x" * 98 + b"y")):
        (tmp_path / name).write_bytes(content)
    assert fingerprint(tmp_path / "a") != fingerprint(tmp_path / "b")
