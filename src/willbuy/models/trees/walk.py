"""The numba kernel that walks flat trees. trees.py describes the arrays and packs them into the `nodes` read here.

A packed node is four int32: the column, the float32 threshold or leaf value, the left child (the right one follows
it), and flags. A leaf is its own left child, so that trees of different depth can take their steps side by side.
"""

import numpy as np
from numpy import int32, uint32

from willbuy.compiled import entry, part

# Plain uint32 everywhere: a signed index would cost numba a check for negative ones at each step.
ONE, FEATURE, VALUE, LEFT, FLAGS = uint32(1), uint32(0), uint32(1), uint32(2), uint32(3)
INNER, MISSING_LEFT, CATEGORICAL = uint32(1), uint32(2), uint32(2)  # two bits, and a shift


@part
def goes_right(words, segment, x):
    """1 if the category `x` is in the set of `words` at `segment`; one beyond the stored bits is not, as in XGBoost."""
    # NaN passes neither comparison, so its undefined integer is never used.
    if not 0 <= x < 32 * words[segment]:
        return uint32(0)
    code = uint32(int32(x))
    return words[segment + ONE + (code >> uint32(5))] >> (code & uint32(31)) & ONE


@part
def step(row, node, nodes, values, words):
    """The node after `node`, exactly as XGBoost decides it: float32 `x < threshold` goes left, NaN as was learned."""
    x, flags = row[uint32(nodes[node, FEATURE])], uint32(nodes[node, FLAGS])
    missing = uint32(x != x)
    if flags >> CATEGORICAL:
        left = ONE ^ (missing | goes_right(words, (flags >> CATEGORICAL) - ONE, x))
    else:
        left = uint32(x < values[node, VALUE])
    left |= missing & (flags >> ONE)
    return uint32(nodes[node, LEFT]) + ((ONE ^ (left & ONE)) & flags & INNER)


@entry
def margins(rows, roots, depths, nodes, values, words, base):
    """`base` and every tree's leaf, added in float32 tree after tree for each row: XGBoost's order, hence its bits.

    Four trees at a time, because a step waits for memory and four waits overlap: three times faster than one by one.
    """
    margins = np.empty(len(rows), np.float32)
    fours = len(roots) - len(roots) % 4
    for r in range(len(rows)):
        row, total = rows[r], base[0]
        for t in range(0, fours, 4):
            a, b, c, d = uint32(roots[t]), uint32(roots[t + 1]), uint32(roots[t + 2]), uint32(roots[t + 3])
            for _ in range(max(max(depths[t], depths[t + 1]), max(depths[t + 2], depths[t + 3]))):
                a, b = step(row, a, nodes, values, words), step(row, b, nodes, values, words)
                c, d = step(row, c, nodes, values, words), step(row, d, nodes, values, words)
            total += values[a, VALUE]
            total += values[b, VALUE]
            total += values[c, VALUE]
            total += values[d, VALUE]
        for t in range(fours, len(roots)):
            a = uint32(roots[t])
            for _ in range(depths[t]):
                a = step(row, a, nodes, values, words)
            total += values[a, VALUE]
        margins[r] = total
    return margins
