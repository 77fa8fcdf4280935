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
# A decision point is a user, an item and a time `t`. This stage computes what a shop could have known
# **strictly before `t`**: how recently and how often this visitor came, what they did with this item, how this
# session goes, how the price compares with what they usually look at. Each such number is a **feature**.
#
# The word *before* matters most. A feature that sees the answer makes a model that looks good on old data and
# fails in the shop. So an event at exactly `t` does not count, and further down this page deletes the future and
# computes again.

# %% tags=["parameters"]
upstream = None
product = None
source = "generate"
session_gap_minutes = 30
code = None  # fingerprint of the modules behind this notebook

# %%
import matplotlib.pyplot as plt
import pandas as pd
import pyarrow.parquet as pq
from IPython.display import Markdown

from willbuy import by_hand, looks
from willbuy.features.context import known_in
from willbuy.features.tables import featurize
from willbuy.profile import distributions
from willbuy.profile import features as profile
from willbuy.profile.future import without_future
from willbuy.splits import SPLITS

# %%
looks.use()
product = by_hand.redirect(product)
sessions, items = upstream["sessionize"]["sessions"], upstream[source]["items"]
decisions, features = ([files[name] for name in SPLITS] for files in (upstream["split"], product))
featurize(sessions, items, dict(zip(decisions, features, strict=True)), session_gap_minutes=session_gap_minutes)
rows = {name: pq.read_metadata(file).num_rows for name, file in zip(SPLITS, features, strict=True)}
pd.Series(rows, name="decision points").to_frame().style.format("{:,}")

# %% [markdown]
# ## Which families of features are there?
#
# Every feature is defined once, in `src/willbuy/features/definitions.py`. The kernel that computes it and
# the dictionary in `docs/features.md` both read that list.

# %%
known = known_in(features[0])
definitions = pd.DataFrame(known).drop(columns=["formula", "description"])
definitions.groupby("family", sort=False).agg(features=("name", "size"), first=("name", "first"), last=("name", "last"))

# %% [markdown]
# ## One shopper, one item
#
# A visitor who bought within the horizon, and what they did with the item. Each row is an event. Beside
# each decision point stand a few of its features, and its label. Read a row from left to right: the features count the
# rows above it, never the row itself.

# %%
story = profile.story(features[0])
shown = ["user_item_view_count_30d", "user_item_hours_since_last_view", "user_item_open_cart", "session_event_count"]
told = profile.told(story, sessions, features, shown)
told

# %% [markdown]
# Where the features are empty, the event is not a decision point, or its label window would have reached into
# the next split. Everything a model may know of the last decision point above, family by family:

# %%
last = profile.last(story, features[0])
values = {f.name: f"{last[f.name]:.5g}" if f.dtype != "string" else last[f.name] for f in known}
written = pd.Series(values).fillna("nan").replace("nan", "null")
pairs = ("`" + written.index + "` " + written).groupby(definitions.family.values, sort=False).agg(", ".join)
Markdown("\n".join(f"- **{family}**: {line}" for family, line in pairs.items()))

# %% [markdown]
# ## What is often unknown?
#
# A null means "never" or "not applicable", and stays a null: a model would read an invented 0 or 9999 as a fact.
# These are the shares of train's decision points at which a feature is null.

# %%
nulls = profile.null_shares(features[0], [f.name for f in known if f.nullable])

# %%
axes = nulls.plot.barh(figsize=(8, 0.22 * len(nulls) + 1), xlim=(0, 1))
axes.set(xlabel="share of decision points", title="How often a feature is null (train; features never null left out)")
plt.show()

# %% [markdown]
# ## What differs before a purchase?
#
# The mean of a feature where the visitor went on to buy, minus its mean where they did not, in standard
# deviations. From train alone: nothing may be learned from validation and test yet.

# %%
gap = profile.gap_before_purchase(features[0], [f.name for f in known if f.dtype != "string"])
strongest = gap[gap.abs().sort_values().index[-15:]]

# %%
axes = strongest.plot.barh(figsize=(8, 4.5), color=["C1" if value < 0 else "C0" for value in strongest])
axes.axvline(0, color="black", linewidth=0.8)
axes.set(xlabel="standard deviations", title="The 15 features that differ most before a purchase (train)")
plt.show()

# %% [markdown]
# How their values spread, at most two features of a family. The outer hundredth counts to the outermost bin. Brackets
# hold how often the value is unknown: before a purchase / otherwise.

# %%
shown = distributions.varied(gap, definitions.set_index("name").family, nulls)
distributions.figure(distributions.values(features[0], shown))

# %%
Markdown(
    f"In standard deviations the means lie apart by {', '.join(f'{gap[name]:+.2f} (`{name}`)' for name in shown)}."
)

# %% [markdown]
# The same in shares: how often a decision point is followed by a purchase, by how many times the visitor had viewed
# the item in the 30 days before, and by whether it was in their cart. A share of few decision points varies by chance.

# %%
rates = profile.rate_by_views_and_cart(features[0])
rates.pivot(index="open_cart", columns="earlier_views", values="bought").style.format("{:.1%}", na_rep="–")

# %%
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
for is_open, group in rates.groupby("open_cart"):
    axes.plot(group.earlier_views, group.bought, "o-", label="in the cart" if is_open else "not in the cart")
axes.set(xlabel="earlier views of the item in 30 days (5: five or more)", ylabel="share bought", ylim=(0, None))
axes.set_title("How often a decision point is followed by a purchase of its item (train)")
looks.legend(axes)
plt.show()

# %% [markdown]
# ## Does any feature see the future?
#
# Draw decision points from all three splits. For each of them delete whatever its visitor did, and whatever anybody
# did with its item, at its own time or later; take from the decision event how long it will last; compute its features
# again from what is left, and compare. The tests do the same with many generated logs, and with a kernel that leaks.

# %%
without = without_future(sessions, items, decisions, features, session_gap_minutes)
pd.testing.assert_frame_equal(without.again, without.known, check_exact=True)
Markdown(
    f"{without.points:,} decision points, each with a cut at its own time and {without.deleted / without.points:,.0f} "
    f"events deleted on average: all {len(known)} features of each come out equal to the bit."
)

# %% [markdown]
# ## What was found

# %%
strongest_names = ", ".join(f"`{name}`" for name in strongest.index[::-1][:3])
always_known = len(known) - len(nulls)
Markdown(
    f"{len(known)} features for {sum(rows.values()):,} decision points. {always_known} of them are always known in "
    f"train; `{nulls.index[-1]}` is the one most often null ({nulls.iloc[-1]:.0%}). Those that differ most before a "
    f"purchase are {strongest_names}. Without the future of each of {without.points:,} decision points "
    "all of its features come out the same."
)

# %% [markdown]
# The claims of this page, checked: every decision point has its row, in order, and the features that
# are never null never are.

# %%
for pair in zip(decisions, features, strict=True):
    before, after = (pq.read_table(file, columns=["example_id"]) for file in pair)
    assert before["example_id"].equals(after["example_id"])
always = profile.known(features, [f.name for f in known if not f.nullable])
assert (always == sum(rows.values())).all()
