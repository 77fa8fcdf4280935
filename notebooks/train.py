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
# # Train: do trees predict purchases better than simpler models?
#
# Each row of `features/train.parquet` is a decision point: a shopper looks at an item, or puts it into the cart, and
# the shop could act. The label says whether that shopper buys that item within the horizon. Four predictors learn from
# the same rows, the simplest first: the base rate, one rule, logistic regression, and gradient-boosted trees. The trees
# (or logistic regression, where it is better beyond chance) are calibrated, get a threshold from what a sale is worth,
# and become the champion if they pass the gate.
#
# Test is not read here. Validation has three parts, divided by user: one stops the boosting, two of them calibrate and
# set the threshold, and one, to which nothing is ever fitted, judges.

# %% tags=["parameters"]
upstream = None
product = None
source = "generate"
seed = 42
session_gap_minutes = 30
horizon_days = 7
min_lead_minutes = 0
num_boost_round = 600
early_stopping_rounds = 25
learning_rate = 0.06
max_depth = 0
min_child_weight = 30
subsample = 0.8
colsample_bytree = 0.8
search_trials = 0
bootstrap_samples = 200
sale_value = 10.0
action_cost = 0.5
action_effect = 0.25
action_every_hours = 0
code = None  # fingerprint of the modules behind this notebook

# %%
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from IPython.display import Markdown

from willbuy import by_hand, looks
from willbuy.evaluation import figures, learning_curve, money, report, sales
from willbuy.evaluation.comparison import compare
from willbuy.evaluation.intervals import UserBootstrap
from willbuy.evaluation.market import Market, Policy
from willbuy.evaluation.reliability import reliability
from willbuy.features import context
from willbuy.models import (
    baseline,
    boosted,
    card,
    crossfit,
    depth,
    fitting,
    golden,
    parts,
    promotion,
    reading,
    registry,
    search,
)
from willbuy.models.choice import choose
from willbuy.models.encoding import Encoding
from willbuy.models.judging import Judging
from willbuy.models.model import Baselines, Model
from willbuy.models.predictors import LOGISTIC, XGBOOST

# %%
looks.use()
product = by_hand.redirect(product)
train, validation = upstream["featurize"]["train"], upstream["featurize"]["validation"]
models = Path(product["current"]).parent

# %% [markdown]
# ## The rows

# %%
columns = ["user_id", "item_id", "timestamp", "label", *baseline.RULE_FEATURES]
known = pd.read_parquet(train, columns=columns)
labels = known.label.to_numpy()
trained_through = known.timestamp.max() + timedelta(days=horizon_days)
Markdown(
    f"Train holds **{len(known):,}** decision points of {known.user_id.nunique():,} users; **{labels.sum():,}** "
    f"({labels.mean():.2%}) were followed by a purchase. Its last label window closes {trained_through:%Y-%m-%d %H:%M}."
)

# %%
known_features = context.known_in(train)
encoding = Encoding.fit(train, [f.name for f in known_features])
left_out = [f.name for f in known_features if f.name not in encoding.names]
Markdown(f"**{len(encoding.names)}** features; without a single value in train: {', '.join(left_out) or 'none'}.")

# %%
frame, matrix = reading.read(validation, encoding, columns)
part = parts.of(frame.user_id)
stopping, held_out, others = part == parts.STOPPING, part == parts.CALIBRATION, part != parts.JUDGING
watched = frame[stopping], matrix[stopping]
frame.groupby(part).agg(rows=("label", "size"), users=("user_id", "nunique"), base_rate=("label", "mean"))

# %% [markdown]
# ## Dummy: everyone buys at the base rate

# %%
dummy = baseline.Dummy.fit(labels)
pd.DataFrame([dummy])

# %% [markdown]
# ## A rule: a shopper who has put the item into the cart buys it

# %%
rule = baseline.Rule.fit(known, labels)
pd.DataFrame([rule])

