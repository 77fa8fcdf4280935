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
# # What does this shop's log hold?
#
# Two questions come before any model of your own shop: was its log **read as it was meant**, and is it **fit to learn
# from**? Here the log becomes the tables that every later stage reads. Rows that cannot be used go into a
# *quarantine*, each with its line and the reason. Nothing is dropped silently.

# %% tags=["parameters"]
upstream = None
product = None
log = "log.csv.gz"
log_format = "rees46"
max_quarantine_share = 0.05
exclude_users = ""
exclude_robots = False
horizon_days = 7
train_share = 0.70
validation_share = 0.15
content = None  # fingerprint of the log and its mapping
code = None  # fingerprint of the modules behind this notebook

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Markdown, display

from willbuy import by_hand, looks
from willbuy.database import query
from willbuy.ingest import ingest
from willbuy.ingest.judging.robots import RULE, robots
from willbuy.ingest.mapping.mapping import source
from willbuy.ingest.reporting import accounts, giants, placeholders, quality, steadiness
from willbuy.ingest.reporting.sufficient import require_trainable
from willbuy.ingest.writing.ledger import Refused
from willbuy.ingest.writing.quarantine import first_rows
from willbuy.schema import EVENTS, ITEMS, USERS, check

# %% [markdown]
# ## How is it read?
#
# By this mapping. Times without an offset are in its `timezone`, UTC if it has none.

# %%
looks.use()
Markdown(f"```yaml\n{source(log_format).strip()}\n```")

# %%
product = by_hand.redirect(product)
events, items, users = (Path(product[name]) for name in ("events", "items", "users"))
left_out = {"exclude_users": exclude_users, "exclude_robots": exclude_robots}
try:
    ledger = ingest(log, log_format, events.parent, max_quarantine_share=max_quarantine_share, **left_out)
except Refused as refused:
    display(accounts.by_reason(refused.ledger), accounts.by_file(refused.ledger))
    display(first_rows(product["quarantine"], each=3))
    raise

# %% [markdown]
# ## What became of every row?
#
# Rows read = events + quarantined + ignored (on purpose, by the mapping) + rows of the item file, if there is one.

# %%
accounts.totals(ledger)

# %% [markdown]
# The same by file, with the times of the rows that are used:

# %%
accounts.by_file(ledger).head(40)

# %% [markdown]
# The quarantine by reason. An *exact duplicate* has the user, item, type, time, price and duration of an earlier row.

# %%
accounts.by_reason(ledger)

# %% [markdown]
# The first rows of each reason, as the log has them:

# %%
first_rows(product["quarantine"], each=3)

# %% [markdown]
# Rows that are left out on purpose:

# %%
pd.Series(ledger.ignored, name="rows", dtype=int).rename_axis("ignored event type").to_frame()

# %% [markdown]
# Rows that are used although something is odd about them. A price or duration that cannot be read is null in its event.

# %%
pd.DataFrame(ledger.remarks, columns=["oddity", "file", "line", "text", "rows of its kind"])

# %%
Markdown("\n\n".join(ledger.notes) or "Every record is one line.")

# %% [markdown]
# ## What do the events look like?

# %%
query("SELECT * FROM read_parquet($events) LIMIT 8", events=events)

# %%
coverage = quality.coverage(events)
coverage.round(3)

# %% [markdown]
# What the log never says cannot be a feature. These columns are null in every row, and these event types never occur.
# Features that are null in every row are left out of the model. Counts of events that never occur are always 0, which
# no model can use.

# %%
unknown = quality.unknown_throughout(events, items)
Markdown("Never logged: " + (", ".join(f"`{name}`" for name in unknown) or "nothing is missing") + ".")

# %%
Markdown("Columns that nothing names: " + (", ".join(f"`{name}`" for name in ledger.unused) or "none") + ".")

# %% [markdown]
# Prices by kind of event. A highest price that is far from the 95% is often a price in another unit.

# %%
quality.prices(events).round(3)

# %% [markdown]
# Contexts that the mapping names, if any. A level that is rare in train is `other` to a model.

# %%
quality.contexts(events).style.format({"unknown": "{:.1%}", "levels": "{:,}"})

