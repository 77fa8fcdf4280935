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
# # Which events belong to one visit?
#
# A shop thinks in visits: what has this shopper done *since they came in*? A log holds only events. This stage
# divides each visitor's events into **sessions**: runs of events with no gap longer than `session_gap_minutes`.
# Whether an event opens a session depends only on the event before it, so a session is known at the time.

# %% tags=["parameters"]
upstream = None
product = None
source = "generate"
session_gap_minutes = 30
code = None  # fingerprint of the modules behind this notebook

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pyarrow.parquet as pq
from IPython.display import Markdown

from willbuy import by_hand, looks
from willbuy.clock import minutes_us
from willbuy.profile import cohorts, funnel, lengths
from willbuy.profile.sessions import gaps, longest_gap_us, median_visitor, moved, shape, visits
from willbuy.schema import SESSIONS, check
from willbuy.sessions import sessionize

# %%
looks.use()
product = by_hand.redirect(product)
events, sessions = Path(upstream[source]["events"]), Path(product["sessions"])
sessionize(events, sessions, session_gap_minutes)
rows = check(sessions, SESSIONS)
Markdown(f"Each of **{rows:,}** events now belongs to a session.")

# %% [markdown]
# ## One visitor
#
# The first events of the visitor with the median number of events. A new `session_id` begins wherever
# more than the threshold has passed.

# %%
median_visitor(sessions).head(15)

# %% [markdown]
# ## Is the threshold sensible?
#
# A good threshold lies where gaps are rare: then its exact value hardly matters. Below, the gaps between a visitor's
# consecutive events are counted by length, and then every session is found again at half and at twice the threshold.

# %%
silences = gaps(sessions)
silences[["minutes", "gaps"]].tail()

# %%
figure, axes = plt.subplots(figsize=(8, 3))
axes.bar(silences.minutes, silences.gaps, width=silences.minutes * 0.18, align="edge")
axes.axvline(session_gap_minutes, color="black", linestyle="--", label=f"threshold, {session_gap_minutes} min")
axes.set(xscale="log", xlabel="minutes since the visitor's previous event", ylabel="gaps")
axes.yaxis.set_major_formatter("{x:,.0f}")
axes.set_title("Gaps between events: within a visit on the left, between visits on the right")
looks.legend(axes)
plt.show()

# %%
change = moved(sessions, session_gap_minutes)
Markdown(
    f"At half the threshold **{change.half:.2%}** of all events change session (theirs begins later), "
    f"at twice the threshold **{change.twice:.2%}** (theirs begins earlier, with the session before)."
)

# %% [markdown]
# ## What does a session look like?

# %%
every = shape(sessions)
every[["events", "items", "minutes"]].describe(percentiles=[0.5, 0.9, 0.99]).drop("count").round(1)

# %% [markdown]
# Do sessions in which something was carted or bought look different?

# %%
lengths.figure(every)

# %%
every.groupby(["carted", "bought"])[["events", "items", "minutes"]].mean().round(2).assign(
    sessions=every.groupby(["carted", "bought"]).size()
)

# %% [markdown]
# ## How far do they get?
#
# The funnel, by session and by visitor. A step counts whoever took it, with or without the one before.

# %%
steps = funnel.funnel(sessions)
funnel.figure(steps)

# %%
Markdown(funnel.verdict(steps))

# %% [markdown]
# ## Do they come back?
#
# How often people come back decides how much history a prediction can use.

# %%
returns = visits(sessions)
figure, axes = plt.subplots(figsize=(8, 3))
axes.hist(returns, bins=40, log=True)
axes.set(xlabel="sessions of one visitor", ylabel="visitors (log scale)", title="How often visitors come back")
plt.show()

# %% [markdown]
# Cohorts: of the visitors whose first visit fell into a week (a row), the share that was seen again so many weeks
# later. The first week's also holds those who had come before the log began.

# %%
groups = cohorts.cohorts(sessions)
cohorts.figure(cohorts.returning(groups))

# %%
Markdown(cohorts.verdict(groups))

# %% [markdown]
# ## What was found

# %%
Markdown(
    f"{rows:,} events make **{len(every):,} sessions** of {len(returns):,} visitors: {every.events.mean():.1f} events "
    f"and {every.minutes.median():.1f} minutes (median) a session, {returns.median():.0f} sessions (median) a visitor. "
    f"{every.carted.mean():.1%} of sessions put something into the cart, {every.bought.mean():.1%} hold a purchase. "
    f"Half or twice the threshold would move {max(change.half, change.twice):.2%} of the events at most."
)

# %% [markdown]
# The claims of this page, checked: no event was lost, no session holds a longer gap than the threshold,
# and a session belongs to one visitor.

# %%
assert longest_gap_us(sessions) <= minutes_us(session_gap_minutes)
assert every.events.sum() == rows == pq.read_metadata(events).num_rows
assert (every.users == 1).all()
