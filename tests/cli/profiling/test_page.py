"""The page, in a real browser."""

from __future__ import annotations

import io
import json
import re
import shlex

import numpy as np
import pytest
from PIL import Image
from support.browser import browser
from support.fake_profile import measured, profile

from pcsr_edge.calib.profiling.frame import DECODE, ENCODE
from pcsr_edge.calib.profiling.measured_case import ORDER
from pcsr_edge.cli.profiling.page import as_html
from pcsr_edge.cli.profiling.sample_views import SampleView

PHONE, DESK = (390, 844), (1280, 900)
CAUTION = {"name": "clocks", "text": "clocks <b>are</b> loose", "mend": "sudo jetson_clocks"}


def picture(kind, *colour):
    """Return a picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (48, 32), colour).save(buffer, kind)
    return buffer.getvalue()


def views():
    """Return one view with classes: gray, dark, white."""
    pixels = tuple(picture("JPEG", n, n, n) for n in (128, 0, 255))
    return [SampleView(0, pixels, picture("PNG", 255, 149, 41), ("#ff9529", "#142154"), (48, 32))]


def example(**fields):
    """Return a profile with three cases of known quality and one of another size."""
    cases = [
        measured([10.0, 11.0, 12.0, 10.5], model="small", psnr=29.0),
        measured([30.0, 31.0, 32.0, 30.5], model="net", psnr=30.0),
        measured([50.0, 51.0, 52.0, 50.5], model="poor", psnr=28.5),
        measured([90.0, 91.0, 92.0, 90.5], model="net", psnr=30.0, size=(540, 960)),
    ]
    return profile(*cases, cautions=(CAUTION,), **fields)


@pytest.fixture(scope="module")
def window():
    """Return one browser for all tests."""
    with browser() as found:
        yield found


@pytest.fixture
def page(window, tmp_path):
    """Return a function that loads the page of a profile at a width."""

    def load(found, shown=(), size=DESK):
        path = tmp_path / "page.html"
        path.write_text(as_html(found, shown), encoding="utf-8")
        window.resize(*size)
        window.open(path)
        return window

    return load


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_loads_without_errors_and_fits(page, window, size, scheme):
    window.prefer(scheme)
    found = page(example(), views(), size)
    assert found.errors() == []
    assert found.run("return document.documentElement.dataset.ready") == "true"
    assert found.run("return document.documentElement.dataset.theme") == scheme
    assert found.run("return document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_long_names_do_not_widen_it(page, size):
    names = ["folder/" * 30 + str(n) for n in range(2)]
    cases = [measured([10.0] * 4, model=name, psnr=30.0) for name in names]
    found = page(profile(*cases), views(), size)
    assert found.run("return document.documentElement.scrollWidth") <= size[0]


def test_charts_are_there(page):
    found = page(example())
    assert found.run("return document.querySelectorAll('#pareto .point').length") == 3
    assert found.run("return document.querySelectorAll('#stages .stage').length") == 8
    assert found.run("return document.querySelectorAll('#timeline .frames').length") == 4
    sensors = found.run("return document.querySelectorAll('#timeline .sensor').length")
    assert sensors == 2 + 2 + 1 + 2
    text = found.run("return document.querySelector('#timeline svg').textContent")
    for title in ("ms for a frame", "temperature, °C", "clocks, MHz", "power, W", "load, %"):
        assert title in text


def test_the_line_joins_what_nothing_beats(page):
    found = page(example())
    path = found.run("return document.querySelector('#pareto .front').getAttribute('d')")
    # One point, a step to the next one, and on to the right edge: `poor` is not on it.
    assert re.fullmatch(r"M[\d.]+ [\d.]+H[\d.]+V[\d.]+H[\d.]+", path)
    filled = "return [...document.querySelectorAll('#pareto .point')].map(" + (
        "g => g.querySelectorAll('circle')[0].getAttribute('r'))"
    )
    assert found.run(filled) == ["7", "7", "5"]


def test_faster_is_left_and_better_is_up(page):
    found = page(example())
    script = "return [...document.querySelectorAll('#pareto .point circle:last-child')].map("
    x = found.run(script + "c => +c.getAttribute('cx'))")
    y = found.run(script + "c => +c.getAttribute('cy'))")
    assert x == sorted(x)
    assert y[1] < y[0] < y[2]


def test_sizes_are_chosen_by_a_button(page):
    found = page(example())
    assert found.run("return document.querySelectorAll('[data-for=pareto] button').length") == 2
    found.run("document.querySelectorAll('[data-for=pareto] button')[1].click()")
    assert found.run("return document.querySelectorAll('#pareto .point').length") == 1


def test_without_quality_there_is_no_chart_of_it(page):
    found = page(profile())
    assert found.run("return document.getElementById('pareto').hidden") is True
    assert found.run("return document.getElementById('sample').hidden") is True
    assert found.errors() == []


def test_the_slider_moves_the_line(page):
    found = page(example(), views())
    edge = "return document.querySelector('.slider .bar').getBoundingClientRect().left"
    begin = found.run(edge)
    found.press(".slider input", "\ue012" * 30)  # the left arrow
    assert found.run(edge) < begin


def shown_pixel(window, part):
    """Return the colour at a part of the slider's width, a quarter down."""
    script = "document.querySelector('.slider').scrollIntoView({block: 'center'}); "
    script += "const b = document.querySelector('.slider').getBoundingClientRect(); "
    left, top, width, height = window.run(script + "return [b.left, b.top, b.width, b.height]")
    shot = np.asarray(Image.open(io.BytesIO(window.screenshot())).convert("RGB"))
    return tuple(shot[round(top + height / 4), round(left + part * width)].tolist())


