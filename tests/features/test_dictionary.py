from pathlib import Path

import willbuy.features.dictionary as module
from willbuy.features.definitions import FEATURES
from willbuy.features.dictionary import dictionary
from willbuy.features.feature import FAMILIES

WRITTEN = Path(__file__).parents[2] / module.PATH


def test_the_written_dictionary_is_current():
    message = "docs/features.md is out of date: run `python -m willbuy.features.dictionary` and commit it"
    assert WRITTEN.read_text(encoding="utf-8") == dictionary(), message


def test_every_feature_has_one_row_with_its_words():
    lines = dictionary().splitlines()
    for feature in FEATURES:
        rows = [line for line in lines if line.startswith(f"| `{feature.name}` |")]
        assert len(rows) == 1
        assert feature.description in rows[0] and feature.dtype in rows[0]


def test_every_family_has_a_heading():
    assert set(module.HEADINGS) == set(FAMILIES)
    assert dictionary().count("\n## ") == 1 + len(FAMILIES)


def test_no_definition_breaks_its_table():
    assert not any("|" in f.description or "\n" in f.description for f in FEATURES)
