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
# # Evaluate: how good is the champion, and how good could any predictor be?
#
# The champion is the model that is served. It is judged on test: the last days of the log, which nothing has read so
# far. It is compared with the base rate, a rule and logistic regression; on the simulated shop also with the ceiling,
# the true probability of each purchase, which no predictor can beat. Every metric has a 95% interval from drawing users
# again with replacement.

# %% tags=["parameters"]
upstream = None
product = None
source = "generate"
seed = 42
bootstrap_samples = 200
horizon_days = 7
min_lead_minutes = 0
sale_value = 10.0
action_cost = 0.5
action_effect = 0.25
action_every_hours = 0
code = None  # fingerprint of the modules behind this notebook

# %%
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from IPython.display import Markdown

from willbuy import by_hand, looks, schema
from willbuy.clock import minutes_us
from willbuy.evaluation import (
    calibrated,
    checks,
    concentration,
    contest,
    drift,
    figures,
    lead_time,
    money,
    next_steps,
    report,
    sales,
    slices,
    stories,
    swarm,
)
from willbuy.evaluation.comparison import compare
from willbuy.evaluation.intervals import UserBootstrap, estimate
from willbuy.evaluation.market import Market, Policy
from willbuy.evaluation.metrics import Ranking
from willbuy.evaluation.reliability import reliability
from willbuy.evaluation.rivals import side_by_side
from willbuy.evaluation.truth import true_probabilities
from willbuy.models import baseline, card, reading, registry
from willbuy.models.predictors import CEILING, DUMMY, LOGISTIC, RULE, XGBOOST
from willbuy.numbers import number
from willbuy.profile import decisions, log, short

# %%
looks.use()
product = by_hand.redirect(product)
models = Path(upstream["train"]["current"]).parent
version = registry.champion(models)
model = registry.load(models / version)
served, simpler = model.kind, RULE if model.kind == LOGISTIC else LOGISTIC
Markdown(
    f"The champion is **{version}**, {served}, trained on labels up to {model.card['trained_through'][:10]}. "
    f"In its build {model.card.get('choice', 'nothing else could serve')}."
)

# %% [markdown]
# ## The rows

# %%
columns = [*schema.DECISIONS.arrow.names, *baseline.RULE_FEATURES, "item_category", "item_price"]
test = upstream["featurize"]["test"]
frame = pd.read_parquet(test, columns=list(dict.fromkeys(columns)))
matrix = reading.matrix(test, model.encoding)
y = frame.label.to_numpy()
Markdown(
    f"Test holds **{len(y):,}** decision points of {frame.user_id.nunique():,} users from "
    f"{frame.timestamp.min():%Y-%m-%d} to {frame.timestamp.max():%Y-%m-%d}; **{y.sum():,}** ({y.mean():.2%}) are "
    f"positive: it came true {card.predicts(horizon_days, min_lead_minutes)}."
)

# %%
events = upstream[source]["events"]
purchases = sales.read_purchases(events)
bootstrap = UserBootstrap(frame.user_id, bootstrap_samples, seed)
sold = sales.Sales.join(frame, purchases, bootstrap, minutes_us(min_lead_minutes))
little = short.warning(frame.timestamp.dt.floor("D").nunique(), len(sold), log.days(events), horizon_days)
Markdown(little)

# %% [markdown]
# ## All predictors on the same rows

# %%
predictions = model.baselines.predict(frame, matrix) | {served: model.predict_matrix(matrix)}
if source == "generate":
    predictions[CEILING] = true_probabilities(upstream[source]["truth"], frame).to_numpy()

# %%
compared = compare(y, predictions, bootstrap)
table = compared.table()
table[:5]

# %% [markdown]
# And among the best-ranked 1%, 5% and 10% of the **decision points** (not of the sales: of those, see below):

# %%
table[5:]

# %%
gain = compared.difference(served, simpler, "pr_auc")
share = compared.share_of_ceiling(served)
Markdown(
    f"A predictor that knows nothing has a PR-AUC of the base rate, {y.mean():.4f}. Paired, {served} minus {simpler} "
    f"is **{gain}**. "
    + (
        f"The champion reaches **{share}** of the ceiling."
        if share
        else "The truth of this log is unknown: no ceiling."
    )
)

