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
# # What was known before each decision?
#
# A decision point is a moment `(user, item, t)`. This stage writes down what a shop could have known
# **strictly before `t`**: how recently and how often this visitor came, what they did with this item, how this
# session goes, how the price compares with what they usually look at. Each such number is a **feature**.
#
# Nothing else matters as much here as the word *before*. A feature that peeks at the answer makes a model
# that shines on old data and fails in the shop. So an event at exactly `t` does not count, and further down this
# page deletes the future and computes again.

# %% tags=["parameters"]
upstream = None
product = None
source = "generate"
session_gap_minutes = 30
code = None  # fingerprint of the modules behind this notebook

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pyarrow.parquet as pq
from IPython.display import Markdown

from willbuy.database import connect, copy_to_parquet, query
from willbuy.features.definitions import FEATURES, NAMES
from willbuy.features.tables import featurize
from willbuy.profile import features as profile

# %%
splits = ("train", "validation", "test")
sessions, items = upstream["sessionize"]["sessions"], upstream[source]["items"]
features = {upstream["split"][split]: product[split] for split in splits}
featurize(sessions, items, features, session_gap_minutes=session_gap_minutes)
rows = {split: pq.read_metadata(product[split]).num_rows for split in splits}
pd.Series(rows, name="decision points").to_frame().style.format("{:,}")

# %% [markdown]
# ## Which families of features are there?
#
# Every feature is defined once, in `src/willbuy/features/definitions.py`. The kernel that computes it and
# the dictionary in `docs/features.md` both read that list.

# %%
definitions = pd.DataFrame(FEATURES).drop(columns=["formula", "description"])
definitions.groupby("family", sort=False).agg(features=("name", "size"), first=("name", "first"), last=("name", "last"))

# %% [markdown]
# ## One shopper, one item
#
# A visitor who bought within the horizon, and what they did with the item. Each row is an event. Beside
# each decision point stand a few of its features, and its label. Read a row from left to right: the features count the
# rows above it, never the row itself.

# %%
story = profile.story(product["train"])
shown = ["user_item_view_count_30d", "user_item_hours_since_last_view", "user_item_open_cart", "session_event_count"]
profile.told(story, sessions, [product[split] for split in splits], shown)

# %% [markdown]
# Where the features are empty, the event is not a decision point, or its label window would have reached into
# the next split. Everything a model may know of the last decision point above, family by family:

# %%
last = profile.last(story, product["train"])
values = {
    name: f"{last[name]:.5g}" if f.dtype != "string" else last[name] for name, f in zip(NAMES, FEATURES, strict=True)
}
known = pd.Series(values).fillna("nan").replace("nan", "null")
pairs = ("`" + known.index + "` " + known).groupby(definitions.family.values, sort=False).agg(", ".join)
Markdown("\n".join(f"- **{family}**: {line}" for family, line in pairs.items()))

# %% [markdown]
# ## What is often unknown?
#
# A null says "never" or "no such thing", and stays a null: a made-up 0 or 9999 would be read as a fact.
# These are the shares of train's decision points at which a feature is null.

# %%
nulls = profile.null_shares(product["train"], [f.name for f in FEATURES if f.nullable])

# %%
axes = nulls.plot.barh(figsize=(8, 0.22 * len(nulls) + 1), xlim=(0, 1))
axes.set(xlabel="share of decision points", title="How often a feature is null (train; features never null left out)")
plt.show()

# %% [markdown]
# ## What differs before a purchase?
#
# The mean of a feature where the visitor went on to buy, minus its mean where they did not, in standard
# deviations. From train alone: what validation and test look like is not ours to know yet.

# %%
gap = profile.gap_before_purchase(product["train"], [f.name for f in FEATURES if f.dtype != "string"])
strongest = gap[gap.abs().sort_values().index[-15:]]

# %%
axes = strongest.plot.barh(figsize=(8, 4.5), color=["C1" if value < 0 else "C0" for value in strongest])
axes.axvline(0, color="black", linewidth=0.8)
axes.set(xlabel="standard deviations", title="The 15 features that differ most before a purchase (train)")
plt.show()

# %% [markdown]
# The same said in shares: how often a decision point is followed by a purchase, by how many times the visitor
# had viewed the item in the 30 days before, and by whether it lay in their cart. Few decision points make a share
# unsteady.

# %%
rates = profile.rate_by_views_and_cart(product["train"])
rates.pivot(index="open_cart", columns="earlier_views", values="bought").style.format("{:.1%}", na_rep="–")

# %%
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
for is_open, group in rates.groupby("open_cart"):
    axes.plot(group.earlier_views, group.bought, "o-", label="in the cart" if is_open else "not in the cart")
axes.set(xlabel="earlier views of the item in 30 days (5: five or more)", ylabel="share bought", ylim=(0, None))
axes.set_title("How often a decision point is followed by a purchase of its item (train)")
axes.legend()
# %% [markdown]
# ## Does any feature see the future?
#
# Take the shopper from above and the last of their decision points in train. Delete everything that anybody in the shop
# did after that time, compute this shopper's features again, and compare. The tests do this with thousands of
# generated logs; here it is with this one.

# %%
latest = "SELECT max(timestamp) AS t FROM read_parquet($train) WHERE user_id = $user"
cutoff = query(latest, train=product["train"], user=story.user_id).t[0]
user = "user_id = $user ORDER BY user_id, timestamp, item_id, event_type, example_id"
whole = query(f"SELECT * FROM read_parquet($train) WHERE {user}", train=product["train"], user=story.user_id)

# %%
with tempfile.TemporaryDirectory() as folder:
    past, asked, again = (Path(folder) / f"{name}.parquet" for name in ("past", "asked", "again"))
    with connect(folder) as connection:
        kept = "SELECT * FROM read_parquet($sessions) WHERE timestamp <= $cutoff"
        values = {"sessions": str(sessions), "cutoff": cutoff.to_pydatetime()}
        copy_to_parquet(connection, kept, past, values)
        kept = "SELECT * FROM read_parquet($decisions) WHERE user_id = $user"
        copy_to_parquet(connection, kept, asked, {"decisions": str(upstream["split"]["train"]), "user": story.user_id})
    featurize(past, items, {asked: again}, session_gap_minutes=session_gap_minutes)
    without_future = query(f"SELECT * FROM read_parquet($again) WHERE {user}", again=again, user=story.user_id)
    deleted = pq.read_metadata(sessions).num_rows - pq.read_metadata(past).num_rows

# %%
pd.testing.assert_frame_equal(without_future, whole, check_exact=True)
Markdown(f"{deleted:,} events deleted; all {len(NAMES)} features of {len(whole):,} decision points equal to the bit.")

# %% [markdown]
# ## What was found

# %%
strongest_names = ", ".join(f"`{name}`" for name in strongest.index[::-1][:3])
always_known = len(NAMES) - len(nulls)
Markdown(
    f"{len(NAMES)} features for {sum(rows.values()):,} decision points. {always_known} of them are always known in "
    f"train; `{nulls.index[-1]}` is the one most often null ({nulls.iloc[-1]:.0%}). Those that differ most before a "
    f"purchase are {strongest_names}. And deleting the future changed none of them."
)

# %% [markdown]
# The claims of this page, checked: every decision point has its row, in order, and the features that
# are never null never are.

# %%
for split in splits:
    files = upstream["split"][split], product[split]
    asked, answered = (pq.read_table(file, columns=["example_id"]) for file in files)
    assert answered["example_id"].equals(asked["example_id"])
counted = profile.known([product[split] for split in splits], [f.name for f in FEATURES if not f.nullable])
assert (counted == sum(rows.values())).all()
