"""PCSR pixel by pixel, written from the definitions alone; slow on purpose."""

from __future__ import annotations

import math
from typing import Any, List, Optional, Tuple

import numpy as np

from support.fake_model import FakeModel


def centre(index: int, count: int) -> float:
    """Coordinate of a pixel's centre in [-1, 1]."""
    return (2 * index + 1) / count - 1


def nearest(coordinate: float, count: int) -> int:
    """Index of the nearest centre; of two equally near ones the later."""
    best = 0
    for index in range(count):
        gain = abs(coordinate - centre(best, count)) - abs(coordinate - centre(index, count))
        if gain > -1e-9:
            best = index
    return best


def query_input(features: Any, y: int, x: int, size: Tuple[int, int]) -> Any:
    """`[feature, rel_y, rel_x, cell_y, cell_x]` of one query."""
    h, w = features.shape[:2]
    cy, cx = nearest(centre(y, size[0]), h), nearest(centre(x, size[1]), w)
    rel_y = (centre(y, size[0]) - centre(cy, h)) * h
    rel_x = (centre(x, size[1]) - centre(cx, w)) * w
    geometry = [rel_y, rel_x, 2 / size[0] * h, 2 / size[1] * w]
    return np.concatenate([features[cy, cx], np.array(geometry, dtype=np.float32)])


def bilinear(image: Any, y: int, x: int, size: Tuple[int, int]) -> Any:
    """Bilinear value of one query: half-pixel centres, edge pixels repeated."""
    h, w = image.shape[:2]
    sy = (y + 0.5) * h / size[0] - 0.5
    sx = (x + 0.5) * w / size[1] - 0.5
    out = np.zeros(3)
    for dy in (0, 1):
        for dx in (0, 1):
            iy, ix = math.floor(sy) + dy, math.floor(sx) + dx
            weight = (1 - abs(sy - iy)) * (1 - abs(sx - ix))
            out += weight * image[min(max(iy, 0), h - 1), min(max(ix, 0), w - 1)]
    return out


def softmax(values: Any) -> Any:
    """Probabilities of logits."""
    e = np.exp(np.asarray(values, dtype=np.float64) - np.max(values))
    return e / e.sum()


def costs(model: FakeModel, lr: Tuple[int, int], size: Tuple[int, int]) -> List[float]:
    """c_j at the frame's LR size."""
    density = size[0] * size[1] / (lr[0] * lr[1])
    raw = [model.flops_cell + flops * density for flops in model.flops_query]
    return [value / sum(raw) for value in raw]


def probabilities(model: FakeModel, image: Any, size: Tuple[int, int]) -> Any:
    """Class probabilities of every query: (H, W, M)."""
    features = model.features(image)
    out = np.ones((*size, model.classes))
    if model.classes > 1:
        for y in range(size[0]):
            for x in range(size[1]):
                out[y, x] = softmax(model.classifier.query(query_input(features, y, x, size)))
    return out


def assign(model: FakeModel, image: Any, size: Tuple[int, int], k: float) -> Any:
    """Scores p_j / c_j^k of every query, (H, W, M); the class is the largest."""
    scores = probabilities(model, image, size)
    return scores / np.array(costs(model, image.shape[:2], size)) ** k


def refine(canvas: Any, class_map: Any, classes: int) -> Any:
    """Refine a float image by the definition."""
    out = canvas.copy()
    height, width = class_map.shape
    heavy = (classes + 1) // 2
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            around = class_map[y - 1 : y + 2, x - 1 : x + 2]
            if class_map[y, x] >= heavy and (around < heavy).any():
                out[y, x] = canvas[y - 1 : y + 2, x - 1 : x + 2].mean(axis=(0, 1))
    return out


def upscale(
    model: FakeModel,
    image: Any,
    size: Tuple[int, int],
    class_map: Any,
    refined: Optional[bool] = True,
) -> Any:
    """The whole frame for given classes: float (H, W, 3), clipped to [0, 1]."""
    features = model.features(image)
    canvas = np.zeros((*size, 3))
    for y in range(size[0]):
        for x in range(size[1]):
            query = query_input(features, y, x, size)
            residual = model.upsamplers[class_map[y, x]].query(query)
            canvas[y, x] = bilinear(image, y, x, size) + model.std * residual
    if refined:
        canvas = refine(canvas, class_map, model.classes)
    return np.clip(canvas, 0, 1)
