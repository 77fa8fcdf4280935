import numpy as np
import pandas as pd
import pytest

from willbuy.evaluation import next_steps
from willbuy.evaluation.comparison import Comparison
from willbuy.evaluation.intervals import Estimate
from willbuy.models.predictors import LOGISTIC, RULE, XGBOOST


def compared(**pr_auc):
    spread = np.linspace(-0.01, 0.01, 21)
    values = {model: {"pr_auc": value} for model, value in pr_auc.items()}
    return Comparison(
        values, {model: {"pr_auc": v["pr_auc"] + spread * (model == XGBOOST)} for model, v in values.items()}
    )


WORTH = {
    "actions": 1000,
    "credited_sales": 400,
    "action_effect": 0.25,
    "profit": Estimate(500, 400, 600),
    "rule": Estimate(300, 200, 400),
}


def test_advice_is_numbered_and_silence_means_serve():
    assert next_steps.listed("", "first", "", "second") == "1. first\n2. second"
    assert next_steps.listed("", "").startswith("1. **Serve it**")


def test_a_short_test_asks_for_a_backtest():
    assert "pipeline.backtest.yaml" in next_steps.judge_longer("> Judged on little")
    assert next_steps.judge_longer("") == ""


def test_trees_have_to_be_clearly_better_than_what_is_simpler():
    assert next_steps.prefer_simpler(compared(**{RULE: 0.2, LOGISTIC: 0.25, XGBOOST: 0.3}), XGBOOST) == ""
    said = next_steps.prefer_simpler(compared(**{RULE: 0.2, LOGISTIC: 0.295, XGBOOST: 0.3}), XGBOOST)
    assert LOGISTIC in said and f"{RULE} (" not in said


def test_probabilities_beside_the_rate_that_came_true():
    observed = Estimate(0.02, 0.018, 0.022)
    assert next_steps.build_again(0.021, observed) == ""
    assert "too high" in next_steps.build_again(0.03, observed)
    assert "too low" in next_steps.build_again(0.01, observed)


def test_money():
    assert next_steps.mind_the_money(WORTH) == ""
    assert "Do not act yet" in next_steps.mind_the_money(WORTH | {"actions": 0})
    assert "500" in next_steps.mind_the_money(WORTH | {"rule": Estimate(700, 600, 800)})
    assert "Act on few" in next_steps.mind_the_money(WORTH | {"profit": Estimate(500, -10, 900)})


def test_the_experiment_is_as_large_as_a_textbook_says():
    """40% against 30%: 353 a side by the usual formula for two shares, without a continuity correction."""
    assert "about 710 cases" in next_steps.experiment(WORTH)
    assert next_steps.experiment(WORTH | {"action_effect": 0.0}) == ""
    assert next_steps.experiment(WORTH | {"actions": 0, "credited_sales": 0}) == ""


def test_few_buyers():
    crowd = {"effective_buyers": 1000.0, "top_user_share": 0.01}
    assert next_steps.know_the_buyers(crowd) == ""
    assert "13.0%" in next_steps.know_the_buyers(crowd | {"top_user_share": 0.13})


def test_only_a_change_of_what_the_model_relies_on_matters():
    importance = pd.DataFrame({"feature": [f"f{n}" for n in range(20)], "contribution": np.arange(20, 0, -1.0)})
    changed = pd.DataFrame({"feature": ["f0", "f1", "f19"], "psi": [0.3, 0.2, 5.0]})
    assert "depends on it: `f0`." in next_steps.train_often(changed, importance)
    assert next_steps.train_often(changed[1:], importance) == ""


@pytest.mark.parametrize(("share", "lead", "said"), [(0.1, 0, True), (0.1, 60, False), (0.6, 0, False)])
def test_late_knowledge_asks_for_another_label(share, lead, said):
    assert bool(next_steps.act_earlier(Estimate(share, share, share), lead)) == said
