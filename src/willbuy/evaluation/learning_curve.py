"""Would a longer log help? Small models of ever more of the last days of train, judged on the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xgboost as xgb
from matplotlib.figure import Figure

from willbuy.clock import DAY_US
from willbuy.evaluation.comparison import Comparison, compare
from willbuy.evaluation.intervals import UserBootstrap
from willbuy.looks import VERMILION
from willbuy.models import boosted, reading
from willbuy.models.encoding import Encoding

PARTS = (8, 4, 2, 1)  # an eighth of the days, a quarter, half, all
POSITIVES, NEGATIVES = 10_000, 3  # at most so many rows with a purchase, and so many others for each of them
# In place of the settings of the real model. One thread: so small a model costs more to divide than to train.
QUICK = {"learning_rate": 0.1, "max_depth": 6, "max_bin": 64, "nthread": 1}
ROUNDS = 60
LITTLE = 0.02  # of PR-AUC, for twice the days


@dataclass(frozen=True)
class Rows:
    """A sample of train: how many days before train's end each row lies, its features, its label and its weight."""

    age: np.ndarray
    matrix: np.ndarray
    labels: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class LearningCurve:
    """`days` known, from few to all; `positives` among the rows of each; `compared` has a model for each of `days`."""

    days: tuple[int, ...]
    positives: tuple[int, ...]
    compared: Comparison

    def table(self) -> pd.DataFrame:
        """One row a number of days: positives, and pr_auc with its interval."""
        found = [self.compared.estimate(str(n), "pr_auc") for n in self.days]
        return pd.DataFrame({"positives": self.positives, "pr_auc": found}, index=pd.Index(self.days, name="days"))

    def verdict(self) -> str:
        """What the last doubling of the days brought, beyond chance or not."""
        if len(self.days) < 2:
            return "Train is too short to be divided by days."
        half, whole = self.days[-2:]
        gain = self.compared.difference(str(whole), str(half), "pr_auc")
        if gain.low > 0:
            so = "**a longer log would help**"
        else:
            so = "**more days would bring little**" if gain.high < LITTLE else "**whether more would help is open**"
        return f"From the last {half} days to all {whole} PR-AUC changes by {gain}: {so}."


def measure(
    train: str | Path,
    encoding: Encoding,
    settings: Mapping[str, float],
    judged: tuple[np.ndarray, np.ndarray],
    bootstrap: UserBootstrap,
) -> LearningCurve:
    """Train a small model for each of PARTS of the days of the features file `train`, and judge it.

    `settings` are those of `boosted.watched`, seed included; QUICK replaces some. `judged` is a matrix and its labels.
    A model of fewer days knows the last ones; their features look back as far as the log goes all the same.
    """
    rows = _read(train, encoding, int(settings["seed"]))
    kept = {n: rows.age < n for n in sorted({-(-int(rows.age.max() + 1) // part) for part in PARTS})}
    days = [n for n, here in kept.items() if 0 < rows.labels[here].sum() < here.sum()]
    predictions = {str(n): _fitted(rows, kept[n], encoding, settings).inplace_predict(judged[0]) for n in days}
    positives = tuple(int(rows.labels[kept[n]].sum()) for n in days)
    return LearningCurve(tuple(days), positives, compare(judged[1], predictions, bootstrap))


def _read(train: str | Path, encoding: Encoding, seed: int) -> Rows:
    known = pq.read_table(train, columns=["label", "timestamp"])
    labels, time = known["label"].to_numpy(), known["timestamp"].cast(pa.int64()).to_numpy()
    positives = min(int(labels.sum()), POSITIVES)
    share = np.where(labels == 1, positives / max(labels.sum(), 1), NEGATIVES * positives / max((labels == 0).sum(), 1))
    share = np.minimum(share, 1)
    kept = np.random.default_rng(seed).random(len(labels)) < share
    age = (time.max() - time[kept]) // DAY_US
    weights = (1 / share[kept]).astype(np.float32)
    return Rows(age, reading.matrix(train, encoding, kept), labels[kept], weights)


def _fitted(rows: Rows, here: np.ndarray, encoding: Encoding, settings: Mapping[str, float]) -> xgb.Booster:
    shared = {"max_bin": QUICK["max_bin"], "nthread": QUICK["nthread"], "enable_categorical": True}
    data = xgb.QuantileDMatrix(
        rows.matrix[here], rows.labels[here], weight=rows.weights[here], **encoding.named, **shared
    )
    own = {name: value for name, value in settings.items() if name not in boosted.STOPPING}
    return xgb.train({**boosted.FIXED, **own, **QUICK}, data, ROUNDS)


def figure(curve: LearningCurve) -> Figure:
    """PR-AUC by the number of days known, with 95% intervals."""
    drawn, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
    found = curve.table().pr_auc
    value, low, high = (np.array([getattr(each, end) for each in found]) for end in ("value", "low", "high"))
    axes.errorbar(curve.days, value, np.abs([value - low, high - value]), fmt="o-", color=VERMILION, capsize=3)
    axes.set(
        xlabel="days of train that the model knows, the last ones", ylabel="PR-AUC", xticks=curve.days, ylim=(0, None)
    )
    plt.close(drawn)
    return drawn
