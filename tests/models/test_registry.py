import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from willbuy.models import registry
from willbuy.models.predictors import LOGISTIC

VERSION = "xgboost_20240131_120000"
PREDICT = """
import sys, pandas as pd
from willbuy.models import registry
model = registry.load(sys.argv[1])
model.predict(pd.read_parquet(sys.argv[2])).tofile(sys.argv[3])
"""


@pytest.fixture
def saved(model, tmp_path):
    return registry.save(model, tmp_path, VERSION)


@pytest.mark.slow
def test_a_fresh_process_predicts_the_same_bits(saved, model, test_rows, tmp_path):
    test_rows.to_parquet(tmp_path / "rows.parquet")
    command = [sys.executable, "-c", PREDICT, saved, tmp_path / "rows.parquet", tmp_path / "probabilities"]
    subprocess.run(command, check=True)
    assert np.fromfile(tmp_path / "probabilities").tobytes() == model.predict(test_rows).tobytes()


def test_everything_comes_back(saved, model, test_rows):
    loaded = registry.load(saved)
    assert (loaded.encoding, loaded.calibration, loaded.threshold) == (
        model.encoding,
        model.calibration,
        model.threshold,
    )
    assert loaded.baselines == model.baselines
    assert loaded.card["version"] == VERSION
    assert loaded.card.items() >= model.card.items()


def test_logistic_regression_comes_back_without_trees(model, test_rows, tmp_path):
    simple = replace(model, booster=None)
    path = registry.save(simple, tmp_path, "logistic_20240131_120000")
    assert sorted(p.name for p in path.iterdir()) == ["SHA256SUMS", "baselines.json", "model.json"]
    loaded = registry.load(path)
    assert loaded.kind == loaded.card["kind"] == LOGISTIC
    assert loaded.predict(test_rows).tobytes() == simple.predict(test_rows).tobytes()


@pytest.mark.parametrize("file", ["model.ubj", "baselines.json", "model.json"])
def test_a_damaged_file_is_refused_by_name(saved, file):
    content = bytearray((saved / file).read_bytes())
    content[len(content) // 2] ^= 1
    (saved / file).write_bytes(content)
    with pytest.raises(registry.DamagedModelError, match=file):
        registry.load(saved)


def test_a_version_is_never_overwritten(saved, model, tmp_path):
    with pytest.raises(FileExistsError, match="take another name"):
        registry.save(model, tmp_path, VERSION)


@pytest.mark.parametrize("name", ["", "../xgboost_20240131_120000", "xgboost_2024", "current.json"])
def test_other_names_are_refused(model, tmp_path, name):
    with pytest.raises(ValueError, match="no version name"):
        registry.save(model, tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_save_that_dies_leaves_no_version(model, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_write_json", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        registry.save(model, tmp_path, VERSION)
    assert registry.versions(tmp_path) == []
    monkeypatch.undo()
    registry.load(registry.save(model, tmp_path, VERSION))


def test_names_within_one_second_do_not_collide(saved, tmp_path):
    assert registry.free_version(tmp_path, datetime(2024, 1, 31, 12, tzinfo=UTC)) == "xgboost_20240131_120001"
    assert registry.free_version(tmp_path / "new", datetime(2024, 1, 31, 12, tzinfo=UTC)) == VERSION
