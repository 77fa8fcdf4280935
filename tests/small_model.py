"""A model over all defined features, trained on noise with a little signal, saved as `train` saves one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import xgboost as xgb

from willbuy.features import context
from willbuy.features.definitions import FEATURES
from willbuy.models import boosted, calibration, card, golden, registry
from willbuy.models.baseline import Dummy, Rule
from willbuy.models.encoding import Encoding
from willbuy.models.logistic import LogisticRegression
from willbuy.models.model import Baselines, Model

LEVELS = ("Books", "Clothing", "Electronics", "Home & Kitchen", "Sports & Outdoors")
FIRST, SECOND, THIRD = (f"xgboost_2024010{day}_000000" for day in (1, 2, 3))
LOGISTIC = "logistic_20240104_000000"
GAPS = {FIRST: 30, SECOND: 5, THIRD: 1440}  # the longest gap inside a session, in minutes
NAMES = tuple(f.name for f in FEATURES)
ENCODING = Encoding(NAMES, {"item_category": LEVELS})
# The same with contexts, of which train always knew the device.
CONTEXTS = {"context_channel": ("email", "search", "other"), "context_device": ("desktop", "phone", "other")}
WITH_CONTEXT = Encoding((*NAMES, *CONTEXTS), ENCODING.levels | CONTEXTS)
ALWAYS_KNOWN = ["context_device"]


def table(rows, seed, encoding=ENCODING):
    """A table of features with gaps where the definitions allow them; whole numbers where they say count."""
    random = np.random.default_rng(seed)
    return pd.DataFrame({f.name: _column(f, random, rows, encoding) for f in context.known(encoding.names)})


def model(seed=0, rounds=40, gap_minutes=30, encoding=ENCODING):
    """A calibrated model; another seed gives another model."""
    features = table(3000, seed, encoding)
    score = features.view_count_7d.to_numpy() + 3 * _is(features, "item_category", "Books")
    if encoding is WITH_CONTEXT:
        score += 3 * _is(features, "context_channel", "email") + 2 * _is(features, "context_device", "other")
    labels, matrix = (score > 10).astype(int), encoding.matrix(features)
    data = xgb.QuantileDMatrix(matrix, labels, **encoding.named, enable_categorical=True)
    params = {"objective": "binary:logistic", "max_depth": 5, "eta": 0.1, "nthread": 1, "seed": seed}
    booster = xgb.train(params | {"colsample_bytree": 0.5, "subsample": 0.7}, data, rounds)
    curve = calibration.fit(boosted.margins(booster, matrix), labels)
    baselines = Baselines(Dummy(0.1), Rule(0.2, 0.1), LogisticRegression(encoding, (), (), 0.0))
    shown = {
        "trained_through": "2024-03-01T00:00:00+00:00",
        "predicts": card.predicts(7, 60),
        "horizon_days": 7,
        "min_lead_minutes": 60,
        "session_gap_minutes": gap_minutes,
        "features": card.features(context.known(encoding.names), encoding, ALWAYS_KNOWN),
        "golden": golden.rows(encoding, matrix, curve(boosted.margins(booster, matrix))),
        "validation": {"rows": 3000, "metrics": {}},
    }
    return Model(booster, encoding, curve, 0.3, baselines, shown)


def save_three(directory):
    """Three versions under `directory`/models, one for each of GAPS; the first is champion."""
    for seed, version in enumerate(GAPS):
        save(directory, version, seed, rounds=30, promote=version == FIRST)


def save(directory, version, seed=0, rounds=40, promote=True, encoding=ENCODING):
    """Save a model as `version` under `directory`/models and make it champion; return it."""
    made = model(seed, rounds, GAPS.get(version, 30), encoding)
    registry.save(made, directory / "models", version)
    if promote:
        registry.promote(directory / "models", version, "a test")
    return made


def save_logistic(directory):
    """Save LOGISTIC, whose logistic regression serves, and return it."""
    features = table(3000, seed=0)
    labels, matrix = (features.view_count_7d.to_numpy() > 6).astype(int), ENCODING.matrix(features)
    simple = LogisticRegression.fit(ENCODING, matrix, labels)
    made = replace(model(rounds=1), booster=None, baselines=Baselines(Dummy(0.1), Rule(0.2, 0.1), simple))
    made = replace(made, calibration=calibration.fit(made.margins(matrix), labels))
    made = replace(made, card=made.card | {"golden": golden.rows(ENCODING, matrix, made.predict_matrix(matrix))})
    registry.save(made, directory / "models", LOGISTIC)
    return made


def as_rows(features):
    """The rows of a table as /predict takes them: full precision, nulls left out."""
    return [
        {name: value for name, value in row.items() if not pd.isna(value)} for row in features.to_dict(orient="records")
    ]


def _is(features, name, level):
    return (features[name] == level).to_numpy(bool, na_value=False)


def _column(feature, random, rows, encoding):
    if feature.name in encoding.levels:
        unknown = [] if feature.name in ALWAYS_KNOWN else [None]
        values = random.choice(np.array([*encoding.levels[feature.name], *unknown], dtype=object), rows)
        return pd.array(values, dtype="string")
    if feature.dtype.startswith("int"):
        values = random.poisson(6, rows).astype(float)
    else:
        values = random.lognormal(1, 2, rows)
    if feature.nullable:
        values[random.random(rows) < 0.3] = np.nan
    return values
