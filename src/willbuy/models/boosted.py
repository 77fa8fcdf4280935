"""XGBoost: gradient-boosted trees with native categories and missing values, trained from parquet in pieces."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xgboost as xgb

from willbuy import machine
from willbuy.models.encoding import Encoding, stream

MAX_BIN = 256
# More negatives than this for each positive cost time and improve the model very little.
NEGATIVES_A_POSITIVE = 15


# No `scale_pos_weight`: it would change every probability and no rank. The last metric drives early stopping.
FIXED = {"objective": "binary:logistic", "tree_method": "hist", "max_bin": MAX_BIN, "eval_metric": ["logloss", "aucpr"]}


def thinned(labels: np.ndarray, seed: int) -> np.ndarray:
    """A float32 weight for each row: 1 for a positive, 0 for a negative left out, and at least 1 for a negative kept.

    Up to chance, the weights sum to the number of rows, so that the model learns the probabilities of the whole table.
    """
    negative = np.asarray(labels) == 0
    share = min(1.0, NEGATIVES_A_POSITIVE * max(1, np.sum(~negative)) / max(1, np.sum(negative)))
    drawn = np.random.default_rng(seed).random(len(negative)) < share
    return np.where(negative, drawn / share, 1.0).astype(np.float32)


class RowGroups(xgb.DataIter):
    """A features file as XGBoost reads it: one row group in memory at a time, without the rows of weight 0."""

    def __init__(self, path: str | Path, encoding: Encoding, weights: np.ndarray):
        self._path, self._encoding, self._weights = path, encoding, weights
        self.reset()
        super().__init__()

    def reset(self) -> None:
        """Start again from the first row group."""
        self._pieces = self._kept_rows()

    def next(self, input_data) -> bool:
        """Hand the next row group to XGBoost; False at the end."""
        piece = next(self._pieces, None)
        if piece is not None:
            batch, weights = piece
            input_data(
                data=self._encoding.matrix(batch),
                label=batch.column("label").to_numpy(),
                weight=weights,
                **self._encoding.named,
            )
        return piece is not None

    def _kept_rows(self) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
        start = 0
        for batch in stream(self._path, [*self._encoding.names, "label"]):
            weights = self._weights[start : start + len(batch)]
            start += len(batch)
            if weights.any():
                yield batch.filter(pa.array(weights > 0)), weights[weights > 0]


def fit(
    path: str | Path,
    encoding: Encoding,
    stopping: tuple[np.ndarray, np.ndarray],
    *,
    num_boost_round: int,
    early_stopping_rounds: int,
    seed: int,
    verbose_every: int = 50,
    **settings: float,
) -> xgb.Booster:
    """Boost trees on the features file at `path` until PR-AUC on `stopping` (matrix, labels) no longer rises.

    `settings` are further parameters of XGBoost, under its own names. Returns the booster cut to its best round. The
    same inputs, settings and machine give the same trees.
    """
    weights = thinned(pq.read_table(path, columns=["label"])["label"].to_numpy(), seed)
    shared = {"max_bin": MAX_BIN, "nthread": machine.threads(), "enable_categorical": True}
    train = xgb.QuantileDMatrix(RowGroups(path, encoding, weights), **shared)
    matrix, labels = stopping
    watched = xgb.QuantileDMatrix(matrix, labels, ref=train, **encoding.named, **shared)
    booster = xgb.train(
        {**FIXED, **settings, "seed": seed, "nthread": machine.threads()},
        train,
        num_boost_round,
        evals=[(watched, "stopping")],
        early_stopping_rounds=early_stopping_rounds,
        verbose_eval=verbose_every,
    )
    return booster[: booster.best_iteration + 1]


def margins(booster: xgb.Booster, matrix: np.ndarray) -> np.ndarray:
    """The booster's float32 log-odds for each row of `matrix`."""
    return booster.inplace_predict(matrix, predict_type="margin")


def contributions(booster: xgb.Booster, encoding: Encoding, matrix: np.ndarray) -> np.ndarray:
    """Each feature's share of each row's log-odds (TreeSHAP), shape (rows, features); the bias is left out."""
    rows = xgb.DMatrix(matrix, **encoding.named, enable_categorical=True)
    return booster.predict(rows, pred_contribs=True)[:, :-1]


def importance(booster: xgb.Booster, encoding: Encoding, contributed: np.ndarray) -> pd.DataFrame:
    """One row a feature: its share of the total gain in training, and its mean |contribution|.

    `contributed` are the `contributions` of some rows.
    """
    gain: dict = booster.get_score(importance_type="total_gain")
    total = sum(gain.values()) or 1.0
    return pd.DataFrame(
        {
            "feature": encoding.names,
            "gain": [gain.get(name, 0.0) / total for name in encoding.names],
            "contribution": np.abs(contributed).mean(axis=0, dtype=np.float64),
        }
    )