# %% [markdown]
# ## Logistic regression
#
# On a sample of the train rows: with so few coefficients, more rows would hardly move them. Its penalty is the one with
# the least log-loss on the stopping part.

# %%
logistic = fitting.logistic(train, encoding, *watched, seed)
print(f"{len(logistic.coefficients)} coefficients, C = {logistic.strength:g}")

# %% [markdown]
# ## XGBoost
#
# The loss is the log-loss, unweighted, so that what comes out are probabilities. The number of trees is the one with
# the least log-loss on the stopping part; where that has too few buyers to say, at rolling origins inside train.
# A search (`search_trials`) tries other settings by the same loss.

# %%
asked = {
    "num_boost_round": num_boost_round,
    "early_stopping_rounds": early_stopping_rounds,
    "learning_rate": learning_rate,
    "max_depth": max_depth,
    "min_child_weight": min_child_weight,
    "subsample": subsample,
    "colsample_bytree": colsample_bytree,
    "seed": seed,
}

# %%
plain = depth.chosen(asked, labels)
settings, first = search.find(train, *watched, encoding, horizon_days, plain, search_trials)
print(f"{first.number} trees of depth {settings['max_depth']}: {first.found}")

# %%
changed = {name: (plain[name], value) for name, value in settings.items() if value != plain[name]}
pd.DataFrame(changed, index=["asked for", f"best of {search_trials} trials"]).T

# %% [markdown]
# ## Calibration
#
# A strictly rising curve from the trees' log-odds to the rate observed on validation, which these trees did not learn
# from. Each half of the users judges the curve of the other half: if it does no good there, the log-odds stay.

# %%
margins = boosted.margins(first.booster, matrix[others])
curve = crossfit.fit(margins, frame.label[others].to_numpy(), stopping[others])
y, probability = frame.label[held_out].to_numpy(), curve(margins[held_out[others]])
print(f"method: {curve.method}; mean prediction {probability.mean():.5f}, observed {y.mean():.5f}")

# %%
bootstrap = UserBootstrap(frame.user_id[held_out], bootstrap_samples, seed)
figures.reliability(reliability(y, probability, bootstrap))

# %% [markdown]
# ## Side by side
#
# On the calibration part, with 95% intervals over users. The verdict belongs to `evaluate`, on test.

# %%
baselines = Baselines(dummy, rule, logistic)
predictions = baselines.predict(frame[held_out], matrix[held_out]) | {XGBOOST: probability}
compared = compare(y, predictions, bootstrap)
compared.table()[:5]

# %% [markdown]
# ## Would a longer log help?
#
# Small models that know ever more of the last days of train, judged on the calibration part. They are weaker than the
# real one; what counts is how the line goes on.

# %%
curve_of_days = learning_curve.measure(train, encoding, settings, (matrix[held_out], y), bootstrap)
learning_curve.figure(curve_of_days)

# %%
Markdown(curve_of_days.verdict())

# %% [markdown]
# ## Once more, with validation
#
# So far the trees know nothing of validation. On a small log its rows are worth learning from: as many trees grow once
# more, on train and on validation without those who judge.

# %%
booster = fitting.refit(first, (train, labels), (validation, others), encoding, settings)
known_through = trained_through if booster is first.booster else frame.timestamp.max() + timedelta(days=horizon_days)
Markdown(f"The trees know labels up to {known_through:%Y-%m-%d %H:%M}.")

# %% [markdown]
# ## Which of the two serves?
#
# What is simpler is preferred only where it is better beyond chance: logistic regression gets a curve of its own, and
# serves if its log-loss is below that of the trees on the users who judge, to whom neither was fitted.

# %%
straight = crossfit.fit(logistic.linear.margins(matrix[others]), frame.label[others].to_numpy(), stopping[others])
judging = Judging.of(validation, bootstrap_samples, seed)
judges = matrix[judging.rows]
choice = choose(judging, straight(logistic.linear.margins(judges)), curve(boosted.margins(booster, judges)))
fitted = settings | {"rounds": booster.num_boosted_rounds()}
Markdown(f"**{choice.reason[0].upper()}{choice.reason[1:]}**.")

