"""Who contributed what to a row's log-odds: exact Shapley values of flat trees, in numba.

The game is that of TreeSHAP (Lundberg et al. 2018, arXiv:1802.03888, "path-dependent"): a tree that may not ask
about a feature follows both children, weighed by cover. Per leaf, its path's distinct features i carry
z_i, the share of cover that stays on the path, and whether the row follows the path at all of i's questions.
With F the followed and U the other features, m = |F| + |U|, Z = the product of z over U, and e_k the coefficient
of y^k in the product of (z_j + y) over a set, the leaf v adds

    v Z (1 - z_i) sum_k w(m, k) e_k(F without i)   to a followed i,   w(m, k) = k! (m - k - 1)! / m!
    -v Z sum_k w(m, k) e_k(F)                      to any other i.
"""

from functools import lru_cache

import numpy as np

from willbuy.compiled import entry, part
from willbuy.models.trees.walk import FEATURE, FLAGS, INNER, LEFT, VALUE, step


@lru_cache
def weights(depth: int) -> np.ndarray:
    """w(m, k) for 0 <= k < m <= `depth`, shape (depth + 2, depth + 2); 0 elsewhere."""
    table = np.zeros((depth + 2, depth + 2))
    for m in range(1, depth + 2):
        table[m, 0] = 1 / m
        for k in range(1, m):
            table[m, k] = table[m, k - 1] * k / (m - k)
    return table


@entry
def expected_value(roots, nodes, values, cover):
    """The sum over trees of the cover-weighted mean of their leaves."""
    mean = values[:, VALUE].astype(np.float64)
    for node in range(len(nodes) - 1, -1, -1):
        if nodes[node, FLAGS] & INNER:
            left = nodes[node, LEFT]
            share = _share(left, left, cover)
            mean[node] = share * mean[left] + (1 - share) * mean[left + 1]
    return mean[roots].sum()


@part
def _share(node, left, cover):
    """The share of its parent's cover that `node` gets; `left` is the parent's left child."""
    return cover[node] / (np.float64(cover[left]) + cover[left + 1])


@part
def _extend(level, names, zeros, ones, counts, name, zero, one):
    """Copy the path of `level` to the next one and add a question about `name`; questions about one feature merge."""
    n = counts[level]
    names[level + 1, :n], zeros[level + 1, :n], ones[level + 1, :n] = (
        names[level, :n],
        zeros[level, :n],
        ones[level, :n],
    )
    at = n
    for j in range(n):
        if names[level, j] == name:
            at = j
    if at == n:
        names[level + 1, n], zeros[level + 1, n], ones[level + 1, n] = name, zero, one
    else:
        zeros[level + 1, at] *= zero
        ones[level + 1, at] &= one
    counts[level + 1] = max(n, at + 1)


@part
def _weighted(polynomial, degree, weight):
    total = 0.0
    for k in range(degree + 1):
        total += weight[k] * polynomial[k]
    return total


@part
def _add_leaf(v, m, names, zeros, ones, weight, polynomial, quotient, shares):
    """Add one leaf's part, by the formula of this module, to `shares`."""
    polynomial[0], degree = 1.0, 0
    for j in range(m):
        if not ones[j]:
            v *= zeros[j]
            continue
        degree += 1
        polynomial[degree] = polynomial[degree - 1]
        for k in range(degree - 1, 0, -1):
            polynomial[k] = polynomial[k - 1] + zeros[j] * polynomial[k]
        polynomial[0] *= zeros[j]
    others = v * _weighted(polynomial, degree, weight) if degree < m else 0.0
    for j in range(m):
        if not ones[j]:
            shares[names[j]] -= others
            continue
        quotient[degree - 1] = polynomial[degree]
        for k in range(degree - 1, 0, -1):
            quotient[k - 1] = polynomial[k] - zeros[j] * quotient[k]
        shares[names[j]] += v * (1 - zeros[j]) * _weighted(quotient, degree - 1, weight)


@part
def _add_tree(row, root, nodes, values, words, cover, weight, shares):
    """Walk all of one tree, depth first, and add every leaf's part to `shares`, one value a feature."""
    deep = len(weight)
    names, counts = np.empty((deep, deep), np.int64), np.zeros(deep, np.int64)
    zeros, ones = np.empty((deep, deep)), np.empty((deep, deep), np.bool_)
    scratch, quotient = np.empty(deep), np.empty(deep)
    stack, levels, parents = np.empty(deep, np.int64), np.empty(deep, np.int64), np.empty(deep, np.int64)
    stack[0], levels[0], parents[0], top = root, 0, -1, 1
    while top:
        top -= 1
        node, level, parent = stack[top], levels[top], parents[top]
        if parent >= 0:
            followed = step(row, parent, nodes, values, words) == node
            share = _share(node, nodes[parent, LEFT], cover)
            _extend(level - 1, names, zeros, ones, counts, nodes[parent, FEATURE], share, followed)
        if not nodes[node, FLAGS] & INNER:
            m = counts[level]
            leaf = np.float64(values[node, VALUE])
            _add_leaf(leaf, m, names[level], zeros[level], ones[level], weight[m], scratch, quotient, shares)
            continue
        for side in range(2):
            stack[top], levels[top], parents[top] = nodes[node, LEFT] + side, level + 1, node
            top += 1


@entry
def add_contributions(rows, roots, nodes, values, words, cover, weight, shares):
    """Add every leaf's part to `shares`, shape (rows, features); `weight` is `weights(depth)`."""
    for r in range(len(rows)):
        for root in roots:
            _add_tree(rows[r], root, nodes, values, words, cover, weight, shares[r])
