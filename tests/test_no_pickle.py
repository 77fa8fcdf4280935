"""Loading a pickle runs whatever it says. Nothing here writes or reads one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PICKLED = re.compile(r"\b(c?pickle|cloudpickle|dill|joblib|shelve|marshal)\b|allow_pickle\s*=\s*True")


def offences(source: str) -> list[str]:
    """The lines of code that name a pickling library; comments and sentences about pickles are no offence."""
    code = [line for line in source.splitlines() if not line.lstrip().startswith("#")]
    named = re.compile(r"^\s*(import|from)\b|\(")
    return [line for line in code if PICKLED.search(line) and named.search(line)]


@pytest.mark.parametrize("folder", ["src", "app", "notebooks"])
def test_no_source_pickles(folder):
    found = {str(p): offences(p.read_text(encoding="utf-8")) for p in (ROOT / folder).rglob("*.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_the_search_finds_them():
    assert len(offences("import pickle\nx = joblib.load(path)\nnp.load(path, allow_pickle=True)")) == 3
    assert offences("# without pickle\nnp.load(path, allow_pickle=False)") == []
