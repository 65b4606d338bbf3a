"""`bundle.json` is refused when it is wrong, with the field that is, and never otherwise."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, Dict, Iterator, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fake_cascade import FakeCascade
from support.fake_model import FakeModel
from support.fake_plain import FakePlain

from pcsr_edge.errors import BundleError
from pcsr_edge.runtime.manifest_reader import parse_manifest
from pcsr_edge.runtime.manifest_values import MAX_CLASSES

DIGEST = "0" * 64
ENTRY: Dict[str, Any] = {
    "data": "Set5",
    "scale": 4,
    "channel": "y",
    "k": 0,
    "psnr": 30.9,
    "ssim": 0.8,
    "protocol": "bicubic",
}


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Dict[str, Any]:
    data: Dict[str, Any] = json.loads(FakeModel(0).bundle(tmp_path).manifest.to_json())
    return data


@pytest.fixture(name="plain")
def _plain(tmp_path: Path) -> Dict[str, Any]:
    data: Dict[str, Any] = json.loads(FakePlain().bundle(tmp_path / "p").manifest.to_json())
    return data


@pytest.fixture(name="cascade")
def _cascade(tmp_path: Path) -> Dict[str, Any]:
    data: Dict[str, Any] = json.loads(FakeCascade().bundle(tmp_path / "c").manifest.to_json())
    return data


def test_quality_is_read(data: Dict[str, Any]) -> None:
    data["quality"] = [ENTRY]
    assert parse_manifest(json.dumps(data), "x").quality[0].psnr == 30.9


def test_quality_without_k_is_read(plain: Dict[str, Any]) -> None:
    plain["quality"] = [{**ENTRY, "k": None}]
    assert parse_manifest(json.dumps(plain), "x").quality[0].k is None


def graph(**change: Any) -> Dict[str, Any]:
    """Return precisions that name one graph."""
    return {"precisions": {"fp32": {"backbone": {"file": "a", "sha256": DIGEST, **change}}}}


def normalisation(**change: Any) -> Dict[str, Any]:
    return {"normalisation": {"mean": [0, 0, 0], "std": 1, **change}}


WRONG: Dict[str, Dict[str, Any]] = {
    "newer-schema": {"schema_version": 99},
    "schema-is-text": {"schema_version": "1"},
    "unknown-method": {"method": "magic"},
    "method-is-list": {"method": ["pcsr"]},
    "scale-zero": {"scale": 0},
    "scale-is-true": {"scale": True},
    "no-class": {"classes": []},
    "class-without-flops": {"classes": [{}]},
    "class-is-free": {"classes": [{"flops_per_query": 0}, {"flops_per_query": 1}]},
    "classes-are-object": {"classes": {"flops_per_query": 1}},
    "more-classes-than-bytes": {"classes": [{"flops_per_query": 1}] * (MAX_CLASSES + 1)},
    "negative-flops": {"backbone_flops_per_cell": -1},
    "huge-flops": {"backbone_flops_per_cell": 10**400},
    "std-zero": normalisation(std=0),
    "std-huge": normalisation(std=10**400),
    "mean-of-two": normalisation(mean=[0, 0]),
    "mean-is-text": normalisation(mean="000"),
    "mean-is-nan": normalisation(mean=[float("nan"), 0, 0]),
    "normalisation-of-more": normalisation(gamma=2.2),
    "no-fp32": {"precisions": {}},
    "graph-missing": graph(),
    "file-is-number": graph(file=1),
    "file-with-zero-byte": graph(file="a\0b"),
    "digest-is-short": graph(sha256="ab"),
    "digest-is-capital": graph(sha256="A" * 64),
    "precisions-is-list": {"precisions": []},
    "graphs-are-text": {"precisions": {"fp32": "backbone"}},
    "name-empty": {"name": ""},
    "name-of-two-lines": {"name": "a\nb"},
    "name-is-half-a-character": {"name": "\ud800"},
    "k-is-text": {"default_k": "0"},
    "k-is-nan": {"default_k": float("nan")},
    "k-is-infinite": {"default_k": float("inf")},
    "unknown-channels": {"channels": "y"},
    "huge-receptive-field": {"receptive_field": 10**9},
    "class-missing": {"classes": [{"flops_per_query": 1}]},
    "provenance-is-list": {"provenance": [["recipe", "a"]]},
    "provenance-is-nan": {"provenance": {"psnr": float("nan")}},
    "provenance-is-half-a-character": {"provenance": {"recipe": "\ud800"}},
    "quality-is-object": {"quality": ENTRY},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_wrong_fields_are_refused(data: Dict[str, Any], change: Dict[str, Any]) -> None:
    with pytest.raises(BundleError, match="origin"):
        parse_manifest(json.dumps({**data, **change}), "origin")


WRONG_QUALITY: Dict[str, Dict[str, Any]] = {
    "data-is-number": {"data": 5},
    "scale-is-text": {"scale": "4"},
    "scale-zero": {"scale": 0},
    "unknown-channel": {"channel": "cb"},
    "k-is-text": {"k": "0"},
    "psnr-is-null": {"psnr": None},
    "psnr-is-infinite": {"psnr": float("inf")},
    "ssim-above-one": {"ssim": 1.5},
    "protocol-is-list": {"protocol": ["bicubic"]},
    "unknown-field": {"lpips": 0.1},
}


@pytest.mark.parametrize("change", WRONG_QUALITY.values(), ids=WRONG_QUALITY.keys())
def test_wrong_qualities_are_refused(data: Dict[str, Any], change: Dict[str, Any]) -> None:
    data["quality"] = [ENTRY, {**ENTRY, **change}]
    with pytest.raises(BundleError, match="origin"):
        parse_manifest(json.dumps(data), "origin")


@pytest.mark.parametrize("name", ENTRY)
def test_every_field_of_a_quality_is_missed(data: Dict[str, Any], name: str) -> None:
    data["quality"] = [{key: value for key, value in ENTRY.items() if key != name}]
    with pytest.raises(BundleError, match=name):
        parse_manifest(json.dumps(data), "origin")


def test_every_required_field_is_missed(data: Dict[str, Any]) -> None:
    for name in set(data) - {"default_k", "quality", "provenance"}:
        rest = {key: value for key, value in data.items() if key != name}
        with pytest.raises(BundleError, match=name):
            parse_manifest(json.dumps(rest), "origin")


WRONG_PLAIN: Dict[str, Dict[str, Any]] = {
    "any-scale": {"scale": "any"},
    "scale-one": {"scale": 1},
    "graph-missing": graph(),
}


@pytest.mark.parametrize("change", WRONG_PLAIN.values(), ids=WRONG_PLAIN.keys())
def test_wrong_fields_of_plain_are_refused(plain: Dict[str, Any], change: Dict[str, Any]) -> None:
    with pytest.raises(BundleError, match="origin"):
        parse_manifest(json.dumps({**plain, **change}), "origin")


def test_every_required_field_of_plain_is_missed(plain: Dict[str, Any]) -> None:
    for name in set(plain) - {"quality", "provenance"}:
        rest = {key: value for key, value in plain.items() if key != name}
        with pytest.raises(BundleError, match=name):
            parse_manifest(json.dumps(rest), "origin")


WRONG_CASCADE: Dict[str, Dict[str, Any]] = {
    "any-scale": {"scale": "any"},
    "one-class": {"classes": [{"flops_per_query": 1}]},
    "light-class-is-free": {"classes": [{"flops_per_query": 1}, {"flops_per_query": 0}]},
    "no-block": {"block": 0},
    "huge-block": {"block": 10**9},
    "margin-beyond-radius": {"margin": 9},
    "graph-missing": graph(),
}


@pytest.mark.parametrize("change", WRONG_CASCADE.values(), ids=WRONG_CASCADE.keys())
def test_wrong_fields_of_cascade_are_refused(
    cascade: Dict[str, Any], change: Dict[str, Any]
) -> None:
    with pytest.raises(BundleError, match="origin"):
        parse_manifest(json.dumps({**cascade, **change}), "origin")


def test_every_required_field_of_cascade_is_missed(cascade: Dict[str, Any]) -> None:
    for name in set(cascade) - {"default_k", "quality", "provenance"}:
        rest = {key: value for key, value in cascade.items() if key != name}
        with pytest.raises(BundleError, match=name):
            parse_manifest(json.dumps(rest), "origin")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", "[" * 100_000, '{"schema_version": 1e999}'],
    ids=["empty", "cut", "list", "number", "nested", "beyond-any-number"],
)
def test_text_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(BundleError, match="origin"):
        parse_manifest(text, "origin")


def places(value: Any) -> Iterator[Tuple[Any, ...]]:
    """Return the path of every value inside `value`."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield (key,)
        yield from ((key, *rest) for rest in places(inner))


def replaced(data: Any, path: Tuple[Any, ...], value: Any) -> Any:
    """Return a copy of `data` with another value at `path`."""
    changed = copy.deepcopy(data)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from([10**400, -(10**400), 2**64]),
    st.text(st.characters(), max_size=8),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@settings(max_examples=400)
@given(draw=st.data(), value=VALUES)
@pytest.mark.parametrize("method", ["data", "plain", "cascade"])
def test_any_value_in_any_place_is_accepted_or_a_bundle_error(
    request: pytest.FixtureRequest, method: str, draw: st.DataObject, value: Any
) -> None:
    document = {**request.getfixturevalue(method), "quality": [ENTRY]}
    changed = replaced(document, draw.draw(st.sampled_from(list(places(document)))), value)
    try:
        manifest = parse_manifest(json.dumps(changed), "origin")
    except BundleError:
        return
    assert parse_manifest(manifest.to_json(), "x") == manifest
