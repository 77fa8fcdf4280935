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
# # What is a decision point, and was it followed by a purchase?
#
# A shop can act when somebody looks at an item or puts it into the cart. Each such `view` or `add_to_cart`
# is a **decision point** `(user, item, t)`. Its **label** is 1 if that user purchases that item in
# `(t + lead, t + horizon]`: a purchase within `min_lead_minutes` comes too soon to act on, and does not count.
#
# A model is trained on the past and judged on the future, so the log is cut **by time**: train, then
# validation, then test. A label looks one horizon ahead. If it could look past its split's end, the label
# of a train row would depend on a day of validation. So the last horizon of each split holds no decision points:
# they are **purged**. Boundaries are midnights (UTC). Where that leaves a split nothing, they are whole hours, and the
# shares are those of the hours that the three purges leave.

# %% tags=["parameters"]
upstream = None
product = None
horizon_days = 7
min_lead_minutes = 0
train_share = 0.70
validation_share = 0.15
code = None  # fingerprint of the modules behind this notebook

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown

from willbuy import by_hand, looks
from willbuy.profile import decisions, log, short
from willbuy.schema import DECISIONS, check
from willbuy.splits import SPLITS, split

# %%
looks.use()
product = by_hand.redirect(product)
sessions, files = Path(upstream["sessionize"]["sessions"]), [Path(product[name]) for name in SPLITS]
periods = split(sessions, files[0].parent, horizon_days, train_share, validation_share, min_lead_minutes)
rows = [check(file, DECISIONS) for file in files]
pd.DataFrame(periods).set_index("name")

# %%
test_days = len(decisions.by_day(files[2:]))
waits = decisions.until_purchase(files, sessions, min_lead_minutes)
test_sales = decisions.sales(waits[waits.bought_at >= periods[2].start])
Markdown(
    short.warning(test_days, test_sales, log.days(sessions), horizon_days)
    or f"Test has {test_days} days of decision points, which lead to {test_sales:,} sales."
)

# %% [markdown]
# ## What decision points look like

# %%
decisions.some(files[0])

# %% [markdown]
# ## How many are there, and how often was the item bought?

# %%
counts = decisions.counts(files)
counts.iloc[:, :4].style.format({"decision_points": "{:,}", "users": "{:,}", "bought": "{:,}", "base_rate": "{:.2%}"})

# %% [markdown]
# What does putting something into the cart say?

# %%
decisions.by_event_type(files).style.format({"decision_points": "{:,}", "base_rate": "{:.2%}"})

# %% [markdown]
# ## How long before the purchase?
#
# Who wants to act has the time from the decision point to the purchase. Each positive one counts, with the first
# purchase after the lead. Days are those of UTC.

# %%
leads = decisions.by_lead(waits)
leads.style.format({"decision_points": "{:,}", "share": "{:.1%}"})

# %%
quantiles = waits.minutes.quantile([0.1, 0.25, 0.5, 0.75, 0.9])
shown = quantiles.rename("minutes to the purchase").rename(index="{:.0%}".format).rename_axis("quantile")
shown.to_frame().style.format("{:,.1f}")

# %%
figure, axes = plt.subplots(figsize=(8, 2.5), layout="constrained")
axes.hist(np.log10(waits.minutes.clip(0.1)), bins=60)
marks = {"10 minutes": 10, "an hour": 60, "a day": 1440}
for mark in marks.values():
    axes.axvline(np.log10(mark), color="grey", linestyle=":")
axes.set_xticks(np.log10(list(marks.values())), list(marks))
axes.yaxis.set_major_formatter("{x:,.0f}")
axes.set(ylabel="positive decision points", title="Time from the decision to the purchase (log scale)")
plt.show()

# %% [markdown]
# ## Is the base rate stable?
#
# The grey days are the purge. A base rate that drifts means that a threshold chosen on
# validation will be a little off on test.

# %%
days = decisions.by_day(files)
days.tail(3)

# %%
figure, (top, bottom) = plt.subplots(2, sharex=True, figsize=(8, 4), layout="constrained")
top.bar(days.day, days.decision_points, width=1)
top.yaxis.set_major_formatter("{x:,.0f}")
top.set(ylabel="decision points", title="Decision points each day, and the share followed by a purchase")
bottom.plot(days.day, days.base_rate, "o", markersize=3)
bottom.set(ylabel="base rate", ylim=(0, None))
for period in periods:
    top.axvspan(period.last_decision, period.end, color="grey", alpha=0.2)
    bottom.axvspan(period.last_decision, period.end, color="grey", alpha=0.2)
figure.autofmt_xdate()
plt.show()

# %% [markdown]
# ## What was found

# %%
total = log.decisions(sessions)
purged = total - sum(rows)
Markdown(
    f"Of {total:,} decision points {sum(rows):,} carry a label and **{purged:,} ({purged / total:.1%}) are purged**. "
    f"The base rate is {counts.base_rate['train']:.2%} in train, {counts.base_rate['validation']:.2%} in validation "
    f"and {counts.base_rate['test']:.2%} in test. The guess that nobody ever buys is right "
    f"{1 - counts.base_rate['test']:.1%} of the time, so accuracy means nothing here. Half of the positive decision "
    f"points come at most **{quantiles[0.5]:,.1f} minutes** before the purchase: {leads.share.iloc[0]:.0%} "
    f"{leads.index[0]}, {leads.share.iloc[-1]:.0%} on an earlier day."
)

# %% [markdown]
# The claims of this page, checked: no decision point is in two splits, every split has both labels,
# and every label window ends inside its own split.

# %%
for period, first, last in zip(periods, counts["first"], counts["last"], strict=True):
    assert period.start <= first and last + pd.Timedelta(days=horizon_days) < period.end
assert decisions.different(files) == sum(rows)
both = counts.bought.between(1, counts.decision_points - 1)
assert both.all(), f"a split has one label only: bought {counts.bought.to_dict()}; use a larger or longer log"
