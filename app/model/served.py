"""A model version as the server holds it: checked whole, then only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np

from app.model.codes import Codes
from app.model.rows import Column, Rows
from willbuy.clock import minutes_us
from willbuy.features.definitions import NAMES
from willbuy.models import linear
from willbuy.models.calibration import Calibration
from willbuy.models.linear import Linear
from willbuy.models.predictors import LOGISTIC, XGBOOST
from willbuy.models.trees import flat
from willbuy.models.trees.flat import Trees
from willbuy.models.versions import BASELINES, CARD, TREES, DamagedModelError, digests, read_checked
from willbuy.schema import CONTEXT, OTHER, contexts

UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
EXAMPLE = 5  # features of the row that the documentation shows


class Curve(msgspec.Struct):
    """The knots of the calibration."""

    method: str
    margins: list[float]
    probabilities: list[float]


class Golden(msgspec.Struct):
    """A row that the model was seen to answer with `probability`."""

    features: dict[str, float | str | None]
    probability: float


class Card(msgspec.Struct):
    """What of model.json is needed to predict; the rest is only shown."""

    version: str
    threshold: float
    features: list[Column]
    levels: dict[str, list[str]]
    calibration: Curve
    golden: list[Golden]
    session_gap_minutes: float
    kind: Literal[XGBOOST, LOGISTIC] = XGBOOST  # type: ignore[valid-type]


class ServedModel:
    """Trees or logistic regression, calibration and row reader of one version; nothing in it changes after `load`."""

    def __init__(self, card: Card, predictor: Trees | Linear, shown: dict):
        self.card, self.predictor, self.shown = card, predictor, shown
        self.version, self.threshold = card.version, card.threshold
        self.names = tuple(f.name for f in card.features)
        self.rows = Rows(card.features, card.levels, _example(card))
        curve = card.calibration
        # As arrays: np.interp would turn tuples into arrays at each request.
        self.calibration = Calibration(curve.method, np.array(curve.margins), np.array(curve.probabilities))

    @classmethod
    def load(cls, path: Path) -> ServedModel:
        """The version in the directory `path`, after every check that can be made of it.

        Raises FileNotFoundError if a file is missing, DamagedModelError if one is not what was saved, does not fit
        the others, or the model no longer gives the probabilities that were stored with it.
        """
        known = digests(path)
        files = {name: read_checked(path / name, known) for name in {CARD, *known}}
        try:
            card = msgspec.json.decode(files[CARD], type=Card)
            shown = msgspec.json.decode(files[CARD])
        except UNREADABLE as error:
            raise DamagedModelError(f"{path / CARD}: {error}; build the model again") from error
        _check_card(card, path)
        name, read = (BASELINES, linear.read) if card.kind == LOGISTIC else (TREES, flat.read)
        content = files[name] if name in files else read_checked(path / name, known)
        try:
            model = cls(card, read(content, len(card.features)), shown)
        except ValueError as error:
            raise DamagedModelError(f"{path / name}: {error}; build the model again") from error
        model._check_golden(path)
        return model

    def margins(self, matrix: np.ndarray) -> np.ndarray:
        """The float32 log-odds of each row, before calibration."""
        return self.predictor.margins(matrix)

    def probabilities(self, matrix: np.ndarray) -> np.ndarray:
        """The calibrated float64 probability of each row: the very numbers of the pipeline."""
        return self.calibration(self.predictor.margins(matrix))

    @cached_property
    def undefined(self) -> list[str]:
        """Columns that no definition computes any more; rows must bring them."""
        return [name for name in self.names if name not in NAMES and name not in self.contexts.values()]

    @cached_property
    def contexts(self) -> dict[str, str]:
        """The column of each context that the model reads, by its name in a request."""
        return {column.removeprefix(CONTEXT): column for column in contexts(self.names)}

    @cached_property
    def gap_us(self) -> int:
        """The longest gap inside a session, in microseconds, as it was when the model was trained."""
        return minutes_us(self.card.session_gap_minutes)

    def encoded(self, features: np.ndarray, categories: Sequence[str], context: Sequence[Mapping]) -> np.ndarray:
        """The float32 matrix of computed `features` (float64, every defined feature, rows), as training saw them.

        A category is a code of `categories`; one that training never saw is missing. `context` has a level, or None, by
        column of `contexts`, for each row.
        """
        matrix = features[self._defined].T.astype(np.float32, order="C")
        for name, codes in self._codes.items():
            if name in NAMES:
                # Of the rows' own categories only: there may be very many others.
                column = features[NAMES.index(name)].tolist()
                levels = [None if code != code else categories[int(code)] for code in column]
            else:
                levels = [row[name] for row in context]
            matrix[:, self.names.index(name)] = [codes[level] for level in levels]
        return matrix

    @cached_property
    def _codes(self) -> dict[str, Codes]:
        return {name: Codes(name, levels) for name, levels in self.card.levels.items()}

    @cached_property
    def _defined(self) -> list[int]:
        """Where each column is among the defined features; a context, which is none, is anywhere."""
        return [NAMES.index(name) if name in NAMES else 0 for name in self.names]

    def _check_golden(self, path: Path) -> None:
        content = msgspec.json.encode({"features": [row.features for row in self.card.golden]})
        decode: Any = self.rows.reader.decode
        try:
            rows = decode(content).features
            matrix = self.rows.matrix(rows)
            found = self.probabilities(matrix)
        except (*UNREADABLE, TypeError) as error:
            raise DamagedModelError(f"{path / CARD}: golden rows: {error}") from error
        if self.rows.missing(matrix):
            raise DamagedModelError(f"{path / CARD}: golden rows lack features that the card calls never null")
        stored = np.array([row.probability for row in self.card.golden])
        if not np.array_equal(found, stored):
            raise DamagedModelError(f"{path}: the golden rows give other probabilities than those stored with them")
        # Compiled and prepared before the first request asks for it.
        _ = self.predictor.contributions(matrix[:1]), self.predictor.expected, self.rows.without(rows, matrix)


def _example(card: Card) -> dict[str, float | str]:
    """A row to show to anybody: of nobody's, unlike the golden ones."""
    columns = card.features[:EXAMPLE]
    return {c.name: card.levels[c.name][0] if c.name in card.levels else (c.minimum or 0) + 1 for c in columns}


def _check_card(card: Card, path: Path) -> None:
    names = [f.name for f in card.features]
    margins, probabilities = np.array(card.calibration.margins), np.array(card.calibration.probabilities)
    problems = {
        f"version is {card.version!r}": card.version != path.name,
        "no features, or one twice": not names or len(set(names)) < len(names),
        "levels of a feature that is not there": not set(card.levels) <= set(names),
        "a context without its level for all others": any(OTHER not in card.levels.get(n, ()) for n in contexts(names)),
        "the threshold is not a probability": not 0 <= card.threshold <= 1,
        "the longest gap inside a session is not from 0 to 43200 minutes": not 0 < card.session_gap_minutes <= 43_200,
        "golden rows are missing": not card.golden,
        "the calibration is not a rising curve": len(margins) < 2
        or len(margins) != len(probabilities)
        or not (np.diff(margins) > 0).all()
        or not (np.diff(probabilities) >= 0).all()
        or not (probabilities[0] >= 0 and probabilities[-1] <= 1),
    }
    for problem, found in problems.items():
        if found:
            raise DamagedModelError(f"{path / CARD}: {problem}; build the model again")
