"""current.json: one module reads and writes it."""

import json
import os

import pytest

from willbuy.models.pointer import POINTER, champion, promote
from willbuy.models.versions import CARD, DamagedModelError

VERSIONS = [f"xgboost_2024010{day}_000000" for day in (1, 2)]


@pytest.fixture
def models(tmp_path):
    for version in VERSIONS:
        (tmp_path / version).mkdir()
        (tmp_path / version / CARD).write_text("{}")
    return tmp_path


def test_it_points_at_nothing_and_then_at_what_was_promoted_last(models):
    assert champion(models) is None
    for version in [*VERSIONS, VERSIONS[0]]:
        promote(models, version, "because")
        assert champion(models) == version
    assert json.loads((models / POINTER).read_text())["reason"] == "because"


def test_a_version_that_is_not_there_is_not_promoted(models):
    promote(models, VERSIONS[0], "first")
    with pytest.raises(FileNotFoundError, match=VERSIONS[1]):
        promote(models, "xgboost_19990101_000000", "no reason")
    assert champion(models) == VERSIONS[0]


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"version": 3}', '{"version": "../x"}', "[" * 9999])
def test_a_pointer_that_names_no_version_is_refused_with_those_there_are(models, content):
    (models / POINTER).write_text(content)
    with pytest.raises(DamagedModelError, match=f"names no version.*{VERSIONS[0]}"):
        champion(models)


def test_each_pointer_looks_later_than_the_one_before(models):
    promote(models, VERSIONS[0], "first")
    os.utime(models / POINTER, ns=(2**62, 2**62))
    times = []
    for version in VERSIONS * 3:
        promote(models, version, "because")
        times.append((models / POINTER).stat().st_mtime_ns)
    assert times == sorted(set(times))
    assert times[0] > 2**62