# %% [markdown]
# ## Precision and recall

# %%
curves = {name: Ranking(y, p).curve() for name, p in predictions.items()}
figures.precision_recall(curves, y.mean())

# %% [markdown]
# ## Does 3% mean 3%?
#
# Each point is one fifteenth of the decisions; the bars are 95% intervals. A bin whose interval misses the diagonal is
# black: by chance alone, one in twenty is.

# %%
bins = reliability(y, predictions[served], bootstrap)
figures.reliability(bins)

# %% [markdown]
# As one line through all rows: a slope below 1 means predictions that are too extreme, an intercept above 0 (in
# log-odds) predictions that are too low.

# %%
calibration = calibrated.calibrated(y, predictions[served], bootstrap)
pd.Series(vars(calibration), name="found").map(str).to_frame()

# %% [markdown]
# ## Gain and lift

# %%
figures.gain_and_lift({name: c for name, c in curves.items() if name != DUMMY})

# %% [markdown]
# ## Sales found
#
# One sale has often many decision points before it. A sale is found if one of those that lead to it is acted on.

# %%
probability = predictions[served]
found = sales.found(sold, frame, probability, model.threshold, bootstrap)
counts, shares = ["decision_points", "users", "sales"], [c for c in found if "share" in c] + ["precision"]
found.style.format("{:,}", counts).format("{:.1%}", shares)

# %%
share_found = sales.summary(sold, probability, model.threshold, bootstrap)
Markdown(
    f"The {y.sum():,} positive decision points lead to **{len(sold):,} sales**. The top 1% of the decision points "
    f"finds **{share_found['found_at_1%']:.1%}** of these sales. The champion was above the threshold at least an hour "
    f"before **{share_found['early']:.1%}** of them: *early sales*, where there is time to act."
)

# %% [markdown]
# ## How early does it know?
#
# Each positive decision point by the time left to its purchase, against all negative ones; days are those of UTC.
# `sales_found` is the share of the sales of that row which the threshold finds by that row's decision points.

# %%
waits = decisions.until_purchase([upstream["featurize"]["test"]], upstream["sessionize"]["sessions"], min_lead_minutes)
lead = lead_time.leads(frame.example_id, waits)
early = lead_time.by_lead(lead, probability, sold, model.threshold, bootstrap)
early.style.format("{:,}", ["decision_points", "sales"]).format("{:.2%}", ["base_rate", "mean_probability"]).format(
    "{:.1%}", ["sales_found"]
)

# %% [markdown]
# What is a probability made of? It is right or wrong as a whole: `predicted` beside `observed`, and then how soon the
# observed purchases came.

# %%
made_of = lead_time.calibration(lead, probability, bootstrap)
made_of.style.format("{:.1%}").format("{:,}", ["decision_points"])

# %%
early_verdict = lead_time.verdict(early)
Markdown(early_verdict)

# %% [markdown]
# ## Money
#
# The policy: act on the first decision point of a shopper and item that reaches the threshold, then not again for
# `action_every_hours`. An action costs `action_cost`. A sale after the lead and within the horizon of an action is
# credited, once, and brings `sale_value`, or its own price if that is 0. The threshold was chosen on validation, before
# test was read.
#
# A probability of buying is **not** the effect of acting: many of the shoppers that are acted on would have bought
# anyway. `action_effect` is the share of credited sales that would not have come by themselves. It is an assumption
# of the shop; only an experiment, acting on a random half and comparing, measures it.

# %%
policy = Policy.of(
    sale_value=sale_value,
    action_cost=action_cost,
    action_effect=action_effect,
    action_every_hours=action_every_hours,
    horizon_days=horizon_days,
    min_lead_minutes=min_lead_minutes,
)
market = Market(frame, purchases, policy)
earned = {name: money.curve(market, predictions[name]) for name in dict.fromkeys((LOGISTIC, served))}
figures.profit(earned, model.threshold)

