"""Boosted trees as flat arrays: what a server needs of an XGBoost model, without XGBoost.

XGBoost's own loader can crash the process on a damaged file. These arrays are read without pickle, every index in
them is checked before the first walk, and the walk gives XGBoost's own float32 log-odds, bit for bit.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np

from willbuy.files import atomic
from willbuy.models import treeshap, treewalk
from willbuy.models.treewalk import LEAF

DEEPEST = 64
INTEGERS = ("roots", "feature", "left", "right", "missing", "segment")
FLOATS = ("value", "cover", "base")
NODE_ARRAYS = ("feature", "value", "left", "right", "missing", "segment", "cover")


class DamagedTreesError(ValueError):
    """Arrays that are not a set of trees; the message names the array and what is wrong with it."""


@dataclass(frozen=True, eq=False)
class Trees:
    """All nodes of all trees in one row of arrays, each tree in preorder.

    `roots` (int32, one a tree) holds each tree's first node. For node i, `feature[i]` is the column it asks about, or
    -1 for a leaf; `value[i]` the float32 threshold (`x < value` goes left) or the leaf's log-odds; `left`, `right` and
    `missing` the nodes to go to, the last for NaN; `cover` the training weight that came by. A categorical node has
    `segment[i] >= 0`: `words[segment]` counts the uint32 words that follow, a set bit sends its category right.
    `base` (float32, one value) is the log-odds that every row starts from.
    """

    roots: np.ndarray
    feature: np.ndarray
    value: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing: np.ndarray
    segment: np.ndarray
    cover: np.ndarray
    words: np.ndarray
    base: np.ndarray

    @cached_property
    def _walk(self) -> tuple[np.ndarray, ...]:
        return self.roots, self.feature, self.value, self.left, self.right, self.missing, self.segment, self.words

    @cached_property
    def depth(self) -> int:
        """Questions on the longest way from a root to a leaf."""
        level = np.zeros(len(self.feature), dtype=np.int64)
        for node in np.flatnonzero(self.feature != LEAF):
            level[self.left[node]] = level[self.right[node]] = level[node] + 1
        return int(level.max())

    @cached_property
    def expected(self) -> float:
        """The log-odds before any feature is known: `base` and the cover-weighted mean of every tree."""
        arrays = self.roots, self.feature, self.value, self.left, self.right, self.cover
        return float(self.base[0]) + treeshap.expected_value(*arrays)

    def margins(self, matrix: np.ndarray) -> np.ndarray:
        """Float32 log-odds of each row of a C-ordered float32 `matrix` (NaN is missing): XGBoost's, bit for bit."""
        margins = np.full(len(matrix), self.base[0], dtype=np.float32)
        treewalk.add_margins(matrix, *self._walk, margins)
        return margins

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """Each feature's exact Shapley share (path-dependent TreeSHAP) of each row's log-odds, float64.

        A row's shares and `expected` sum to its margin, up to float32 rounding.
        """
        shares = np.zeros(matrix.shape)
        treeshap.add_contributions(matrix, *self._walk, self.cover, treeshap.weights(self.depth), shares)
        return shares

    def check(self, columns: int) -> None:
        """Raise DamagedTreesError unless a walk over rows of `columns` values must end, and within the arrays."""
        _check_kinds(self)
        _check_roots(self)
        inner = self.feature != LEAF
        _require(((self.feature >= LEAF) & (self.feature < columns)).all(), f"feature: not all in -1 to {columns - 1}")
        _require(np.isfinite(self.value).all() and np.isfinite(self.base).all(), "value, base: not all finite")
        _require((np.isfinite(self.cover) & (self.cover > 0)).all(), "cover: not all positive and finite")
        _check_children(self, inner)
        _check_segments(self, inner)
        _require(self.depth <= DEEPEST, f"left, right: deeper than {DEEPEST} questions")


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
    arrays = {name: np.array(values, _dtype(name)) for name, values in nodes.items()}
    base = np.array([_log_odds(learner["learner_model_param"]["base_score"])], np.float32)
    return Trees(roots=np.array(roots, np.int32), words=np.array(words, np.uint32), base=base, **arrays)


