"""What holds for every built-in format: its file, its line in docs/ingest.md, its test."""

import re
from pathlib import Path

import pytest

from willbuy.ingest import IngestError
from willbuy.ingest.mapping.mapping import FORMATS, built_in, load

TESTS = Path(__file__).parent / "formats"


@pytest.mark.parametrize("name", built_in())
def test_a_format_can_be_read_and_has_a_test(name):
    assert load(name).name == name
    assert (TESTS / f"test_{name}.py").is_file(), "show on a small log how this format is read"


@pytest.mark.parametrize("name", built_in())
def test_its_first_line_says_what_it_reads(name):
    first = (FORMATS / f"{name}.yaml").read_text().partition("\n")[0]
    assert re.fullmatch(r"# \S.{10,115}[^.,;:]", first), "a line of docs/ingest.md"
    assert "|" not in first


def test_every_format_that_has_a_test_is_built_in():
    tests = {path.stem.removeprefix("test_") for path in TESTS.glob("test_*.py")}
    assert tests - {"truth"} == set(built_in())  # that one is of all of them


def test_an_unknown_format_lists_those_that_exist(tmp_path):
    with pytest.raises(IngestError, match=f"'rees64' is neither a file nor one of {', '.join(built_in())}"):
        load("rees64")
    with pytest.raises(IngestError, match="neither a file"):
        load(tmp_path)
