import math
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from willbuy.shop import looking, truth
from willbuy.shop.catalogue import DISCOUNT_ENDS, DISCOUNT_STARTS
from willbuy.shop.circumstances import CHANNEL_CHANCES, CHANNELS
from willbuy.shop.intent import logistic
from willbuy.shop.personas import trait
from willbuy.shop.visits import intensity

HORIZON = 7
START = date(2024, 1, 1)


LEADS = (0, 1, 10, 60, 1440)  # minutes


@pytest.fixture(scope="module")
def answers(shop, events):
    return answered(shop.truth.to_pandas(), events)


def answered(known, events, lead_minutes=0):
    """The decision points whose horizon the log covers, each with its truth and whether it was bought."""
    known = known.assign(opens=known.timestamp + pd.Timedelta(minutes=lead_minutes))
    sales = events.loc[events.event_type == "purchase", ["user_id", "item_id", "timestamp"]]
    joined = pd.merge_asof(
        known,
        sales.rename(columns={"timestamp": "sold"}),
        left_on="opens",
        right_on="sold",
        by=["user_id", "item_id"],
        direction="forward",
        allow_exact_matches=False,
    )
    horizon = pd.Timedelta(days=HORIZON)
    joined["bought"] = joined.sold - joined.timestamp <= horizon
    return joined[joined.timestamp + horizon < events.timestamp.max()]


def z_score(rows):
    """How many standard errors the labels are off their truth; a user's decision points count as one draw."""
    off = (rows.bought - rows.probability).groupby(rows.user_id).sum()
    return off.sum() / np.sqrt((off**2).sum())


def test_the_truth_is_calibrated_in_total(answers):
    assert answers.bought.sum() > 3000
    assert abs(z_score(answers)) < 3


@pytest.mark.parametrize("factor", [0.85, 1.15])
def test_the_check_of_the_total_would_see_a_bias(answers, factor):
    assert abs(z_score(answers.assign(probability=answers.probability * factor))) > 4


def test_the_truth_is_calibrated_in_every_tenth(answers):
    tenth = pd.qcut(answers.probability.rank(method="first"), 10, labels=False)
    z = np.array([z_score(rows) for _, rows in answers.groupby(tenth)])
    # The least tenths are bought next to never, so only the others have a spread to measure by.
    assert answers.bought[tenth == 0].mean() < 0.002
    assert (np.abs(z[3:]) < 3.5).all()
    assert answers.bought[tenth == 9].mean() > 20 * answers.bought[tenth == 4].mean()


@pytest.mark.parametrize(
    "column", ["persona", "category", "event_type", "weekday", "week", "context_channel", "context_device", "landed"]
)
def test_the_truth_is_calibrated_in_every_slice(answers, shop, events, column):
    rows = answers.merge(shop.users.to_pandas()[["user_id", "persona"]]).merge(shop.items.to_pandas())
    rows = rows.merge(events[["user_id", "timestamp", "context_channel", "context_device"]])
    rows["landed"] = landed(rows)
    rows["weekday"], rows["week"] = rows.timestamp.dt.day_of_week, rows.timestamp.dt.isocalendar().week
    for value, part in rows.groupby(column):
        assert abs(z_score(part)) < 3.5, value


def landed(rows):
    """The channel of decision points that come first in their hour, which for a user is that of their session."""
    rows = rows.sort_values("timestamp")
    first = ~rows.duplicated(["user_id"]) | (rows.groupby("user_id").timestamp.diff() > pd.Timedelta(hours=1))
    return rows.context_channel.where(first)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_moves_the_truth_of_a_first_look_as_bayes_rule_says_and_of_no_other_look(parts, channel):
    looks, came = parts.looks, parts.came
    arguments = (parts.sessions, parts.population, parts.catalogue, parts.shelves, START, HORIZON)
    told, blind = (
        truth.posterior(looks, known, *arguments) for known in (came, replace(came, landing=np.zeros(len(looks), bool)))
    )
    seen = truth._seen_in_a_session(looks, parts.population, parts.shelves)
    chance = truth._chance(looks, seen[1], parts.sessions, parts.population, parts.catalogue, START, HORIZON)
    mine = came.channel[looks.session] == CHANNELS.index(channel)
    no_sale, sale = (chances[CHANNELS.index(channel)] for chances in CHANNEL_CHANCES)
    b, later = chance.now, chance.later
    intent = blind.first_view / (b + (1 - b) * later)
    now, after, never = intent * b * sale, intent * (1 - b) * no_sale, (1 - intent) * no_sale
    expected = (now + after * later) / (now + after + never)
    first, others = mine & came.landing, mine & ~came.landing
    np.testing.assert_allclose(told.first_view[first], expected[first], rtol=1e-6)
    for place in ("first_view", "second_view", "cart"):
        assert (getattr(told, place)[others] == getattr(blind, place)[others]).all()