def save(trees: Trees, path: str | Path) -> None:
    """Write the arrays to `path` (.npz, uncompressed), whole or not at all; equal trees give equal bytes."""
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **{f.name: getattr(trees, f.name) for f in fields(Trees)})


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
        if set(file.files) != {f.name for f in fields(Trees)}:
            raise ValueError(f"its members are {sorted(file.files)}")
        return Trees(**{name: file[name] for name in file.files})


def _append(tree: dict, nodes: dict, words: list) -> None:
    """Add the nodes that can be reached from the root, in preorder: a child always comes after its parent."""
    old = _preorder(tree["left_children"], tree["right_children"])
    first = len(nodes["feature"])
    new = {node: first + i for i, node in enumerate(old)} | {-1: LEAF}
    segments = _segments(tree, words)
    for node in old:
        left, right = new[tree["left_children"][node]], new[tree["right_children"][node]]
        nodes["feature"].append(LEAF if left == LEAF else tree["split_indices"][node])
        nodes["value"].append(tree["split_conditions"][node])
        nodes["left"].append(left)
        nodes["right"].append(right)
        nodes["missing"].append(left if tree["default_left"][node] else right)
        nodes["segment"].append(segments.get(node, -1))
        nodes["cover"].append(tree["sum_hessian"][node])


def _preorder(left: list[int], right: list[int]) -> list[int]:
    order, stack = [], [0]
    while stack:
        node = stack.pop()
        order.append(node)
        if left[node] != -1:
            stack += [right[node], left[node]]
    return order


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
    # XGBoost keeps the mean as a probability in float32 and takes -log(1 / p - 1) of it, in float32 as well.
    probability = np.float32(json.loads(base_score)[0] if base_score.startswith("[") else base_score)
    return -np.log(np.float32(1) / probability - np.float32(1))


def _dtype(name: str) -> type:
    return np.int32 if name in INTEGERS else np.float32 if name in FLOATS else np.uint32


def _check_kinds(trees: Trees) -> None:
    for field in fields(Trees):
        array = getattr(trees, field.name)
        _require(array.dtype == _dtype(field.name) and array.ndim == 1, f"{field.name}: should be flat {_dtype(field.name)}")
    lengths = {len(getattr(trees, name)) for name in NODE_ARRAYS}
    _require(len(lengths) == 1 and lengths != {0}, "the arrays of nodes differ in length, or are empty")
    _require(len(trees.base) == 1, "base: should hold one value")


def _check_roots(trees: Trees) -> None:
    roots = trees.roots
    rising = len(roots) > 0 and roots[0] == 0 and (np.diff(roots) > 0).all() and roots[-1] < len(trees.feature)
    _require(rising, "roots: should rise from 0 within the nodes")


def _check_children(trees: Trees, inner: np.ndarray) -> None:
    nodes = np.flatnonzero(inner)
    left, right, missing = trees.left[nodes], trees.right[nodes], trees.missing[nodes]
    end = np.append(trees.roots, len(trees.feature))[np.searchsorted(trees.roots, nodes, side="right")]
    for name, child in (("left", left), ("right", right)):
        # A child lies after its parent and within its tree: no walk can turn in circles or leave.
        _require(((child > nodes) & (child < end)).all(), f"{name}: a child is not further on in its tree")
    parents = np.bincount(np.concatenate([left, right]), minlength=len(trees.feature))
    parents[trees.roots] += 1
    _require((parents == 1).all(), "left, right: a node without a parent, or with two")
    _require(((missing == left) | (missing == right)).all(), "missing: neither the left nor the right child")


def _check_segments(trees: Trees, inner: np.ndarray) -> None:
    segment = trees.segment[inner & (trees.segment != -1)].astype(np.int64)
    inside = (segment >= 0) & (segment < len(trees.words))
    _require(inside.all(), "segment: points outside of words")
    ends = segment + 1 + trees.words[segment].astype(np.int64)
    _require((ends <= len(trees.words)).all(), "words: a set of categories runs past the end")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise DamagedTreesError(what)
