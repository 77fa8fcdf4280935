"""The simulated shop's true probabilities of given rows. Only `evaluate` may read them."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

KEYS = ["user_id", "item_id", "timestamp", "event_type"]


def true_probabilities(path: str | Path, rows: pd.DataFrame) -> pd.Series:
    """The true probability of each of `rows` (which has KEYS), in their order.

    Raises ValueError if the truth lacks one of the rows, or has one twice.
    """
    since = rows.timestamp.min()
    truth = pq.read_table(path, filters=[("timestamp", ">=", since)]).to_pandas()
    joined = rows[KEYS].merge(truth, on=KEYS, how="left", validate="many_to_one")
    if joined.probability.isna().any():
        first = joined[joined.probability.isna()].iloc[0][KEYS].to_dict()
        raise ValueError(f"{path} has no row for {first}; generate and split disagree, build again from generate")
    return joined.probability
