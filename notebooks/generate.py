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
# # Who comes to the shop, and how well can their purchases be predicted at best?
#
# A shop that asks who will buy decides what to show, whom to remind, and where a discount is wasted. It sees clicks,
# but not what a shopper intends. So on a real log nobody can say how good a prediction *could* have been.
#
# This notebook simulates a shop where that is known. Shoppers come, look around, compare, wait for a discount, and
# some of them intend to buy. Intentions are drawn by rules that are written down (`docs/shop.md`), so that the **true
# probability** of a purchase follows from Bayes' rule at any time. Every later stage sees the events only; `evaluate`
# alone may read the truth.

# %% tags=["parameters"]
upstream = None
product = None
users = 600
items = 100
days = 42
start = "2024-01-01"
seed = 42
horizon_days = 3
min_lead_minutes = 0
code = None  # fingerprint of the modules behind this notebook

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown

from willbuy import by_hand, looks, schema
from willbuy.database import query
from willbuy.files import write_table
from willbuy.profile import log
from willbuy.shop import simulate
from willbuy.shop.catalogue import CATEGORIES, LOWEST_PRICE
from willbuy.shop.personas import PERSONAS
from willbuy.shop.visits import HOUR_TRAFFIC, WEEKDAY_TRAFFIC

# %%
looks.use()
product = by_hand.redirect(product)
shop = simulate(users, items, days, start, seed, horizon_days, min_lead_minutes)
events, catalogue, people, answers = paths = [Path(product[k]) for k in ("events", "items", "users", "truth")]
for table, path in zip((shop.events, shop.items, shop.users, shop.truth), paths, strict=True):
    write_table(table, path)

# %%
contracts = (schema.EVENTS, schema.ITEMS, schema.USERS, schema.TRUTH)
rows = {contract.name: schema.check(path, contract) for contract, path in zip(contracts, paths, strict=True)}
pd.Series(rows, name="rows").to_frame()

# %% [markdown]
# ## What a shopper does
#
# The events of one shopper around a purchase. `price` is what the item cost then; `duration_seconds` is how long the
# page was open.

# %%
log.around_first_purchase(events)

# %%
query("SELECT * FROM read_parquet($catalogue) ORDER BY popularity DESC LIMIT 5", catalogue=catalogue)

# %%
query("SELECT * FROM read_parquet($people) LIMIT 5", people=people)

# %% [markdown]
# ## Who are they?
#
# Three personas. A browser looks around, a researcher compares and waits for a discount, a buyer knows what to get.
# Buyers are few, but make a large share of the purchases.

# %%
personas = log.personas(people, events).reindex([p.name for p in PERSONAS], fill_value=0)
shares = personas / personas.sum()
shares.assign(configured=[p.share for p in PERSONAS]).style.format("{:.1%}")

# %%
axes = shares[["users", "views", "purchases"]].T.plot.barh(stacked=True, figsize=(8, 2.2))
axes.set(xlabel="share", title="Who is there, who looks, and who buys")
axes.invert_yaxis()
looks.legend(axes)
plt.show()

# %% [markdown]
# ## When do they come?
#
# Traffic follows the hour of the day (UTC) and the day of the week. Bars are what happened, points what is configured.

# %%
traffic = log.views(events)
hours = traffic.hour.value_counts(normalize=True).reindex(range(24), fill_value=0)
# A log need not hold every weekday equally often, so weekdays compare by the mean of their days.
weekdays = traffic.groupby(["weekday", "day"]).size().groupby("weekday").mean()

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3), layout="constrained")
left.bar(hours.index, hours)
left.plot(range(24), np.array(HOUR_TRAFFIC) / sum(HOUR_TRAFFIC), "k.")
left.set(xlabel="hour, UTC", ylabel="share of views", title="The evening is busy, the night is not")
right.bar(weekdays.index, weekdays / weekdays.mean())
right.plot(range(7), np.array(WEEKDAY_TRAFFIC) / np.mean(WEEKDAY_TRAFFIC), "k.")
right.set(xlabel="weekday (0 = Monday)", ylabel="views against the mean day", title="Weekends are busier")
plt.show()

# %% [markdown]
# ## How do they come?
#
# A visit has a channel and a device, as real logs have. The device goes with the persona. Whoever comes to buy the item
# that the visit begins with comes directly or by email more often, so the channel tells something of what is to follow:
# the true probability knows it.

# %%
channels = log.channels(events, answers)
channels.style.format({"views": "{:,}", "share": "{:.1%}", "truth": "{:.2%}"})