def test_no_constant_and_no_distortion_has_a_better_log_loss(answers):
    p, bought = answers.probability.clip(1e-9, 1 - 1e-9), answers.bought

    def log_loss(q):
        return -np.where(bought, np.log(q), np.log1p(-q)).mean()

    assert log_loss(p) < 0.8 * log_loss(np.full(len(p), bought.mean()))
    for sharper in (0.8, 1.25):
        assert log_loss(p) < log_loss(logistic(sharper * np.log(p / (1 - p))))


@pytest.mark.parametrize("lead", LEADS)
def test_the_truth_is_calibrated_with_any_lead(lead, shop, events, simulated):
    known = shop.truth.to_pandas()
    late = simulated(lead).truth.to_pandas()
    assert late.drop(columns="probability").equals(known.drop(columns="probability"))
    rows = answered(late, events, lead).merge(shop.users.to_pandas()[["user_id", "persona"]])
    assert rows.bought.sum() > 500
    assert abs(z_score(rows)) < 3
    tenth = pd.qcut(rows.probability.rank(method="first"), 10, labels=False)
    for by in ("persona", "event_type", tenth.where(tenth > 2)):
        for value, part in rows.groupby(by):
            assert abs(z_score(part)) < 3.5, value


def test_the_check_of_a_lead_would_see_another_one(shop, events):
    assert z_score(answered(shop.truth.to_pandas(), events, 1)) < -4


def test_a_longer_lead_is_less_likely_and_none_changes_nothing(parts):
    arguments = (parts.sessions, parts.population, parts.catalogue, parts.shelves, START, HORIZON)
    true = [truth.posterior(parts.looks, parts.came, *arguments, lead) for lead in (*LEADS, HORIZON * 1440)]
    plain = truth.posterior(parts.looks, parts.came, *arguments)
    for place in ("first_view", "second_view", "cart"):
        values = [getattr(one, place) for one in true]
        assert (values[0] == getattr(plain, place)).all()
        assert all((longer <= shorter).all() for shorter, longer in pairwise(values))
        assert (values[-1] == 0).all()


def test_the_truth_of_the_hidden_intent_is_calibrated_too(parts):
    """The truth sees no intent, yet intents turn out as often as the posterior says, look by look."""
    looks = parts.looks
    seen = truth._seen_in_a_session(looks, parts.population, parts.shelves)
    chance = truth._chance(looks, seen[1], parts.sessions, parts.population, parts.catalogue, START, HORIZON)
    pages = truth._page_evidence(looks, parts.population)
    again = np.where(looks.again, *(np.log(b / a) for a, b in pairs_of(looking.LOOKS_AGAIN)))
    since = pages.sum(axis=1) + again + truth._outcome(looks, chance.now)
    odds = truth._log_odds(looks, truth._arrival(looks, parts.sessions, seen), since)
    intent = np.where(truth._bought_before(looks), 0.0, logistic(odds))
    tenth = pd.qcut(pd.Series(intent).rank(method="first"), 10, labels=False)
    rows = pd.DataFrame({"user_id": looks.user, "probability": intent, "bought": looks.intent})
    z = np.array([z_score(part) for _, part in rows.groupby(tenth)])
    assert (np.abs(z[3:]) < 3.5).all()


def pairs_of(chances):
    """The chances of yes and of no, without and with the intent."""
    return chances, tuple(1 - c for c in chances)


