"""The parts of validation: one stops the boosting, it and another calibrate and set the threshold, one judges."""

from hashlib import blake2b

import numpy as np
import pandas as pd

STOPPING, CALIBRATION, JUDGING = "stopping", "calibration", "judging"
# By the last two bits of a digest. Half of the users stop the boosting; nothing is ever fitted to those who judge.
PARTS = np.array([STOPPING, CALIBRATION, STOPPING, JUDGING])


def of(user_ids) -> np.ndarray:
    """The part of each user id, by two bits of its digest: all rows of a user are in one part, in every build."""
    codes, users = pd.factorize(np.asarray(user_ids, dtype=object))
    bits = np.array([blake2b(str(u).encode(), digest_size=1).digest()[0] & 3 for u in users], dtype=np.int64)
    return PARTS[bits][codes]