def test_the_slider_shows_both_sides(page):
    found = page(example(), views())
    assert shown_pixel(found, 0.3) == (0, 0, 0)
    assert shown_pixel(found, 0.7) == (255, 255, 255)
    found.press(".slider input", "\ue010")  # the end key
    assert shown_pixel(found, 0.7) == (0, 0, 0)


def test_the_class_map_takes_the_place_of_the_result(page):
    found = page(example(), views())
    found.run("document.querySelectorAll('#sample-after button')[1].click()")
    assert shown_pixel(found, 0.7) == (255, 149, 41)
    shares = found.run("return document.querySelector('.classes').textContent")
    assert shares == "heavy: 25 % of all pixelslight: 75 % of all pixels"


def test_cases_are_hidden_by_their_name(page):
    found = page(example())
    found.run("document.querySelector('#timeline .legend button').click()")
    assert found.run("return document.querySelectorAll('#timeline .frames').length") == 3


def test_every_stage_has_a_colour(page):
    found = page(example())
    names = [name for name in ORDER if name not in (DECODE, ENCODE)]
    grays = f"return {json.dumps(names)}.filter(n => stageColour(n + '_0').startsWith('hsl(0 0%'))"
    assert found.run(grays) == []


def test_stages_by_share_are_equally_long(page):
    found = page(example())
    found.run("document.querySelectorAll('[data-for=stages] button')[1].click()")
    script = "return [...document.querySelectorAll('#stages .stage')].map(r => +r.getAttribute("
    ends = found.run(script + "'x') + +r.getAttribute('width'))")[1::2]
    assert max(ends) - min(ends) < 0.01


def test_the_button_changes_the_theme(page, window):
    window.prefer("light")
    found = page(example())
    found.run("document.getElementById('theme').click()")
    assert found.run("return document.documentElement.dataset.theme") == "dark"
    assert found.run("return getComputedStyle(document.body).backgroundColor") == "rgb(15, 18, 23)"


def test_names_from_outside_stay_text(page):
    evil = "</script><script>document.title='x'</script><img src=x onerror=alert(1)>{{data}}"
    case = measured([10.0] * 4, model=evil, psnr=30.0)
    found = page(profile(case, cautions=(CAUTION,), command_line=("pcsr-edge", evil)))
    assert found.errors() == []
    assert found.run("return document.title") == "Jetson-AGX, pcsr-edge profile"
    assert found.run("return document.images.length") == 2  # of the slider
    assert shlex.quote(evil) in found.run("return document.querySelector('dl').textContent")
    assert found.run("return document.querySelector('.verdict li').textContent").startswith(
        "clocks <b>are</b> loose"
    )


def test_nothing_is_asked_of_a_network():
    text = as_html(example(), views())
    assert set(re.findall(r"https?://[^\s\"'`<]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<link[^>]+href=\"(?!data:)|src=\"(?!data:)|url\(|@import", text)
