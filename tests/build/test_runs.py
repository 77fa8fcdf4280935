import json

from willbuy.build import runs

METRICS = {
    "test": {"base_rate": 0.021683},
    "models": {"XGBoost": {"pr_auc": {"value": 0.3751, "low": 0.3612, "high": 0.3893}}},
    "share_of_ceiling": None,
    "money": {"profit": {"value": 10720.4, "low": None, "high": None}},
}


def test_the_figures_are_those_that_the_metrics_hold():
    written = {name: text.replace("\N{NO-BREAK SPACE}", " ") for name, text in runs.figures(METRICS).items()}
    assert written == {"Base rate": "0.0217", "PR-AUC": "0.375 [0.361, 0.389]", "Profit": "10,720 [–, –]"}


def test_a_build_is_described_by_what_lies_in_its_products_and_kept_after_those_of_before(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models/current.json").write_text('{"version": "xgboost_1"}')
    (tmp_path / "metrics.json").write_text(json.dumps(METRICS))
    first = runs.describe(tmp_path, {"users": 1}, "2024-01-01 10:00")
    runs.keep(tmp_path, first)
    runs.keep(tmp_path, first | {"date": "2024-01-02 10:00"})
    assert [run["date"] for run in runs.past(tmp_path)] == ["2024-01-01 10:00", "2024-01-02 10:00"]
    assert runs.past(tmp_path)[0] == first and first["champion"] == "xgboost_1"


def test_a_rejected_candidate_is_told_with_its_reason(tmp_path):
    (tmp_path / "models").mkdir()
    verdict = {"version": "xgboost_2", "promoted": False, "reason": "the champion stays"}
    (tmp_path / "models/candidate.json").write_text(json.dumps(verdict))
    assert runs.describe(tmp_path, {}, "2024-01-01")["rejected"] == "xgboost_2 was not promoted: the champion stays"
    assert runs.rejected(verdict | {"promoted": True}) == runs.rejected({}) == ""


def test_products_without_a_model_and_a_line_that_is_none(tmp_path):
    run = runs.describe(tmp_path, {}, "2024-01-01 10:00")
    assert run["champion"] is None and run["figures"] == {}
    (tmp_path / runs.FILE).write_text(json.dumps(run) + '\n{"date": "2024-\n[1]\n')
    assert runs.past(tmp_path) == [run]


def test_what_changed_is_named_with_its_new_value():
    assert runs.changed({"users": 1, "days": 2}, {"users": 3, "days": 2, "new": 1}) == "users = 3"
    assert runs.changed({}, {"users": 3}) == ""
