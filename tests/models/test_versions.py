import shutil
import subprocess
from datetime import datetime

import pytest

from willbuy.models import versions
from willbuy.models.predictors import LOGISTIC
from willbuy.models.versions import CARD, DIGESTS, DamagedModelError


@pytest.fixture
def version(tmp_path):
    folder = tmp_path / "xgboost_20240101_000000"
    folder.mkdir()
    (folder / CARD).write_text("{}")
    (folder / "trees.npz").write_bytes(b"\0\1\2")
    versions.write_digests(folder)
    return folder


def test_what_was_saved_is_read_and_what_was_not_is_refused_by_name(version):
    known = versions.digests(version)
    assert versions.read_checked(version / "trees.npz", known) == b"\0\1\2"
    (version / "trees.npz").write_bytes(b"\0\1\3")
    (version / "another").write_text("")
    for name in ("trees.npz", "another"):
        with pytest.raises(DamagedModelError, match=name):
            versions.read_checked(version / name, known)


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum is not installed")
def test_the_digests_can_be_checked_by_hand(version):
    assert subprocess.run(["sha256sum", "--check", "--quiet", DIGESTS], cwd=version).returncode == 0


@pytest.mark.parametrize("content", [b"no digests", b"\xff\xfe", b"0" * 64 + b"  ../../etc/passwd\n"])
def test_another_file_in_their_place_is_refused(version, content):
    (version / DIGESTS).write_bytes(content)
    with pytest.raises(DamagedModelError, match=DIGESTS):
        versions.digests(version)


def test_a_free_name_is_the_second_or_the_next_free_one_after_it(version):
    now = datetime(2024, 1, 1)
    assert versions.free_version(version.parent, now) == "xgboost_20240101_000001"
    assert versions.free_version(version.parent / "empty", now) == version.name
    assert versions.free_version(version.parent, now, LOGISTIC) == "logistic_20240101_000000"
    assert versions.versions(version.parent) == [version.name]


def test_versions_are_in_order_of_time_whatever_serves_in_them(tmp_path):
    names = ["xgboost_20240101_000000", "logistic_20240102_000000", "xgboost_20240103_000000"]
    for name in [*names, "forest_20240104_000000"]:
        (tmp_path / name).mkdir()
    assert versions.versions(tmp_path) == names
