"""What a model has to beat: the base rate, and one simple rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

# What the rule reads: the decision itself may be an add_to_cart, and so may any of the last 30 days.
RULE_FEATURES = ("is_cart", "user_item_cart_count_30d")


@dataclass(frozen=True)
class Dummy:
    """Everyone buys at the base rate of train."""

    base_rate: float

    @classmethod
    def fit(cls, labels: np.ndarray) -> Dummy:
        """The share of positives in `labels`."""
        return cls(float(np.mean(labels)))

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """The base rate, once a row."""
        return np.full(len(features), self.base_rate)


@dataclass(frozen=True)
class Rule:
    """A user who has put this item in the cart buys it: the base rates of train with and without a cart."""

    carted: float
    others: float

    @classmethod
    def fit(cls, features: pd.DataFrame, labels: np.ndarray) -> Rule:
        """The two rates, each with half a positive and half a negative added so that neither is 0 or 1."""
        carted = has_carted(features)
        return cls(_rate(labels[carted]), _rate(labels[~carted]))

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """The rate of each row's group."""
        return np.where(has_carted(features), self.carted, self.others)


def has_carted(features: pd.DataFrame) -> np.ndarray:
    """True where the user has added this item to the cart: now, or in the 30 days before. A null counts as no."""
    return (features[list(RULE_FEATURES)].astype("float64").fillna(0) > 0).any(axis=1).to_numpy()


def _rate(labels: np.ndarray) -> float:
    return float((np.sum(labels) + 0.5) / (len(labels) + 1))
