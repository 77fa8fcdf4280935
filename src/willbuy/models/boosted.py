"""XGBoost: gradient-boosted trees with native categories and missing values, trained from parquet in pieces."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xgboost as xgb

from willbuy import machine
from willbuy.models.encoding import Encoding, stream

MAX_BIN = 256
STOPPING = ("num_boost_round", "early_stopping_rounds", "verbose_every")
# More negatives than this for each positive cost time and improve the model very little.
NEGATIVES_A_POSITIVE = 15


# No `scale_pos_weight`: it would change every probability and no rank. The last metric drives early stopping.
FIXED = {"objective": "binary:logistic", "tree_method": "hist", "max_bin": MAX_BIN, "eval_metric": ["aucpr", "logloss"]}
# A features file, and which of its rows to learn from (a mask); None: all of them.
Rows = tuple[str | Path, np.ndarray | None]


def thinned(labels: np.ndarray, seed: int) -> np.ndarray:
    """A float32 weight for each row: 1 for a positive, 0 for a negative left out, and at least 1 for a negative kept.

    Up to chance, the weights sum to the number of rows, so that the model learns the probabilities of the whole table.
    """
    negative = np.asarray(labels) == 0
    share = min(1.0, NEGATIVES_A_POSITIVE * max(1, np.sum(~negative)) / max(1, np.sum(negative)))
    drawn = np.random.default_rng(seed).random(len(negative)) < share
    return np.where(negative, drawn / share, 1.0).astype(np.float32)


class RowGroups(xgb.DataIter):
    """Features files as XGBoost reads them: one row group in memory at a time, without the rows of weight 0."""

    def __init__(self, files: Sequence[tuple[str | Path, np.ndarray]], encoding: Encoding):
        """`files` are paths, each with a weight for each of its rows."""
        self._files, self._encoding = files, encoding
        self.reset()
        super().__init__()

    def reset(self) -> None:
        """Start again from the first row group."""
        self._pieces = chain.from_iterable(self._kept_rows(path, weights) for path, weights in self._files)

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

    def _kept_rows(self, path: str | Path, weights: np.ndarray) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
        start = 0
        for batch in stream(path, [*self._encoding.names, "label"]):
            here = weights[start : start + len(batch)]
            start += len(batch)
            if here.any():
                yield batch.filter(pa.array(here > 0)), here[here > 0]


@dataclass(frozen=True)
class Boosting:
    """Boosting that was watched: `booster`, cut to its best round, and the log-loss of the watched rows by round."""

    booster: xgb.Booster
    losses: np.ndarray


def watched(
    rows: Sequence[Rows],
    encoding: Encoding,
    stopping: tuple[np.ndarray, np.ndarray],
    *,
    num_boost_round: int,
    early_stopping_rounds: int,
    verbose_every: int = 50,
    **settings: float,
) -> Boosting:
    """Boost trees on `rows` until the log-loss of `stopping` (matrix, labels) no longer falls.

    `settings` are further parameters of XGBoost, under its own names, `seed` among them. The same inputs, settings and
    machine give the same trees.
    """
    train = _quantiles(rows, encoding, int(settings["seed"]))
    matrix, labels = stopping
    judge = xgb.QuantileDMatrix(matrix, labels, ref=train, **encoding.named, **_shared())
    history: dict = {}
    booster = xgb.train(
        {**FIXED, **settings, "nthread": machine.threads()},
        train,
        num_boost_round,
        evals=[(judge, "stopping")],
        early_stopping_rounds=early_stopping_rounds,
        evals_result=history,
        verbose_eval=verbose_every,
    )
    return Boosting(booster[: booster.best_iteration + 1], np.array(history["stopping"]["logloss"]))


def fit(rows: Sequence[Rows], encoding: Encoding, rounds: int, **settings: float) -> xgb.Booster:
    """Boost that many trees on `rows`; `settings` as in `watched`, where those that stop the boosting mean nothing."""
    own = {name: value for name, value in settings.items() if name not in STOPPING}
    train = _quantiles(rows, encoding, int(own["seed"]))
    return xgb.train({**FIXED, **own, "nthread": machine.threads()}, train, rounds)


def _quantiles(rows: Sequence[Rows], encoding: Encoding, seed: int) -> xgb.QuantileDMatrix:
    labels = [pq.read_table(path, columns=["label"])["label"].to_numpy() for path, _ in rows]
    kept = [np.ones(len(y), bool) if mask is None else mask for y, (_, mask) in zip(labels, rows, strict=True)]
    weights = np.zeros(sum(map(len, labels)), np.float32)
    chosen = np.concatenate(kept)
    weights[chosen] = thinned(np.concatenate(labels)[chosen], seed)
    parts = np.split(weights, np.cumsum([len(y) for y in labels])[:-1])
    files = [(path, part) for (path, _), part in zip(rows, parts, strict=True)]
    return xgb.QuantileDMatrix(RowGroups(files, encoding), **_shared())


def _shared() -> dict:
    return {"max_bin": MAX_BIN, "nthread": machine.threads(), "enable_categorical": True}


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
