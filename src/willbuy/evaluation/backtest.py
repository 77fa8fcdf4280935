"""The backtest: features once, then at each origin the predictors trained on the past predict what follows."""

from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from willbuy.database import connect, copy_to_parquet
from willbuy.features.tables import featurize
from willbuy.files import parquet_writer
from willbuy.models import baseline, fitting, parts, reading
from willbuy.models.predictors import DUMMY, LOGISTIC, RULE, XGBOOST
from willbuy.origins import Origin
from willbuy.schema import BACKTEST_PREDICTIONS, DECISIONS
from willbuy.scratch import scratch
from willbuy.sessions import sessionize
from willbuy.splits import Period, label_all

# The column of each predictor's probability, the simplest predictor first.
COLUMNS = {DUMMY: "dummy", RULE: "rule", LOGISTIC: "logistic_regression", XGBOOST: "xgboost"}
CALIBRATION, TEST = parts.CALIBRATION, "test"
CUT = "SELECT * FROM read_parquet($features) WHERE timestamp BETWEEN $start AND $last_decision"


SCRATCH = ".backtest-"  # the folders of tables that nobody needs afterwards


def tabulate(
    events: str | Path,
    items: str | Path,
    features: str | Path,
    *,
    session_gap_minutes: float,
    horizon_days: int,
    min_lead_minutes: float = 0,
) -> tuple[datetime, datetime]:
    """Write all decision points with a complete label window, with label and features; a file for all origins.

    A row is the same as in `features/*.parquet` of a build. Returns the times of the log's first and last event.
    Raises LogTooShort where the log holds no events.
    """
    with scratch(SCRATCH, Path(features).parent) as folder:
        sessions, decisions = folder / "sessions.parquet", folder / "decisions.parquet"
        sessionize(events, sessions, session_gap_minutes)
        span = label_all(sessions, decisions, horizon_days, min_lead_minutes)
        featurize(sessions, items, {decisions: features}, session_gap_minutes=session_gap_minutes)
    return span


def predict_all(
    features: str | Path,
    origins: tuple[Origin, ...],
    predictions: str | Path,
    *,
    horizon_days: int,
    seed: int,
    settings: dict,
) -> None:
    """Write BACKTEST_PREDICTIONS: at each origin the rows that set the threshold, then those of test.

    `settings` are XGBoost's parameters. Raises TooFewSales, which names the origin, where nothing can be learned.
    """
    schema = BACKTEST_PREDICTIONS.arrow
    with scratch(SCRATCH, Path(predictions).parent) as folder, parquet_writer(predictions, schema) as writer:
        for origin in tqdm(origins, desc="origins", mininterval=10, delay=10):
            rows = predict_at(origin, features, folder, horizon_days=horizon_days, seed=seed, settings=settings)
            writer.write_table(pa.Table.from_pandas(rows[schema.names], schema, preserve_index=False))


def predict_at(
    origin: Origin, features: str | Path, folder: Path, *, horizon_days: int, seed: int, settings: dict
) -> pd.DataFrame:
    """The predictions of one origin; `folder` receives the rows of its periods."""
    train, validation, test = (_cut(features, p, folder) for p in (origin.train, origin.validation, origin.test))
    try:
        fitted = fitting.fit(train, validation, horizon_days, seed, settings)
    except fitting.TooFewSales as error:
        raise fitting.TooFewSales(f"origin {origin.time:%Y-%m-%d}: {error}") from None
    held_out = _predicted(fitted.before_refit(), validation, CALIBRATION)
    held_out = held_out[parts.of(held_out.user_id) != parts.JUDGING]
    return pd.concat([held_out, _predicted(fitted, test, TEST)], ignore_index=True).assign(origin=origin.time)


def _cut(features: str | Path, period: Period, folder: Path) -> Path:
    path = folder / f"{period.name}.parquet"
    values = {"features": features, "start": period.start, "last_decision": period.last_decision}
    with connect(folder) as connection:
        copy_to_parquet(connection, CUT, path, values)
    return path


def _predicted(fitted: fitting.Fitted, path: Path, part: str) -> pd.DataFrame:
    frame, matrix = reading.read(path, fitted.encoding, [*DECISIONS.arrow.names, *baseline.RULE_FEATURES])
    named = {COLUMNS[name]: probability for name, probability in fitted.predict(frame, matrix).items()}
    return frame.assign(part=part, **named)