# %%
if choice.serves == LOGISTIC:
    booster, curve, known_through, fitted = None, straight, trained_through, {"C": logistic.strength}
    margins = logistic.linear.margins(matrix[others])

# %% [markdown]
# ## The threshold
#
# The shop acts on the first decision point of a shopper and item that reaches the threshold, and then not again for
# `action_every_hours`. An action costs `action_cost`. A sale is credited once, and brings `action_effect` of
# `sale_value` (of its own price, if that is 0): the share that would not have come by itself, which no log of purchases
# can tell.

# %%
policy = Policy.of(
    sale_value=sale_value,
    action_cost=action_cost,
    action_effect=action_effect,
    action_every_hours=action_every_hours,
    horizon_days=horizon_days,
    min_lead_minutes=min_lead_minutes,
)
market = Market(frame[others], sales.read_purchases(upstream[source]["events"]), policy)
earned = money.curve(market, curve(margins))
threshold = money.best_threshold(earned)

# %%
model = Model(booster, encoding, curve, threshold, baselines, {})
figures.profit({choice.serves: earned}, threshold)

# %% [markdown]
# ## The version, and whether it becomes champion

# %%
learned = {
    "trained_through": known_through.isoformat(),
    "judges_known_through": trained_through.isoformat(),
    "predicts": card.predicts(horizon_days, min_lead_minutes),
    "horizon_days": horizon_days,
    "min_lead_minutes": min_lead_minutes,
    "session_gap_minutes": session_gap_minutes,
    "features": card.features(known_features, encoding, context.always_known(train)),
    "left_out": left_out,
    "settings": fitted,
    "money": policy.terms(),
}

# %%
seen = {
    "validation": {"rows": len(y), "positives": int(y.sum()), "metrics": report.plain(compared.as_dict())},
    "data": card.data(train=train, validation=validation),
    "golden": golden.rows(encoding, matrix[held_out], model.predict_matrix(matrix[held_out])),
    "choice": choice.reason,
    "judging": {"rows": int((part == parts.JUDGING).sum())},
    "code": code,
    "packages": card.packages(),
}

# %%
version = registry.free_version(models, datetime.now(UTC), model.kind)
saved = registry.load(registry.save(replace(model, card=learned | seen), models, version))

# %% [markdown]
# Checks first: the candidate has to beat the base rate, be calibrated, answer its golden rows as before it was saved
# and show no sign of a leak. Then it is compared with the champion, paired, on the judging users, to whom neither was
# fitted. The pointer to the champion moves last, or not at all.

# %%
verdict = promotion.gate(models, version, judging)
pd.DataFrame(verdict.checks).style.hide()

# %%
gate_verdict = (
    f"The candidate {version} is {'' if verdict.promoted else '**not** '}promoted: {verdict.reason}. "
    f"The champion is **{registry.champion(models)}**."
)
Markdown(gate_verdict)

# %% [markdown]
# ## What was found

# %%
gain = compared.difference(XGBOOST, LOGISTIC, "pr_auc")
direction = "no clear difference" if not gain.excludes(0) else "better" if gain.value > 0 else "worse"
Markdown(
    f"Against logistic regression the trees' PR-AUC differs by **{gain}** on the calibration part: {direction}. "
    f"The base rate there is {y.mean():.2%}; the trees reach {compared.estimate(XGBOOST, 'pr_auc')}. "
    f"So {choice.reason}. " + f"{money.advice(threshold, action_effect)} {gate_verdict}"
)

# %%
assert np.array_equal(saved.predict_matrix(matrix), model.predict_matrix(matrix)), "saved otherwise"
assert (registry.champion(models) == version) == verdict.promoted
