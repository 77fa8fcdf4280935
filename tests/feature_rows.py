"""Small features tables whose labels depend on some of their columns: what the tests feed to the models."""

import numpy as np
import pandas as pd
import pyarrow as pa

from willbuy.files import write_table

START = pd.Timestamp("2024-01-01", tz="UTC")
CATEGORIES = np.array(["Books", "Clothing", None], dtype=object)
NAMES = ("view_count_7d", "user_item_hours_since_last_view", "item_category", "is_cart", "user_item_cart_count_30d")


def features(rows: int, seed: int, days: tuple[int, int] = (0, 60)) -> pd.DataFrame:
    """Rows of 50 users; carts, many views and books make a purchase likelier, and nothing else does."""
    rng = np.random.default_rng(seed)
    category = CATEGORIES[rng.integers(0, 3, rows)]
    views, cart = rng.poisson(3, rows), (rng.random(rows) < 0.1).astype(int)
    log_odds = -4 + 0.3 * views + 2 * cart + 0.8 * (category == "Books")
    hours = rng.exponential(24, rows)
    microseconds = np.sort(rng.integers(days[0] * 86400 * 10**6, days[1] * 86400 * 10**6, rows))
    return pd.DataFrame(
        {
            "user_id": [f"u{n}" for n in rng.integers(0, 50, rows)],
            "timestamp": START + pd.to_timedelta(microseconds, unit="us"),
            "label": (rng.random(rows) < 1 / (1 + np.exp(-log_odds))).astype("int8"),
            "view_count_7d": views.astype("int32"),
            "user_item_hours_since_last_view": np.where(rng.random(rows) < 0.3, np.nan, hours),
            "item_category": pd.Series(category, dtype="str"),
            "is_cart": cart.astype("int8"),
            "user_item_cart_count_30d": cart.astype("int32"),
        }
    )


def write(frame: pd.DataFrame, path):
    """Write `frame` as a features file, and return the path."""
    write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
    return path
