"""The numba kernels that walk flat trees (see trees.py for the arrays): what a row adds up to."""

from __future__ import annotations

import numba
import numpy as np

LEAF = -1


@numba.njit(cache=True, nogil=True, inline="always")
def child(row, node, feature, value, left, right, missing, segment, words):
    """Where `row` goes from an inner `node`, exactly as XGBoost decides it: float32 comparisons, NaN as learned."""
    x = row[feature[node]]
    if np.isnan(x):
        return missing[node]
    start = segment[node]
    if start < 0:
        return left[node] if x < value[node] else right[node]
    code = np.int64(x)
    # A category beyond the stored bits goes left, as in XGBoost.
    if code < 0 or code >= 32 * np.int64(words[start]):
        return left[node]
    return right[node] if words[start + 1 + (code >> 5)] >> np.uint32(code & 31) & np.uint32(1) else left[node]


@numba.njit(cache=True, nogil=True)
def add_margins(rows, roots, feature, value, left, right, missing, segment, words, margins):
    """Add every tree's leaf to `margins` (float32, one a row), tree after tree: XGBoost's order, hence its bits."""
    for tree in range(len(roots)):
        for r in range(len(rows)):
            node = roots[tree]
            while feature[node] != LEAF:
                node = child(rows[r], node, feature, value, left, right, missing, segment, words)
            margins[r] += value[node]
