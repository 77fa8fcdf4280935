from writing import features

from willbuy.features.definitions import FEATURES


def test_every_feature_has_one_row_with_its_words():
    lines = "\n".join(features.parts()["features.md"].values()).splitlines()
    for feature in FEATURES:
        rows = [line for line in lines if line.startswith(f"| `{feature.name}` |")]
        assert len(rows) == 1
        assert feature.description in rows[0]
        assert feature.dtype in rows[0]


def test_no_definition_breaks_its_table():
    assert not any("|" in f.description or "\n" in f.description for f in FEATURES)
