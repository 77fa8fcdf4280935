"""The page in a real browser: light and dark, wide and narrow, by keyboard alone, without a network."""

import pytest
from browser import CHROMIUM, DRIVER, browser
from server import start, wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and chromedriver are not installed"),
]

TAB, ENTER, BACKSPACE, UP = "\ue004", "\ue007", "\ue003", "\ue013"
FOCUS = "const e = document.activeElement; return e.id || e.textContent"
CONTRAST = """
const luminance = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map((v) => v / 255)
  .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
  if (!c.endsWith(", 0)")) return c; } return "rgb(255, 255, 255)"; };
return [...document.querySelectorAll("h1, h2, p, dt, dd, a, button, label, summary, li, span, th, td")]
  .filter((e) => e.offsetHeight && e.textContent.trim()).map((e) => {
    const [x, y] = [luminance(getComputedStyle(e).color), luminance(ground(e))].sort((a, b) => b - a);
    return [(x + 0.05) / (y + 0.05), e.textContent.slice(0, 40)]; }).sort((a, b) => a[0] - b[0])[0]
"""


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(made):
    started = start(made)
    yield started
    started.stop()


def open_page(window, server, width, scheme):
    window.devtools(
        "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600
    )
    window.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    window.open(server.url)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_a_score_with_reasons_fits_and_can_be_read(window, server, width, scheme):
    open_page(window, server, width, scheme)
    window.wait("return document.getElementById('score-form').hidden === false")
    window.run("document.getElementById('score').click(); document.querySelector('details').open = true")
    window.wait("return document.getElementById('result').hidden === false")
    assert window.run("return document.documentElement.scrollWidth <= innerWidth")
    assert len(window.run("return [...document.querySelectorAll('#reasons li')].map((e) => e.innerText)")) == 8
    assert "%" in window.run("return document.getElementById('probability').value")
    ratio, where = window.run(CONTRAST)
    assert ratio >= 4.5, f"{where!r} has a contrast of {ratio:.2f}"


def test_everything_has_a_name_and_nothing_comes_from_elsewhere(window, server):
    open_page(window, server, 1200, "light")
    window.wait("return document.getElementById('score-form').hidden === false")
    assert (
        window.run("return [...document.querySelectorAll('input, select')].filter((e) => !e.labels.length).length") == 0
    )
    loaded = window.run("return performance.getEntriesByType('resource').map((e) => e.name)")
    assert loaded and all(url.startswith(server.url) for url in loaded)


def test_it_works_by_keyboard_alone_and_with_a_key(window, serve):
    open_page(window, serve(WILLBUY_API_KEYS="page-key-1:predict"), 1200, "light")
    assert window.run("return document.getElementById('score-form').hidden")
    window.press(TAB, *"wrong-key", ENTER)
    window.wait("return document.getElementById('trouble').textContent.includes('not known')")
    window.press(*[BACKSPACE] * 9, *"page-key-1", ENTER)
    window.wait("return document.getElementById('score-form').hidden === false")
    window.press(TAB, TAB)
    assert window.run(FOCUS) == "example"
    before = window.run("return document.getElementById('example').value")
    window.press(UP)
    assert window.run("return document.getElementById('example').value") != before
    window.press(TAB)
    assert window.run(FOCUS) == "score"
    window.press(ENTER)
    window.wait("return document.getElementById('result').hidden === false")
    window.press(TAB, ENTER)
    assert window.run("return document.querySelector('details').open")


def test_a_refused_value_is_told_with_what_is_allowed(window, server):
    open_page(window, server, 1200, "light")
    window.wait("return document.getElementById('score-form').hidden === false")
    window.run("document.getElementById('f-item_price').value = '1e300'; document.getElementById('score').click()")
    window.wait("return document.getElementById('trouble').textContent.includes('item_price')")


def test_what_a_row_lacks_is_told(window, server):
    open_page(window, server, 1200, "light")
    window.wait("return document.getElementById('score-form').hidden === false")
    window.run("document.getElementById('score').click()")
    window.wait("return document.getElementById('result').hidden === false")
    assert window.run("return document.getElementById('missing').hidden")
    window.run("document.getElementById('f-hour').value = ''; document.getElementById('score').click()")
    window.wait("return document.getElementById('missing').textContent.includes('1 feature that this row lacks: hour')")


def test_the_api_can_be_read_without_a_network(window, server):
    window.open(f"{server.url}/docs")
    window.wait("return document.body.innerText.includes('/predict') && document.body.innerText.includes('OAS 3.1')")
    loaded = window.run("return performance.getEntriesByType('resource').map((e) => e.name)")
    assert all(url.startswith((server.url, "data:")) for url in loaded)
    wait_for(lambda: "/openapi.json" in server.log.read_text())
