"""What acting on a prediction earns, and from which probability it pays."""

import numpy as np
import pandas as pd


def curve(labels: np.ndarray, probabilities: np.ndarray, sale_value: float, action_cost: float) -> pd.DataFrame:
    """For each threshold the `profit` of acting on every row whose probability is at least that.

    An action always costs `action_cost`, and earns `sale_value` if a purchase follows. Columns:
    threshold (falling), share (of rows acted on), profit (money), profit_per_1000 (money for 1,000 decisions).
    """
    order = np.argsort(-probabilities, kind="stable")
    p = probabilities[order]
    ends = np.append(np.flatnonzero(np.diff(p)), len(p) - 1)
    acted = ends + 1
    profit = sale_value * np.cumsum(labels[order], dtype=np.float64)[ends] - action_cost * acted
    return pd.DataFrame(
        {"threshold": p[ends], "share": acted / len(p), "profit": profit, "profit_per_1000": 1000 * profit / len(p)}
    )


def best_threshold(labels: np.ndarray, probabilities: np.ndarray, sale_value: float, action_cost: float) -> float:
    """The threshold with the highest profit; 1.0, acting on nobody, if no threshold earns anything."""
    found = curve(labels, probabilities, sale_value, action_cost)
    best = found.loc[found.profit.idxmax()]
    return float(best.threshold) if best.profit > 0 else 1.0


def at_threshold(
    labels: np.ndarray, probabilities: np.ndarray, threshold: float, sale_value: float, action_cost: float
) -> float:
    """The money earned by acting on every row whose probability is at least `threshold`."""
    acted = probabilities >= threshold
    return float(sale_value * labels[acted].sum() - action_cost * acted.sum())
