"""A real browser, driven over the WebDriver protocol (https://www.w3.org/TR/webdriver2/) with the standard library."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1400,1000",
)


class Browser:
    """One browser window; waits are patient, and fail with what was waited for."""

    def __init__(self, session: str):
        self.session = session

    def open(self, url: str) -> None:
        _send("POST", f"{self.session}/url", url=url)

    def run(self, script: str, *arguments: object):
        """The value of a function body in the page."""
        return _send("POST", f"{self.session}/execute/sync", script=script, args=arguments)

    def wait(self, script: str, seconds: float = 60):
        """The first truthy value of `script`, asked again and again for some `seconds`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := self.run(script):
                return value
            time.sleep(0.2)
        raise AssertionError(f"never true in the page: {script}\nthe page says:\n{self.text()}")

    def text(self) -> str:
        return self.run("return document.body.innerText")

    def double_click(self, selector: str) -> None:
        """Double click, with a real pointer, the first element that matches the CSS `selector`."""
        element = self.wait(f"const e = document.querySelector({selector!r}); return e && e.offsetHeight > 0 && e")
        press = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        move = {"type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": element}
        pointer = {"type": "pointer", "id": "mouse", "actions": [move, *press, *press]}
        _send("POST", f"{self.session}/actions", actions=[pointer])

    def press(self, *keys: str) -> None:
        """Press and release each key, as a keyboard would."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        _send("POST", f"{self.session}/actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def devtools(self, command: str, /, **parameters: object):
        """A command of Chromium's DevTools protocol."""
        return _send("POST", f"{self.session}/goog/cdp/execute", cmd=command, params=parameters)

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(_send("GET", f"{self.session}/screenshot")))


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Chromium with an empty `profile`; needs CHROMIUM and DRIVER on this machine."""
    with subprocess.Popen([DRIVER, "--port=0"], stdout=subprocess.PIPE, text=True) as driver:
        try:
            port = next(line for line in driver.stdout if "started successfully on port" in line).split()[-1].strip(".")
            yield from _session(f"http://127.0.0.1:{port}/session", profile)
        finally:
            driver.terminate()


def _session(url: str, profile: Path) -> Iterator[Browser]:
    options = {"binary": CHROMIUM, "args": [*FLAGS, f"--user-data-dir={profile}"]}
    created = _send("POST", url, capabilities={"alwaysMatch": {"goog:chromeOptions": options}})
    session = f"{url}/{created['sessionId']}"
    try:
        yield Browser(session)
    finally:
        _send("DELETE", session)


def _send(method: str, url: str, /, **body: object):
    data = json.dumps(body).encode() if method == "POST" else None
    request = Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]
    except HTTPError as error:
        raise AssertionError(f"the browser refused {method} {url}: {json.load(error)['value']['message']}") from None
