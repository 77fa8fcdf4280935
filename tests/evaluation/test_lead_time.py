import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from willbuy.evaluation import lead_time
from willbuy.evaluation.intervals import UserBootstrap
from willbuy.evaluation.sales import NONE, Sales
from willbuy.profile.decisions import LEADS

ROWS = 4000
THRESHOLD = 0.3


@pytest.fixture(scope="module")
def made():
    """Decision points of which some lead to a sale, ten users, and probabilities that know the soon ones best."""
    rng = np.random.default_rng(5)
    lead = rng.choice([-1, 0, 1, 3], ROWS, p=[0.9, 0.05, 0.03, 0.02])
    user = rng.integers(0, 10, ROWS)
    sale = np.where(lead >= 0, user, NONE)  # each user buys once
    bootstrap = UserBootstrap(user, 30, 1)
    buyer = np.zeros(10, np.int64)
    buyer[user] = bootstrap.codes
    probability = np.clip(
        np.select([lead == 0, lead > 0], [0.4, 0.15], 0.1) + 0.1 * rng.standard_normal(ROWS), 0.001, 1
    )
    return lead, probability, Sales(sale, np.where(lead >= 0, 1, NONE), buyer), bootstrap


@pytest.fixture(scope="module")
def table(made):
    lead, probability, sales, bootstrap = made
    return lead_time.by_lead(lead, probability, sales, THRESHOLD, bootstrap)


def test_only_leads_with_positives_have_a_row(table):
    assert table.index.tolist() == [LEADS[0], LEADS[1], LEADS[3]]


def test_each_lead_is_measured_against_all_negatives(made, table):
    lead, probability, *_ = made
    for name, row in table.iterrows():
        here, rows = lead == LEADS.index(name), (lead == LEADS.index(name)) | (lead < 0)
        assert row.pr_auc.value == pytest.approx(average_precision_score(here[rows], probability[rows]))
        assert row.pr_auc.low < row.pr_auc.value < row.pr_auc.high
        assert row.base_rate == pytest.approx(here.sum() / rows.sum())
        assert row.mean_probability == pytest.approx(probability[here].mean())


def test_a_sale_is_found_at_a_lead_by_a_decision_point_of_that_lead(made, table):
    lead, probability, sales, _ = made
    for name, row in table.iterrows():
        here = lead == LEADS.index(name)
        known = set(sales.sale[here])
        found = set(sales.sale[here & (probability >= THRESHOLD)])
        assert row.sales == len(known)
        assert row.sales_found.value == pytest.approx(len(found) / len(known))


def test_a_model_that_knows_only_the_soon_ones_looks_worse_early(table):
    assert table.pr_auc[LEADS[0]].low > table.pr_auc[LEADS[3]].high


def test_leads_come_by_name_and_negatives_have_none():
    waits = pd.DataFrame({"example_id": ["e3", "e1"], "lead": [LEADS[3], LEADS[0]]})
    assert lead_time.leads(pd.Series(["e1", "e2", "e3"]), waits).tolist() == [0, -1, 3]


def test_the_parts_of_a_band_add_up_to_what_was_observed(made):
    lead, probability, _, bootstrap = made
    found = lead_time.calibration(lead, probability, bootstrap)
    assert found.decision_points.sum() == ROWS
    for band, row in found.iterrows():
        low, high = (float(end.rstrip("%")) / 100 for end in band.split(" to "))
        rows = (probability >= low) & (probability < high)
        assert row.decision_points == rows.sum()
        assert low <= row.predicted <= high
        assert row.observed.value == pytest.approx((lead[rows] >= 0).mean())
        assert row.observed.low <= row.observed.value <= row.observed.high
        assert sum(row[name] for name in LEADS) == pytest.approx(row.observed.value)


def test_a_certain_probability_has_a_band_too(made):
    *_, bootstrap = made
    found = lead_time.calibration(np.full(ROWS, 0), np.ones(ROWS), bootstrap)
    assert found.index.tolist() == ["50% to 100%"]


def test_the_verdict_names_each_lead_with_its_share(table):
    said = lead_time.verdict(table)
    assert all(lead in said for lead in table.index)
    assert f"{LEADS[0]} {table.decision_points.iloc[0] / table.decision_points.sum():.0%}" in said