# %%
by_rule, prices = baseline.has_carted(frame), frame.item_price.to_numpy()
worth = money.summary(market, probability, model.threshold, by_rule, prices, bootstrap)
profits = {
    "the threshold and above": "profit",
    "where the expected value pays the action": "by_value",
    "every decision point": "act_on_all",
    "what is in a cart: the rule": "rule",
}
shown = {act_on: f"{worth[key]:,.0f}" for act_on, key in profits.items() if key in worth}
pd.DataFrame({"profit": shown | {"nobody": "0"}})

# %% [markdown]
# How much of it hangs on the assumption? From the effect where the line crosses 0, acting pays at all.

# %%
chosen = market.act(probability, model.threshold)
effects = money.by_effect(chosen, bootstrap)
figures.profit_by_effect(effects, action_effect)

# %%
money_verdict = money.verdict(worth)
Markdown(money_verdict)

# %% [markdown]
# ## Candidate and champion
#
# The model of this build beside the one that it was compared with, each at its own threshold. Which of them serves was
# decided in `train`, before test was read.

# %%
judged = json.loads(Path(upstream["train"]["candidate"]).read_text())
versions = (judged["version"], judged["champion"])
known = {version: contest.measured(compared, served, probability, model.threshold, sold, chosen, bootstrap)}
rivals = side_by_side(versions, known, models, test, sold, market, bootstrap) if judged["champion"] else {}
pd.DataFrame(rivals).map(str)

# %%
Markdown(f"{versions[0]} was {'' if judged['promoted'] else '**not** '}promoted: {judged['reason']}.")

# %% [markdown]
# ## What it looks at

# %%
drawn = np.random.default_rng(seed).permutation(len(y))
sample = matrix[drawn[: swarm.ROWS]]
contributed = model.contributions(sample)
importance = model.importance(contributed)
figures.importance(importance)

# %% [markdown]
# Which way? Each point is a decision point; on the right of 0 its feature speaks for a purchase.

# %%
swarm.beeswarm(contributed, sample, model.encoding)

# %%
Markdown(swarm.verdict(swarm.directions(contributed, sample, model.encoding)))

# %% [markdown]
# ## Five predictions and their reasons
#
# The features that raised and lowered each one most. "Odds × 2": before calibration, the odds are twice what they would
# be without what this feature says.

# %%
told = stories.chosen(frame, probability, model.threshold)
values = matrix[list(told.values())]
reasons = model.contributions(values)
Markdown(stories.told(told, frame, probability, sold.lead, reasons, values, model.encoding))

# %% [markdown]
# ## Where it works
#
# In each slice `predicted` should lie between `low` and `high`, the interval of `base_rate`; where it does not, the
# slice is `off`. A visitor is new in their first session. Of very many categories the largest are shown.

# %%
users = pd.read_parquet(upstream[source]["users"])
slice_table = slices.measure_all(frame.assign(probability=probability), users, bootstrap)
rates = ["predicted", "base_rate", "low", "high"]
slice_table.style.format(number, ["pr_auc", "log_loss"]).format("{:.2%}", rates).format(
    "{:,}", ["n", "positives"]
).format(escape="html", subset=["value"]).hide()

# %% [markdown]
# ## What changed since train?
#
# A model knows the past. `psi` compares the shares of test in the tenths of train (0.1: changed somewhat, 0.25: much);
# `contribution` says how much the probability depends on the feature.

# %%
past, _ = reading.sample(upstream["featurize"]["train"], model.encoding, drift.ROWS, seed)
drifted = drift.measure(past, matrix[drawn[: drift.ROWS]], model.encoding)
drift.changed(drifted, importance).style.format(number).format("{:.1%}", drift.UNKNOWN)

# %%
rate = estimate(y.mean(), bootstrap.mean(y))
drift_verdict = drift.verdict(drifted, model.baselines.dummy.base_rate, rate)
Markdown(drift_verdict)

# %% [markdown]
# ## How few people decide this?
#
# One shopper may have very many positive decision points: so many more rows, but not so many more people. *Equal
# buyers* is the number of buyers with equally many that would be spread as unevenly.

