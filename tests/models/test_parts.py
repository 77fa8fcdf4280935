import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willbuy.models import parts
from willbuy.models.parts import CALIBRATION, JUDGING, STOPPING


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=5), min_size=1, max_size=30))
def test_a_user_is_in_one_part_whoever_else_is_there(users):
    found = parts.of(users)
    assert set(found) <= {STOPPING, CALIBRATION, JUDGING}
    assert [parts.of([u])[0] for u in users] == found.tolist()


def test_half_of_the_users_stop_and_a_quarter_each_calibrate_and_judge():
    found = parts.of([f"user_{n}" for n in range(10_000)])
    shares = [np.mean(found == part) for part in (STOPPING, CALIBRATION, JUDGING)]
    np.testing.assert_allclose(shares, [0.5, 0.25, 0.25], atol=0.02)


@pytest.mark.slow
def test_another_process_parts_alike():
    users = [f"u{n}" for n in range(50)]
    code = f"from willbuy.models.parts import of; print(*of({users!r}))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split() == parts.of(users).tolist()