def by_hand(parts, rows, number):
    """P(intent) at the begin of the number-th of a consideration's looks, one probability at a time."""
    looks, first = parts.looks, rows[0]
    user, item = looks.user[first], looks.item[first]
    persona = parts.population.persona[user]
    missed = math.exp(-trait("looks_a_session")[persona] * parts.shelves.share(np.array([user]), np.array([item]))[0])
    returns = (looking.RETURNS_WITHOUT_INTENT, trait("returns")[persona])
    prior = 1 / (1 + math.exp(-looks.prior[first]))
    weight = [1 - prior, prior]
    for k in range(number):
        now, following = rows[k], rows[k + 1]
        reduced = parts.catalogue.discount[item, parts.sessions.hour[looks.session[now]] // 24] > 0
        buys = trait("buys_discounted" if reduced else "buys")[persona]
        for z in (0, 1):
            weight[z] *= looking.LOOKS_AGAIN[z] if looks.again[now] else 1 - looking.LOOKS_AGAIN[z]
            for page in range(1 + looks.again[now]):
                median = math.log(trait("dwell_seconds")[persona]) + z * looking.DWELL_SHIFT
                weight[z] *= stats.norm.pdf(math.log(looks.dwell[now, page]), median, looking.DWELL_SPREAD)
            weight[z] *= 1 - z * buys
            if not looks.open[now]:
                weight[z] *= looking.CARTS[z] if looks.carts[now] else 1 - looking.CARTS[z]
            if looks.open[now] or looks.carts[now]:
                weight[z] *= looking.REMOVES[z] if looks.removes[now] else 1 - looking.REMOVES[z]
            none = missed * (1 - returns[z])
            weight[z] *= none ** (looks.session[following] - looks.session[now] - 1) * (1 - none)
    return weight[1] / sum(weight)


def long_considerations(parts, length):
    """Rows of considerations of at least `length` looks none of which buys."""
    starts = np.flatnonzero(parts.looks.fresh)
    ends = np.append(starts[1:], len(parts.looks))
    for begin, end in zip(starts, ends, strict=True):
        if end - begin >= length and not parts.looks.buys[begin:end].any():
            yield np.arange(begin, end)


def test_the_posterior_is_bayes_rule_step_by_step(parts):
    looks = parts.looks
    true = truth.posterior(
        looks, parts.came, parts.sessions, parts.population, parts.catalogue, parts.shelves, START, HORIZON
    )
    seen = truth._seen_in_a_session(looks, parts.population, parts.shelves)
    chance = truth._chance(looks, seen[1], parts.sessions, parts.population, parts.catalogue, START, HORIZON)
    chosen = [rows for rows, _ in zip(long_considerations(parts, 4), range(40), strict=False)]
    assert any(looks.carts[rows[:3]].any() for rows in chosen) and any(looks.again[rows[:3]].any() for rows in chosen)
    for rows in chosen:
        for number in range(4):
            row = rows[number]
            intent, channel = by_hand(parts, rows, number), parts.came.channel[looks.session[row]]
            no_sale, sale = (c[channel] if parts.came.landing[row] else 1 for c in CHANNEL_CHANCES)
            now = intent * chance.now[row] * sale
            after, never = intent * (1 - chance.now[row]) * no_sale, (1 - intent) * no_sale
            counted = now + after * chance.later[row]
            assert true.first_view[row] == pytest.approx(counted / (now + after + never), rel=1e-6)


@pytest.mark.parametrize("discounted", [False, True])
def test_no_sale_within_the_horizon_is_what_many_futures_say(discounted):
    rate, full, reduced, hour, futures = 1.6, 0.05, 0.3, 30, 40_000
    rng = np.random.default_rng(9)
    sessions = 1 - np.exp(-rate * intensity(START, hour + 1 + HORIZON * 24))
    on, unsold = np.full(futures, discounted), np.ones(futures, bool)
    last = hour + HORIZON * 24
    sessions[last] /= 2  # the horizon ends within this hour, on average in the middle
    for h in range(hour + 1, last + 1):
        if h % 24 == 0:
            on = np.where(on, rng.random(futures) >= DISCOUNT_ENDS, rng.random(futures) < DISCOUNT_STARTS)
        unsold &= ~((rng.random(futures) < sessions[h]) & (rng.random(futures) < np.where(on, reduced, full)))
    arguments = (np.array([hour]), np.array([rate]), np.array([full]), np.array([reduced]), np.array([discounted]))
    expected = truth._no_sale(*arguments, START, HORIZON * 24)[0]
    assert abs(unsold.mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / futures)


def test_an_intent_that_bought_is_spent(parts):
    looks = parts.looks
    true = truth.posterior(
        looks, parts.came, parts.sessions, parts.population, parts.catalogue, parts.shelves, START, HORIZON
    )
    after = np.flatnonzero(looks.buys[:-1] & ~looks.fresh[1:]) + 1
    assert len(after) > 50
    assert (true.first_view[after] == 0).all() and (true.cart[after] == 0).all()


def test_a_longer_horizon_is_likelier(parts):
    arguments = (parts.sessions, parts.population, parts.catalogue, parts.shelves, START)
    short, long = (truth.posterior(parts.looks, parts.came, *arguments, days).first_view for days in (1, 14))
    assert (short <= long).all() and short.sum() < 0.9 * long.sum()


def test_a_horizon_past_a_considerations_end_is_refused(parts):
    arguments = (parts.sessions, parts.population, parts.catalogue, parts.shelves, START)
    with pytest.raises(ValueError, match="horizon_days = 15; .* at most 14 days"):
        truth.posterior(parts.looks, parts.came, *arguments, 15)


def test_the_future_of_prices_is_not_known(parts):
    """Only today's discount may move the truth: what the catalogue holds for later days is still to come."""
    goods = parts.catalogue
    cut = 20
    later = goods.discount.copy()
    later[:, cut:] = np.random.default_rng(10).permutation(later[:, cut:])
    other = replace(goods, discount=later)
    past = parts.sessions.day[parts.looks.session] < cut
    one, two = (
        truth.posterior(
            parts.looks, parts.came, parts.sessions, parts.population, c, parts.shelves, START, HORIZON
        ).first_view
        for c in (goods, other)
    )
    np.testing.assert_allclose(one[past], two[past], atol=1e-9)
    assert np.abs(one - two)[~past].max() > 0.01
