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
# # Backtest: does the figure hold at other times, and which model is worth serving?
#
# `evaluate` judges one model on one stretch of days, the last one. A sale, a holiday or a handful of buyers may decide
# that figure. Here the log is cut at several times, the **origins**. At each of them every predictor is trained on the
# past alone, and tested on what follows, as if that day were today. What is better at most origins is better; what is
# better at one was lucky.
#
# The rule by which the origins are placed, and what is in the tables, is in `docs/backtest.md`.

# %% tags=["parameters"]
upstream = None
product = None
events = "products/events.parquet"
items = "products/items.parquet"
seed = 42
session_gap_minutes = 30
horizon_days = 7
min_lead_minutes = 0
origins = 0
num_boost_round = 600
early_stopping_rounds = 25
learning_rate = 0.06
max_depth = 0
min_child_weight = 30
subsample = 0.8
colsample_bytree = 0.8
bootstrap_samples = 200
sale_value = 10.0
action_cost = 0.5
action_effect = 0.25
action_every_hours = 0
content = None  # fingerprint of the log
code = None  # fingerprint of the modules behind this notebook

# %%
import pandas as pd
import pyarrow as pa
from IPython.display import Markdown

from willbuy import by_hand, looks, schema
from willbuy import origins as places
from willbuy.evaluation import backtest, contest, figures, sales
from willbuy.evaluation.market import Policy
from willbuy.files import write_table
from willbuy.models.predictors import DUMMY

# %% [markdown]
# ## The rows
#
# Features are computed once, for every decision point whose label window the log covers. Nothing in a feature depends
# on the origin: it knows only what was before its own decision point. So an origin only cuts rows.

# %%
looks.use()
product = by_hand.redirect(product)
log, window = (events, items), {"horizon_days": horizon_days, "min_lead_minutes": min_lead_minutes}
first, last = backtest.tabulate(*log, product["features"], session_gap_minutes=session_gap_minutes, **window)
chosen = places.origins(first, last, horizon_days, origins)
Markdown(f"The log goes from {first:%Y-%m-%d} to {last:%Y-%m-%d}: **{len(chosen)} origins**.")

# %% [markdown]
# Test begins at its origin, validation ends there. The last horizon of each period holds no decision points, so that no
# label window reaches into the next period.

# %%
pd.DataFrame([origin.days() for origin in chosen], index=[f"{origin.time:%Y-%m-%d}" for origin in chosen])

# %% [markdown]
# ## Train on each past
#
# The same four predictors as in `train`, in the same way: XGBoost is stopped on one part of validation, calibrated
# on validation without the users who judge, and on a small log fitted once more with these rows.

# %%
settings = {
    "num_boost_round": num_boost_round,
    "early_stopping_rounds": early_stopping_rounds,
    "learning_rate": learning_rate,
    "max_depth": max_depth,
    "min_child_weight": min_child_weight,
    "subsample": subsample,
    "colsample_bytree": colsample_bytree,
}

# %%
learning = {"horizon_days": horizon_days, "seed": seed, "settings": settings}
backtest.predict_all(product["features"], chosen, product["predictions"], **learning)
rows = schema.check(product["predictions"], schema.BACKTEST_PREDICTIONS)
predictions = pd.read_parquet(product["predictions"])
grouped = predictions.groupby([predictions.origin.dt.strftime("%Y-%m-%d"), "part"])
grouped.agg(decision_points=("label", "size"), bought=("label", "sum"), base_rate=("label", "mean"))

# %% [markdown]
# ## What each predictor is worth at each origin
#
# The threshold that profit depends on is chosen for each predictor on the calibration part of validation, before test
# is read. The intervals come from drawing the users of all origins again, together.

# %%
policy = Policy.of(
    sale_value=sale_value,
    action_cost=action_cost,
    action_effect=action_effect,
    action_every_hours=action_every_hours,
    **window,
)
purchases = sales.read_purchases(events)
found = contest.measure(predictions, chosen, purchases, policy, bootstrap_samples, seed)
table = found.table()

# %%
write_table(pa.Table.from_pandas(table, preserve_index=False), product["table"])
contest.shown(table)

# %%
figures.by_origin(table, contest.TITLES)

# %% [markdown]
# On average over the origins:

# %%
found.means()

# %% [markdown]
# ## What was found
#
# To serve is the simplest predictor that no other one beats in PR-AUC, on average over the origins and beyond chance.

# %%
Markdown(found.verdict())

# %% [markdown]
# The claims of this page, checked: no label window of a period reaches into the next one, every decision point is
# tested at most once, and what is to be served is no worse than the base rate.

# %%
assert all(o.train.end <= o.validation.start and o.validation.end <= o.test.start for o in chosen)
tested = predictions[predictions.part == backtest.TEST]
assert tested.example_id.is_unique
assert (tested.timestamp + pd.Timedelta(days=horizon_days) <= last).all()
assert found.difference(found.to_serve(), DUMMY, contest.PR_AUC).high >= 0
