# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Explore: what did the last build leave?
#
# The place to play. This notebook is no task of the pipeline: it loads the tables and the champion of the last build,
# writes nothing, and no build runs it. Change any cell. Another build: `left.products` reads the folder from
# `env.yaml`; a path does as well, say `products = Path("../products/small")`.

# %%
import json

import pandas as pd
import pyarrow.parquet as pq

from willbuy import looks
from willbuy.build import left
from willbuy.database import query
from willbuy.models import registry

# %%
looks.use()
products = left.products()
tables = left.tables(products)
print(products)

# %% [markdown]
# ## The tables
#
# `schema.py` says what each column means, `docs/features.md` what each feature means.

# %%
sizes = {name: pq.read_metadata(path) for name, path in tables.items()}
pd.DataFrame({name: {"rows": size.num_rows, "columns": size.num_columns} for name, size in sizes.items()}).T

# %%
pd.read_parquet(tables["predictions"]).head()

# %% [markdown]
# A question in SQL reads the file where it lies, however large it is.

# %%
query(
    "SELECT event_type, count(*) AS events FROM read_parquet($events) GROUP BY 1 ORDER BY 2 DESC",
    events=tables["events"],
)

# %% [markdown]
# ## The champion
#
# What it predicts, from which probability acting pays, and what it leans on most: how far each feature moves the
# log-odds of a decision point of test, on average.

# %%
champion = registry.load(products / "models" / registry.champion(products / "models"))
pd.Series({name: champion.card[name] for name in ("version", "predicts", "threshold")}).to_frame("champion")

# %%
metrics = json.loads((products / "metrics.json").read_text())
pd.DataFrame(metrics["importance"]).set_index("feature").nlargest(10, "contribution")

# %%
metrics["sales"]

# %% [markdown]
# ## What if?
#
# Decision points of test, and the same ones had the item been put into the cart a moment ago. The model has learned
# what comes before purchases, not what causes them: this shows what it goes by, and no effect of a cart.

# %%
rows = pd.read_parquet(tables["features/test"]).sample(500, random_state=0)
changed = rows.assign(user_item_open_cart=1, user_item_cart_count_1h=1, user_item_hours_since_last_cart=0.1)
pd.DataFrame({"as it was": champion.predict(rows), "in the cart": champion.predict(changed)}).describe()

# %% [markdown]
# ## What was found
#
# Nothing yet: this is yours.
