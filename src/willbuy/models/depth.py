"""How deep the trees are, where nobody says it: few positives bear shallow trees only."""

from collections.abc import Mapping
from typing import Any

import numpy as np

SHALLOW, DEEP = 4, 6
ENOUGH_FOR_DEEP = 2_000  # positives in train


def chosen(settings: Mapping[str, Any], labels: np.ndarray) -> dict[str, Any]:
    """`settings` with the `max_depth` for the 0/1 `labels` of train in place of 0."""
    depth = settings["max_depth"] or (SHALLOW if np.sum(labels) < ENOUGH_FOR_DEEP else DEEP)
    return {**settings, "max_depth": depth}
