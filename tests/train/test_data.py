"""Training data: reading, degradation, random aligned patches."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List

import numpy as np
import pytest
import torch
from PIL import Image

from pcsr_edge.errors import DataError
from pcsr_edge.runtime.resample import bicubic, downscale, to_uint8
from pcsr_edge.train import ImagePair, PatchSampler, load_pairs

SCALE = 3


def block_pair(seed: int, height: int, width: int) -> ImagePair:
    """Make a pair whose HR repeats each LR pixel, so that alignment can be seen."""
    lr = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return ImagePair(lr.repeat(SCALE, 0).repeat(SCALE, 1), lr)


def save(folder: Path, name: str, image: Any) -> None:
    """Write a picture."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(folder / name)


def test_images_are_cropped_and_degraded(pictures: Path) -> None:
    pair = load_pairs(pictures, 2)[1]
    original = np.asarray(Image.open(pictures / "1.png"))
    assert np.array_equal(pair.hr, original[:32, :50])
    assert np.array_equal(pair.lr, downscale(original[:32, :50], 2))


def test_each_image_is_used_at_each_size(pictures: Path) -> None:
    pairs = load_pairs(pictures, 2, (1.0, 0.5))
    original = np.asarray(Image.open(pictures / "0.png"))
    assert len(pairs) == 6
    assert np.array_equal(pairs[1].hr, to_uint8(bicubic(original, (20, 18), (0.5, 0.5))))


def test_folders_are_walked_in_a_stable_order(tmp_path: Path) -> None:
    for shade, name in enumerate(["b/1.png", "a/2.PNG", "c.bmp"]):
        save(tmp_path, name, np.full((4, 4, 3), shade, np.uint8))
    (tmp_path / "notes.txt").touch()
    (tmp_path / "folder.png").mkdir()
    assert [int(pair.hr[0, 0, 0]) for pair in load_pairs(tmp_path, 2)] == [1, 0, 2]


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "CMYK", "1"])
def test_other_8_bit_modes_become_rgb(tmp_path: Path, mode: str) -> None:
    suffix = "tif" if mode == "CMYK" else "png"
    Image.new("RGB", (8, 6), "white").convert(mode).save(tmp_path / f"a.{suffix}")
    assert load_pairs(tmp_path, 2)[0].hr.shape == (6, 8, 3)


def test_16_bit_images_are_refused(tmp_path: Path) -> None:
    save(tmp_path, "deep.png", np.full((8, 8), 40000, np.uint16))
    with pytest.raises(DataError, match=r"deep\.png has more than 8 bits"):
        load_pairs(tmp_path, 2)


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"text"], ids=["empty", "cut", "text"]
)
def test_a_damaged_image_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.png").write_bytes(content)
    with pytest.raises(DataError, match=r"bad\.png cannot be read"):
        load_pairs(tmp_path, 2)


def test_a_truncated_image_is_named(tmp_path: Path, pictures: Path) -> None:
    whole = (pictures / "0.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"cut\.png cannot be read"):
        load_pairs(tmp_path, 2)


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no folder"):
        load_pairs(tmp_path / "none", 2)


def test_a_folder_without_images(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no image"):
        load_pairs(tmp_path, 2)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 3)], ids=str)
def test_images_smaller_than_a_cell_are_left_out(tmp_path: Path, size: Any) -> None:
    save(tmp_path, "tiny.png", np.zeros((*size, 3), np.uint8))
    with pytest.raises(DataError, match="at least 4 pixels along both sides"):
        load_pairs(tmp_path, 4, (1.0, 0.5))
    save(tmp_path, "fine.png", np.zeros((8, 8, 3), np.uint8))
    assert [pair.lr.shape for pair in load_pairs(tmp_path, 4, (1.0, 0.5))] == [(2, 2, 3), (1, 1, 3)]


def test_a_smallest_size_can_be_asked_for(pictures: Path) -> None:
    assert [pair.lr.shape[:2] for pair in load_pairs(pictures, 2, smallest=18)] == [(20, 18)]


def test_patches_are_aligned_whatever_the_augmentation() -> None:
    sampler = PatchSampler([block_pair(0, 9, 11), block_pair(1, 8, 8)], 5, SCALE, seed=0)
    lr, hr = sampler.batch(64, step=0)
    assert lr.shape == (64, 3, 5, 5)
    assert torch.equal(hr, lr.repeat_interleave(SCALE, 2).repeat_interleave(SCALE, 3))


def test_patches_are_pixels_of_the_image_between_0_and_1() -> None:
    pair = block_pair(0, 5, 5)
    lr, _ = PatchSampler([pair], 5, SCALE, seed=0).batch(1, step=0)
    assert sorted((lr * 255).round().flatten().tolist()) == sorted(pair.lr.flatten().tolist())


def test_all_eight_orientations_occur() -> None:
    lr, _ = PatchSampler([block_pair(0, 4, 4)], 4, SCALE, seed=0).batch(100, step=0)
    assert len({tuple(patch.flatten().tolist()) for patch in lr}) == 8


def test_every_position_occurs() -> None:
    pair = block_pair(0, 4, 6)
    lr, _ = PatchSampler([pair], 4, SCALE, seed=0).batch(200, step=0)
    sums = {int(pair.lr[:, left : left + 4].sum()) for left in range(3)}
    assert {int((255 * patch).round().sum()) for patch in lr} == sums


def test_large_images_are_drawn_more_often() -> None:
    dark = ImagePair(np.zeros((30, 30, 3), np.uint8), np.zeros((10, 10, 3), np.uint8))
    bright = ImagePair(np.full((60, 90, 3), 255, np.uint8), np.full((20, 30, 3), 255, np.uint8))
    lr, _ = PatchSampler([dark, bright], 2, SCALE, seed=0).batch(2000, step=0)
    assert float(lr[:, 0, 0, 0].mean()) == pytest.approx(600 / 700, abs=0.03)


def test_a_batch_depends_on_seed_stream_and_step_alone() -> None:
    pairs = [block_pair(0, 12, 12)]
    first, again = (PatchSampler(pairs, 4, SCALE, seed=3) for _ in range(2))
    first.batch(2, step=0)
    assert torch.equal(first.batch(2, 7, 1)[0], again.batch(2, 7, 1)[0])


@pytest.mark.parametrize(
    "changed", [(4, 7, 1), (3, 8, 1), (3, 7, 0)], ids=["seed", "step", "stream"]
)
def test_other_seeds_streams_and_steps_give_other_batches(changed: List[int]) -> None:
    pairs = [block_pair(0, 12, 12)]
    one = PatchSampler(pairs, 4, SCALE, seed=3).batch(4, 7, 1)[0]
    seed, step, stream = changed
    assert not torch.equal(one, PatchSampler(pairs, 4, SCALE, seed).batch(4, step, stream)[0])


def test_images_smaller_than_a_patch_are_left_out() -> None:
    sampler = PatchSampler([block_pair(0, 3, 20), block_pair(1, 4, 4)], 4, SCALE, seed=0)
    assert sampler.batch(20, 0)[0].shape == (20, 3, 4, 4)


def test_no_image_as_large_as_a_patch() -> None:
    with pytest.raises(DataError, match="at least 12 pixels along both sides"):
        PatchSampler([block_pair(0, 3, 20)], 4, SCALE, seed=0)
