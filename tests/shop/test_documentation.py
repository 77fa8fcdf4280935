import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from willbuy.shop.personas import Persona

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "shop.md").read_text(encoding="utf-8")
MODULES = sorted(p.stem for p in (ROOT / "src/willbuy/shop").glob("*.py") if p.stem != "__init__")


def constants(module):
    source = (ROOT / f"src/willbuy/shop/{module}.py").read_text(encoding="utf-8")
    lines = re.findall(r"^([A-Z][A-Z_, ]+) = ", source, re.MULTILINE)
    return [name for line in lines for name in line.split(", ")]


@pytest.mark.parametrize("module", MODULES)
def test_every_constant_is_on_the_page(module):
    assert [name for name in constants(module) if f"`{name}`" not in PAGE] == []


def test_every_trait_of_a_persona_is_on_the_page():
    described = {"name": "browser, researcher or buyer", "sessions_a_day": "sessions a day"}
    missing = [f.name for f in fields(Persona) if f"`{f.name}`" not in PAGE and described.get(f.name, "—") not in PAGE]
    assert missing == []


def test_the_page_names_nothing_that_is_gone():
    known = {name for module in MODULES for name in vars(import_module(f"willbuy.shop.{module}"))}
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", PAGE)) - {"E"}
    assert named - known == set()
