"""requirements.txt is what pyproject.toml asks for, on every supported Python, wherever packages come from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "requirements.txt").read_text()
PINS = [Requirement(line) for line in TEXT.splitlines() if line and not line.startswith((" ", "#", "-"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("system", ["linux", "darwin"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("asked", PROJECT["dependencies"])
def test_every_dependency_has_one_exact_version_within_its_range(asked, python, system):
    machine = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system}
    wanted = Requirement(asked)
    if wanted.marker and not wanted.marker.evaluate(machine):
        return
    pins = [
        pin
        for pin in PINS
        if canonicalize_name(pin.name) == canonicalize_name(wanted.name)
        and (pin.marker is None or pin.marker.evaluate(machine))
    ]
    assert len(pins) == 1, f"recompile with `make requirements`: {asked} on Python {python} has {len(pins)} versions"
    version = re.fullmatch(r"==([^,*]+)", str(pins[0].specifier))
    assert version and wanted.specifier.contains(version[1])


def test_nothing_is_for_a_gpu():
    assert not [pin.name for pin in PINS if pin.name.startswith(("nvidia", "cuda"))]


def test_the_project_itself_is_installed_too():
    assert TEXT.splitlines()[-1] == "-e ."


def test_no_registry_is_named():
    for text in (TEXT, (ROOT / "pyproject.toml").read_text()):
        assert not re.search(r"https?://|index-url|find-links", text)
