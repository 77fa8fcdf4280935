"""Boosted trees as flat arrays: what a server needs of an XGBoost model, without XGBoost.

XGBoost's own loader can crash the process on a damaged file. These arrays are read without pickle, every index in
them is checked before the first walk, and the walk gives XGBoost's own float32 log-odds, bit for bit.
"""

import io
import json
import math
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from willbuy.files import atomic
from willbuy.models.trees import shap, walk

DEEPEST = 64
LEAF = -1
NODE_ARRAYS = {
    "feature": np.int32,
    "value": np.float32,
    "left": np.int32,
    "missing_left": np.int32,
    "segment": np.int32,
    "cover": np.float32,
}
ARRAYS = {"roots": np.int32, **NODE_ARRAYS, "words": np.uint32, "base": np.float32}


class DamagedTreesError(ValueError):
    """Arrays that are not a set of trees; the message names the array and what is wrong with it."""


@dataclass(frozen=True, eq=False)
class Trees:
    """All nodes of all trees in one row of arrays: children after their parent, a right one right after its left one.

    `roots` (int32, one a tree) holds each tree's first node. For node i, `feature[i]` is the column it asks about, or
    -1 for a leaf; `value[i]` the float32 threshold (`x < value` goes left) or the leaf's log-odds; `left[i]` the left
    child, or -1; `missing_left[i]` 1 if NaN goes left, else 0; `cover[i]` the training weight that came by. A
    categorical node has `segment[i] >= 0`: `words[segment]` counts the uint32 words that follow, and a set bit sends
    its category right. `base` (float32, one value) is the log-odds that every row starts from.
    """

    roots: np.ndarray
    feature: np.ndarray
    value: np.ndarray
    left: np.ndarray
    missing_left: np.ndarray
    segment: np.ndarray
    cover: np.ndarray
    words: np.ndarray
    base: np.ndarray

    @cached_property
    def _packed(self) -> tuple[np.ndarray, np.ndarray]:
        """The nodes as treewalk reads them: one int32 array of shape (nodes, 4), and the same memory as float32."""
        inner = self.feature != LEAF
        nodes = np.empty((len(inner), 4), np.int32)
        values = nodes.view(np.float32)
        nodes[:, 0], values[:, 1] = np.where(inner, self.feature, 0), self.value
        nodes[:, 2] = np.where(inner, self.left, np.arange(len(inner)))
        nodes[:, 3] = np.where(inner, 1 | self.missing_left << 1 | self.segment + 1 << 2, 0)
        return nodes, values

    @cached_property
    def depths(self) -> np.ndarray:
        """Questions on the longest way from each root to a leaf, int32."""
        level = np.zeros(len(self.feature), dtype=np.int32)
        for node in np.flatnonzero(self.feature != LEAF):
            level[self.left[node] : self.left[node] + 2] = level[node] + 1
        return np.maximum.reduceat(level, self.roots)

    @cached_property
    def expected(self) -> float:
        """The log-odds before any feature is known: `base` and the cover-weighted mean of every tree."""
        return float(self.base[0]) + shap.expected_value(self.roots, *self._packed, self.cover)

    def margins(self, matrix: np.ndarray) -> np.ndarray:
        """Float32 log-odds of each row of a C-ordered float32 `matrix` (NaN is missing): XGBoost's, bit for bit."""
        nodes, values = self._packed
        return walk.margins(matrix, self.roots, self.depths, nodes, values, self.words, self.base)

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """Each feature's exact Shapley share (path-dependent TreeSHAP) of each row's log-odds, float64.

        A row's shares and `expected` sum to its margin, up to float32 rounding.
        """
        shares = np.zeros(matrix.shape)
        weights = shap.weights(int(self.depths.max()))
        shap.add_contributions(matrix, self.roots, *self._packed, self.words, self.cover, weights, shares)
        return shares

    def check(self, columns: int) -> None:
        """Raise DamagedTreesError unless a walk over rows of `columns` values must end, and within the arrays."""
        _check_kinds(self)
        _check_roots(self)
        _require(((self.feature >= LEAF) & (self.feature < columns)).all(), f"feature: not all in -1 to {columns - 1}")
        _require(np.isfinite(self.value).all() and np.isfinite(self.base).all(), "value, base: not all finite")
        _require((np.isfinite(self.cover) & (self.cover > 0)).all(), "cover: not all positive and finite")
        _require(np.isin(self.missing_left, (0, 1)).all(), "missing_left: not all 0 or 1")
        _check_children(self)
        _check_segments(self)
        _require(self.depths.max() <= DEEPEST, f"left: deeper than {DEEPEST} questions")


def from_booster(booster) -> Trees:
    """The flat arrays of an XGBoost `booster` with the objective binary:logistic.

    Raises ValueError for a booster of another kind: its margins would need another walk.
    """
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    if learner["objective"]["name"] != "binary:logistic" or learner["gradient_booster"]["name"] != "gbtree":
        raise ValueError("only gbtree boosters with the objective binary:logistic can be flattened")
    nodes = {name: [] for name in NODE_ARRAYS}
    roots, words = [], []
    for tree in learner["gradient_booster"]["model"]["trees"]:
        roots.append(len(nodes["feature"]))
        _append(tree, nodes, words)
    base = _log_odds(learner["learner_model_param"]["base_score"])
    lists = {"roots": roots, **nodes, "words": words, "base": [base]}
    return Trees(**{name: np.array(lists[name], dtype) for name, dtype in ARRAYS.items()})