# %% [markdown]
# ## What do things cost?
#
# Prices within a category are log-normal. A discount comes and goes: the same item costs less for some days.

# %%
goods = query("SELECT category, base_price FROM read_parquet($catalogue)", catalogue=catalogue)
prices = goods.groupby("category").base_price.agg(["count", "median", "min", "max"])
prices.reindex([c.name for c in CATEGORIES]).assign(configured_median=[c.median_price for c in CATEGORIES]).round(2)

# %%
figure, axes = plt.subplots(figsize=(8, 3))
logs = np.log10(goods.base_price)
bins = np.linspace(logs.min() - 0.1, logs.max() + 0.1, 31)
names = [c.name for c in CATEGORIES]
axes.hist([logs[goods.category == name] for name in names], bins=bins, stacked=True, label=names)
axes.set(xlabel="log10 of the base price", ylabel="items", title="Prices by category")
looks.legend(axes)
plt.show()

# %% [markdown]
# The price of the item with the most events, day by day: a shopper who waits pays less.

# %%
daily = log.daily_price(events)
figure, axes = plt.subplots(figsize=(8, 2.5))
axes.step(daily.day, daily.price, where="post")
axes.set(ylabel="price", ylim=(0, None), title="Discounts come and go")
plt.show()

# %%
discounts = log.discounts(events, catalogue)
(discounts / discounts.sum()).style.format("{:.1%}")

# %% [markdown]
# ## How far do they get?
#
# The funnel, in pairs of a shopper and an item: looked at, put into the cart, bought.

# %%
funnel = log.funnel(events)
funnel.to_frame("pairs").assign(of_those_looked_at=lambda t: t.pairs / funnel.looked_at).style.format(
    {"pairs": "{:,}", "of_those_looked_at": "{:.2%}"}
)

# %% [markdown]
# ## How certain can a prediction be?
#
# The truth at every decision point: the probability of a purchase in `(t + lead, t + horizon]`, given everything that
# happened before. Most looks lead to no purchase, and a few almost certainly do.

# %%
truth = query("SELECT event_type, probability FROM read_parquet($answers)", answers=answers)
spread = truth.groupby("event_type").probability.describe(percentiles=[0.5, 0.9, 0.99, 0.999])
spread.style.format("{:.4f}").format("{:,.0f}", subset="count")

# %%
figure, axes = plt.subplots(figsize=(8, 3))
for kind, probability in truth.groupby("event_type").probability:
    axes.hist(np.log10(probability.clip(1e-5)), bins=60, density=True, alpha=0.6, label=kind)
axes.set(xlabel="log10 of the true probability (0.00001 and below on the left)", ylabel="density")
axes.set_title("A cart says much, but not everything")
looks.legend(axes)
plt.show()

# %% [markdown]
# Is the truth calibrated? For each tenth of the decision points whose horizon the log covers, the mean true
# probability beside the share that was bought.

# %%
calibration = log.truth_by_tenth(answers, events, horizon_days, min_lead_minutes)
calibration.style.format("{:,.0f}").format("{:.3%}", subset=["truth", "share_bought"])

# %% [markdown]
# ## What was found

# %%
expected, came = calibration.expected.sum(), calibration.bought.sum()
Markdown(
    f"{users:,} users left **{rows['events']:,} events** in {days} days. Of the pairs of shopper and item, "
    f"{funnel.carted / funnel.looked_at:.2%} reached the cart and {funnel.bought / funnel.looked_at:.2%} a purchase; "
    f"**{funnel.carted_and_bought / max(funnel.carted, 1):.0%} of carted pairs were bought**. "
    f"The log holds {rows['truth']:,} decision points. Where the horizon of {horizon_days} days is covered, the truth "
    f"expects {expected:,.0f} of them to be bought, and {came:,.0f} were: a base rate of "
    f"{came / max(calibration.decision_points.sum(), 1):.2%}."
)

# %% [markdown]
# The claims of this page, checked: a true probability for each decision point and for nothing else, no sale without
# a look before it, prices never above the base price nor below the least, and nobody acting before they registered.

# %%
assert log.decisions(events) == rows["truth"]
assert log.begun_without_a_view(events) == 0

# %%
early = "SELECT count(*) AS n FROM read_parquet($people) WHERE first_seen < registered_at"
assert query(early, people=people).n[0] == 0
assert goods.base_price.min() >= LOWEST_PRICE and discounts.index.min() >= 0
assert (daily.price == daily.highest).all()