# %%
crowd = concentration.measure(frame, probability, compared.estimate(served, "pr_auc"), bootstrap)
concentration.table(crowd)

# %%
crowd_verdict = concentration.verdict(crowd)
Markdown(crowd_verdict)

# %% [markdown]
# ## Checks

# %%
checked = [
    checks.train_ends_before(datetime.fromisoformat(model.card["trained_through"]), frame.timestamp.min()),
    checks.no_worse_than_baseline(compared, served),
    checks.is_calibrated(calibration),
    checks.no_golden_feature(model.encoding.names, matrix[:100_000], y[:100_000]),
    *([checks.nothing_beats_the_truth(compared)] if CEILING in predictions else []),
]
pd.DataFrame(checked)[["name", "passed", "detail"]].style.hide()

# %% [markdown]
# ## What is kept

# %%
report.write_predictions(frame, predictions, served, product["predictions"])
rows = schema.check(product["predictions"], schema.PREDICTIONS)
Markdown(f"`predictions.parquet` holds the probabilities of **{rows:,}** decision points, `metrics.json` all figures.")

# %%
numbers = {
    "version": version,
    "kind": served,
    "candidate": judged | {"measured": rivals},
    "test": {"rows": len(y), "positives": int(y.sum()), "users": frame.user_id.nunique(), "base_rate": float(y.mean())},
    "models": compared.as_dict(),
    "share_of_ceiling": share,
    "calibration": vars(calibration) | {"passed": calibration.passed, "bins_off": bins.off.sum()},
    "sales": share_found,
    "lead_time": lead_time.as_dict(early, made_of),
    "money": worth,
}

# %%
details = {
    "concentration": crowd,
    "drift": drifted.to_dict("records"),
    "profit_curves": {name: report.thinned(c) for name, c in earned.items()},
    "found": found.reset_index().to_dict("records"),
    "profit_by_effect": effects.to_dict("records"),
    "curves": {name: report.thinned(c) for name, c in curves.items()},
    "reliability": bins.to_dict("records"),
    "importance": importance.to_dict("records"),
    "slices": slice_table.to_dict("records"),
    "checks": checked,
}

# %%
minus = {"xgboost_minus_logistic_regression": compared.differences(served, simpler)} if served == XGBOOST else {}
report.write_metrics(numbers | minus | details, product["metrics"])

# %% [markdown]
# ## What to do next
#
# What follows from this page, the most urgent first.

# %%
Markdown(
    next_steps.listed(
        next_steps.judge_longer(little),
        next_steps.build_again(probability.mean(), rate),
        next_steps.prefer_simpler(compared, served),
        next_steps.mind_the_money(worth),
        next_steps.know_the_buyers(crowd),
        next_steps.train_often(drifted, importance),
        next_steps.act_earlier(share_found["early"], min_lead_minutes),
        next_steps.experiment(worth),
    )
)

# %% [markdown]
# ## What was found

# %%
champion_pr, base = compared.estimate(served, "pr_auc"), y.mean()
verdict = "more than chance explains" if gain.excludes(0) else "which chance may explain"
Markdown(
    f"- On unseen days the champion's PR-AUC is **{champion_pr}**, {champion_pr.value / base:.0f} times the base rate; "
    f"it differs from that of {simpler} by {gain}, {verdict}.\n"
    + (f"- It reaches **{share}** of the ceiling.\n" if share else "")
    + f"- Its probabilities are off by {compared.estimate(served, 'calibration_error')} on average. "
    f"{calibrated.verdict(calibration, bins, slice_table)}\n"
    f"- Acting on the top 1% of the decision points finds {share_found['found_at_1%']:.1%} of the {len(sold):,} "
    f"sales; {share_found['early']:.1%} of the sales were seen coming at least an hour before.\n"
    f"- {early_verdict}\n- {crowd_verdict}\n- {money_verdict}"
)

# %%
failed = [f"{c.name}: {c.detail}" for c in checked if c.stops and not c.passed]
assert not failed, "; ".join(failed)
assert json.loads(Path(product["metrics"]).read_text())["version"] == registry.champion(models)
