"""The page in a real browser: light and dark, wide and narrow, by keyboard alone, without a network."""

import pytest
from browser import CHROMIUM, DRIVER, browser
from server import start, wait_for
from small_model import FIRST, SECOND

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and chromedriver are not installed"),
]

TAB, ENTER, BACKSPACE, UP = "\ue004", "\ue007", "\ue003", "\ue013"
FOCUS = "const e = document.activeElement; return e.id || e.textContent"
VALUES = "return [...document.querySelectorAll('#values tbody tr')].map((r) => [...r.cells].map((c) => c.textContent))"
CUT = "return [...document.querySelectorAll('th, td')].some((c) => c.getBoundingClientRect().right > innerWidth)"
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
    window.devtools("Emulation.setTimezoneOverride", timezoneId="UTC")
    window.open(server.url)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_a_score_with_reasons_fits_and_can_be_read(window, server, width, scheme):
    open_page(window, server, width, scheme)
    window.wait("return document.getElementById('score-form').hidden === false")
    window.run("document.getElementById('score').click(); document.querySelector('#families details').open = true")
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
    assert window.run(FOCUS) == "user"
    window.press(*"u1", TAB, *"i1", ENTER)
    window.wait("return document.getElementById('verdict').textContent.includes('i1, looked at now')")
    tab_to(window, "example")
    before = window.run("return document.getElementById('example').value")
    window.press(UP)
    assert window.run("return document.getElementById('example').value") != before
    window.press(TAB)
    assert window.run(FOCUS) == "score"
    window.press(ENTER)
    window.wait("return document.getElementById('verdict').textContent.startsWith('to buy.')")
    window.press(TAB, ENTER)
    assert window.run("return document.querySelector('#families details').open")


def tab_to(window, name, most=40):
    """Press the tabulator key until the element has the focus."""
    for _ in range(most):
        if window.run(FOCUS) == name:
            return
        window.press(TAB)
    raise AssertionError(f"the keyboard does not lead to {name}")


def fill(window, **values):
    for name, value in values.items():
        window.run("document.getElementById(arguments[0]).value = arguments[1]", name.replace("_", "-"), value)


@pytest.fixture
def told(serve):
    """A server with keys that knows a shopper and an item."""
    server = serve(workers=2, WILLBUY_API_KEYS="page-key-1:predict,admin-key-1:predict+admin")
    key = {"X-API-Key": "admin-key-1"}
    item = {"item_id": "i1", "category": "Books", "price": 7.5, "timestamp": "2024-01-01T00:00:00Z"}
    assert server.ask("PUT", "/items", {"items": [item]}, key)[0] == 200
    views = [{"user_id": "u/1", "item_id": "i1", "event_type": "view", "price": 7.5, "duration_seconds": n,
              "timestamp": f"2024-03-01T12:00:0{n}Z"} for n in range(5)]  # fmt: skip
    assert server.ask("POST", "/events", {"events": views}, key)[0] == 200
    return server


def open_with(window, server, key, width=1200):
    open_page(window, server, width, "light")
    fill(window, key=key)
    window.run("document.querySelector('#key-form button').click()")
    window.wait("return document.getElementById('shopper-form').hidden === false")


@pytest.mark.parametrize("width", [360, 1200])
def test_a_shopper_by_id_with_history_features_reasons_and_the_moment(window, told, width):
    open_with(window, told, "admin-key-1", width)
    window.wait("return document.getElementById('swap-form').hidden === false")
    fill(window, user="u/1", item="i1", moment="2024-03-01T12:30:00")
    window.run("document.getElementById('score-shopper').click()")
    window.wait("return document.querySelectorAll('#events tbody tr').length === 5")
    page = window.text()
    assert "to buy i1, looked at" in page and "5 events kept" in page and "7.5" in page
    assert window.run("return document.querySelectorAll('#reasons li').length") == 8
    window.run("document.querySelector('#history details').open = true")
    values = dict(window.run(VALUES))
    assert values["view_count_1h"] == "5" and values["item_category"] == "Books"
    assert "Nothing is known" not in page
    assert not window.run(CUT) and window.run("return document.documentElement.scrollWidth <= innerWidth")


def test_without_the_scope_admin_there_is_no_history_and_no_swap(window, told):
    open_with(window, told, "page-key-1")
    fill(window, user="nobody", item="nothing")
    window.run("document.getElementById('score-shopper').click()")
    window.wait("return document.getElementById('history').hidden === false")
    page = window.text()
    assert "Nothing is known of this shopper before that moment, nor of this item." in page
    assert "scope admin sees" in page
    assert window.run("return document.getElementById('swap-form').hidden && document.getElementById('events').hidden")


def test_items_are_ranked_for_a_shopper(window, told):
    open_with(window, told, "page-key-1")
    fill(window, ranked_user="u/1", items="i1, i2 i3", top="2")
    window.run("document.getElementById('rank').click()")
    window.wait("return document.querySelectorAll('#ranking tbody tr').length === 2")
    assert "%" in window.run("return document.querySelector('#ranking tbody').textContent")


def test_what_arrives_and_what_serves_is_seen_live_and_an_admin_swaps(window, told):
    open_with(window, told, "admin-key-1")
    models = "return [...document.querySelectorAll('#workers tbody tr')].map((r) => r.cells[1].textContent).join()"
    window.wait("return document.getElementById('traffic').textContent.includes('5 so far')")
    assert window.run(models) == f"{FIRST},{FIRST}"
    fill(window, version=SECOND)
    window.run("document.getElementById('swap').click()")
    window.wait("return document.getElementById('swapped').textContent.includes('serves in every worker')")
    window.wait(f"return document.getElementById('card').textContent.includes({SECOND!r})")
    window.wait(f"return (() => {{ {models} }})() === {f'{SECOND},{SECOND}'!r}")


def test_the_horizon_is_told_in_days(window, server):
    open_page(window, server, 1200, "light")
    window.wait("return document.getElementById('horizon').textContent === 'within 7 days'")


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_the_api_follows_light_and_dark(window, server, scheme, is_dark):
    window.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    window.open(f"{server.url}/docs")
    window.wait("return document.body.innerText.includes('/predict')")
    ground = "return getComputedStyle(document.documentElement).backgroundColor.match(/[\\d.]+/g).map(Number)"
    red, *_, last = window.run(ground)
    assert (red < 100 and last > 0) == is_dark


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