# %% [markdown]
# ## Is the logging steady?
#
# To a model, a day on which the logging broke looks like a day on which nobody wanted anything.

# %%
hours = steadiness.by_hour(events)
days = steadiness.by_day(hours)
figure, axes = plt.subplots(figsize=(9, 3.2))
for event_type in days:
    axes.plot(days.index, days[event_type], label=event_type)
axes.set(ylabel="events a day", yscale="symlog", title="Events by type and day: lines should rise and fall together")
looks.legend(axes)
plt.show()

# %% [markdown]
# Each kind of event breaks off by itself: if purchases are not logged for a day, the views hide it in every total.
# Hours without one event of a kind of which many were to be expected, judged by what else happened in those hours:

# %%
outages = steadiness.outages(hours)
outages.head(10)

# %% [markdown]
# Days on which a kind of event is rare:

# %%
thin = steadiness.thin_days(days)
thin.head(10)

# %% [markdown]
# Stretches without any event at all:

# %%
silences = steadiness.silences(events)
silences.head(10).round({"hours": 1})

# %%
breaks = steadiness.breaks(outages, thin)
Markdown(
    f"**{len(silences)}** stretches of {steadiness.SILENT_HOURS} hours or more hold no event at all. "
    + (f"Kinds of events that broke off: {breaks}." if breaks else "No kind of event broke off.")
)

# %% [markdown]
# ## Does a text stand where a value should?
#
# A template that nobody filled in, such as `{{user_id}}`, turns many shoppers into one.

# %%
fillers = placeholders.suspects(events, items)
fillers.head(10)

# %% [markdown]
# ## Is somebody a giant, or two?
#
# The users with the most events:

# %%
users_most = giants.largest(events, "user_id")
users_most

# %% [markdown]
# The items with the most events:

# %%
items_most = giants.largest(events, "item_id")
items_most

# %% [markdown]
# Ids that are equal but for case or a `.0` at the end may be one id that two programs wrote:

# %%
alike = giants.alike(events)
alike.head(10)

# %% [markdown]
# ## Are there robots?

# %%
people = query("SELECT count(*) AS users FROM read_parquet($users)", users=users).users[0]
suspects = robots(events)
Markdown(
    f"A robot is a user with {RULE}. That holds for **{len(suspects)}** of {people:,} users. "
    + ("Robots were excluded." if exclude_robots else "They stay in; `exclude_robots: true` leaves them out.")
)

# %%
suspects.head(10)

# %% [markdown]
# ## Do views and purchases mean the same items?
#
# Some shops log a product when it is viewed, and its size or colour when it is bought. Then no view predicts a sale.

# %%
purchases, unseen = quality.unseen_purchases(events)
Markdown(quality.item_id_advice(purchases, unseen))

# %% [markdown]
# ## What was found

# %%
reasons = ledger.reasons() or "nothing"
warnings = [breaks, placeholders.told(fillers), *giants.told(users_most, items_most, alike), ledger.oddities()]
Markdown(
    f"{ledger.rows:,} rows of {ledger.files} file(s) gave **{ledger.events:,} events** of {people:,} users on "
    f"{len(days)} days ({days.index[0]:%Y-%m-%d} to {days.index[-1]:%Y-%m-%d}), {purchases:,} of them purchases. "
    f"In quarantine: {reasons} ({ledger.quarantine_share:.2%} of the rows; the limit is {max_quarantine_share:.0%}). "
    + "".join(f"**Look at this first:** {warning}. " for warning in warnings if warning)
)

# %% [markdown]
# The claims of this page, checked: every row is accounted for, the tables keep their contracts, and the log is long
# enough for its splits and the horizon. A log that is too short stops the build here; the error says which length,
# horizon or shares would do.

# %%
ledger.check()
assert check(events, EVENTS) == ledger.events == days.to_numpy().sum()
found = query("SELECT count(DISTINCT item_id) AS items FROM read_parquet($events)", events=events)
assert check(users, USERS) == people and check(items, ITEMS) == found["items"][0]
periods = require_trainable(events, horizon_days, train_share, validation_share)
pd.DataFrame(periods)