def save(trees: Trees, path: str | Path) -> None:
    """Write the arrays to `path` (.npz, uncompressed), whole or not at all; equal trees give equal bytes."""
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **{name: getattr(trees, name) for name in ARRAYS})


def read(content: bytes, columns: int) -> Trees:
    """The checked trees in `content`, the bytes of an .npz file, for rows of `columns` values.

    Raises DamagedTreesError for anything else than what `save` writes.
    """
    try:
        trees = _arrays(content)
    except Exception as error:  # zip and npy readers raise whatever a damaged byte leads them to
        raise DamagedTreesError(f"not readable as flat arrays: {error}") from error
    trees.check(columns)
    return trees


def _arrays(content: bytes) -> Trees:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        # What is stored as it is cannot unpack to more than the file's size.
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise ValueError("a member is compressed")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        if set(file.files) != set(ARRAYS):
            raise ValueError(f"its members are {sorted(file.files)}")
        return Trees(**{name: file[name] for name in file.files})


def _append(tree: dict, nodes: dict, words: list) -> None:
    """Add the nodes that can be reached from the root, and after each pair what most rows ask next.

    Walks that go with the crowd then step through memory line by line instead of jumping.
    """
    left, right, cover = tree["left_children"], tree["right_children"], tree["sum_hessian"]
    segments = _segments(tree, words)

    def place(node: int) -> tuple[int, int]:
        nodes["feature"].append(tree["split_indices"][node] if left[node] != LEAF else LEAF)
        nodes["left"].append(LEAF)
        nodes["value"].append(tree["split_conditions"][node])
        nodes["missing_left"].append(tree["default_left"][node])
        nodes["segment"].append(segments.get(node, LEAF))
        nodes["cover"].append(cover[node])
        return node, len(nodes["left"]) - 1

    pending = [place(0)]
    while pending:
        node, at = pending.pop()
        if left[node] != LEAF:
            nodes["left"][at] = len(nodes["left"])
            pending += sorted([place(left[node]), place(right[node])], key=lambda placed: cover[placed[0]])


def _segments(tree: dict, words: list) -> dict[int, int]:
    """Append the category sets of `tree` to `words`; return where each categorical node's begins."""
    segments = {}
    spans = zip(tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True)
    for node, start, size in spans:
        segments[node] = len(words)
        bits = sum(1 << category for category in set(tree["categories"][start : start + size]))
        count = max(1, -(-bits.bit_length() // 32))
        words += [count, *(bits >> 32 * i & 0xFFFFFFFF for i in range(count))]
    return segments


def _log_odds(base_score: str) -> np.float32:
    # XGBoost keeps the mean as a float32 probability p and takes logf(1 / p - 1); NumPy's float32 log is an ulp off.
    probability = np.float32(json.loads(base_score)[0] if base_score.startswith("[") else base_score)
    return -np.float32(math.log(np.float32(1) / probability - np.float32(1)))


def _check_kinds(trees: Trees) -> None:
    for name, dtype in ARRAYS.items():
        array = getattr(trees, name)
        _require(array.dtype == dtype and array.ndim == 1, f"{name}: should be a flat array of {np.dtype(dtype)}")
    lengths = {len(getattr(trees, name)) for name in NODE_ARRAYS}
    _require(len(lengths) == 1 and lengths != {0}, "the arrays of nodes differ in length, or are empty")
    _require(len(trees.base) == 1, "base: should hold one value")


def _check_roots(trees: Trees) -> None:
    roots = trees.roots
    rising = len(roots) > 0 and roots[0] == 0 and (np.diff(roots) > 0).all() and roots[-1] < len(trees.feature)
    _require(rising, "roots: should rise from 0 within the nodes")


def _check_children(trees: Trees) -> None:
    nodes = np.flatnonzero(trees.feature != LEAF)
    left = trees.left[nodes].astype(np.int64)
    end = np.append(trees.roots, len(trees.feature))[np.searchsorted(trees.roots, nodes, side="right")]
    # Children lie after their parent and within its tree: no walk can turn in circles or leave.
    _require(((left > nodes) & (left + 1 < end)).all(), "left: children that are not further on in their tree")
    parents = np.bincount(np.concatenate([left, left + 1, trees.roots]), minlength=len(trees.feature))
    _require((parents == 1).all(), "left: a node without a parent, or with two")


def _check_segments(trees: Trees) -> None:
    segment = trees.segment[(trees.feature != LEAF) & (trees.segment != -1)].astype(np.int64)
    _require(((segment >= 0) & (segment < len(trees.words))).all(), "segment: points outside of words")
    ends = segment + 1 + trees.words[segment].astype(np.int64)
    _require((ends <= len(trees.words)).all(), "words: a set of categories runs past the end")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise DamagedTreesError(what)
