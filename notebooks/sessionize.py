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
# Somebody who decides what to show a shopper thinks in visits: what has happened *since they came in*?
# A log holds only events. Here we cut each visitor's events into **sessions**: runs of events with no gap
# longer than `session_gap_minutes`. Whether an event opens a session depends only on the event before it,
# so a session is something that could be known at the time.

# %% tags=["parameters"]
upstream = None
product = None
source = "generate"
session_gap_minutes = 30
code = None  # fingerprint of the modules behind this notebook

# %%
from pathlib import Path

import matplotlib.pyplot as plt
from IPython.display import Markdown

from willbuy.database import query
from willbuy.schema import SESSIONS, check
from willbuy.sessions import sessionize

# %%
events, sessions = Path(upstream[source]["events"]), Path(product["sessions"])
sessionize(events, sessions, session_gap_minutes)
rows = check(sessions, SESSIONS)
rows

# %% [markdown]
# ## One visitor
#
# The first events of the visitor with the median number of events. A new `session_id` begins wherever
# more than the threshold has passed.

# %%
visitor = """
WITH sizes AS (SELECT user_id, count(*) AS n FROM read_parquet($sessions) GROUP BY user_id)
SELECT user_id FROM sizes ORDER BY n, user_id LIMIT 1 OFFSET (SELECT count(*) // 2 FROM sizes)
"""
one = query(f"SELECT * FROM read_parquet($sessions) WHERE user_id = ({visitor})", sessions=sessions)
one.head(15)

# %% [markdown]
# ## Is the threshold in a sensible place?
#
# A good threshold lies where few gaps are: then it hardly matters where exactly it stands.
# We count the gaps between a visitor's consecutive events, by length.

# %%
gaps = query(
    """
    WITH gaps AS (
        SELECT (epoch_us(timestamp) - lag(epoch_us(timestamp)) OVER (PARTITION BY user_id ORDER BY timestamp))
            / 6e7 AS minutes
        FROM read_parquet($sessions)
    )
    SELECT floor(4 * log2(greatest(minutes, 1/64))) / 4 AS log2_minutes, count(*) AS gaps
    FROM gaps WHERE minutes IS NOT NULL GROUP BY 1 ORDER BY 1
    """,
    sessions=sessions,
)
gaps["minutes"] = 2**gaps.log2_minutes
gaps.tail()

# %%
figure, axes = plt.subplots(figsize=(8, 3))
axes.bar(gaps.minutes, gaps.gaps, width=gaps.minutes * 0.18, align="edge")
axes.axvline(session_gap_minutes, color="black", linestyle="--", label=f"threshold, {session_gap_minutes} min")
axes.set(xscale="log", xlabel="minutes since the visitor's event before", ylabel="gaps")
axes.set_title("Gaps between events: within a visit on the left, between visits on the right")
axes.legend()
# %%
near = gaps.minutes.between(session_gap_minutes / 2, session_gap_minutes * 2)
near_share = gaps.gaps[near].sum() / max(gaps.gaps.sum(), 1)
Markdown(
    f"**{near_share:.2%}** of all gaps are within a factor of two of the threshold: "
    "at most that share of events could change session if somebody halved or doubled it."
)

# %% [markdown]
# ## What does a session look like?

# %%
shape = query(
    """
    SELECT count(*) AS events, count(DISTINCT item_id) AS items, count(DISTINCT user_id) AS users,
        (max(epoch_us(timestamp)) - min(epoch_us(timestamp))) / 6e7 AS minutes,
        bool_or(event_type = 'add_to_cart') AS carted, bool_or(event_type = 'purchase') AS bought
    FROM read_parquet($sessions) GROUP BY session_id
    """,
    sessions=sessions,
)
shape[["events", "items", "minutes"]].describe(percentiles=[0.5, 0.9, 0.99]).round(1)

# %% [markdown]
# Do sessions in which something was carted or bought look different?

# %%
shape.groupby(["carted", "bought"])[["events", "items", "minutes"]].mean().round(2).assign(
    sessions=shape.groupby(["carted", "bought"]).size()
)

# %% [markdown]
# How often people come back decides how much history a prediction can lean on.

# %%
visits = query(
    "SELECT count(DISTINCT session_id) AS sessions FROM read_parquet($sessions) GROUP BY user_id", sessions=sessions
).sessions
figure, axes = plt.subplots(figsize=(8, 3))
axes.hist(visits, bins=40, log=True)
axes.set(xlabel="sessions of one visitor", ylabel="visitors (log scale)", title="How often visitors come back")
# %% [markdown]
# ## What was found

# %%
Markdown(
    f"{rows:,} events make **{len(shape):,} sessions** of {len(visits):,} visitors: {shape.events.mean():.1f} events "
    f"and {shape.minutes.median():.1f} minutes (median) a session, {visits.median():.0f} sessions (median) a visitor. "
    f"{shape.carted.mean():.1%} of sessions put something into the cart, {shape.bought.mean():.1%} hold a purchase."
)

# %% [markdown]
# The claims of this page, checked: no event was lost, no session holds a longer gap than the threshold,
# and a session belongs to one visitor.

# %%
breaks = query(
    """
    WITH gaps AS (
        SELECT epoch_us(timestamp) - lag(epoch_us(timestamp)) OVER (PARTITION BY session_id ORDER BY timestamp) AS gap
        FROM read_parquet($sessions)
    )
    SELECT count(*) AS n FROM gaps WHERE gap > $limit
    """,
    sessions=sessions,
    limit=round(session_gap_minutes * 60_000_000),
)
assert breaks.n[0] == 0
assert shape.events.sum() == rows == query("SELECT count(*) AS n FROM read_parquet($events)", events=events).n[0]
assert (shape.users == 1).all()
