import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from logs import DAY, at

from willbuy.build import parameters
from willbuy.build.parameters import ALLOWED, ParameterError, check
from willbuy.splits import LogTooShort, split_periods

ROOT = Path(__file__).parents[2]
DEFAULTS = yaml.safe_load((ROOT / "env.yaml").read_text())
SAMPLE = {**DEFAULTS, **yaml.safe_load((ROOT / "env.sample.yaml").read_text())}
SAMPLE.pop("meta")
NUMBERS = [name for name, value in DEFAULTS.items() if isinstance(value, int | float) and value is not False]


def fault(**changes) -> str:
    with pytest.raises(ParameterError) as error:
        check({**DEFAULTS, **changes})
    return str(error.value)


@pytest.mark.parametrize("values", [DEFAULTS, SAMPLE], ids=["env.yaml", "env.sample.yaml"])
def test_the_files_of_the_repository_hold(values):
    check(values)


def test_every_parameter_of_the_file_is_known_and_the_other_way_round():
    assert list(ALLOWED) == list(DEFAULTS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("products", ""),
        ("source", "generat"),
        ("seed", -1),
        ("users", 0),
        ("users", 10.5),
        ("users", True),
        ("items", "many"),
        ("days", -90),
        ("start", "01.01.2024"),
        ("start", "2024-02-30"),
        ("start", "20240101"),
        ("log", 3),
        ("log", ["a.csv", 3]),
        ("log_format", None),
        ("max_quarantine_share", 1.5),
        ("exclude_users", ["u"]),
        ("exclude_robots", "no"),
        ("session_gap_minutes", 0),
        ("horizon_days", 0),
        ("min_lead_minutes", -1),
        ("min_lead_minutes", 10**6),
        ("train_share", 0),
        ("train_share", 1.2),
        ("validation_share", -0.1),
        ("memory_limit", 4),
        ("memory_limit", "lots"),
        ("threads", 0),
        ("bucket_events", 0),
        ("notebook_executor", "nbclient"),
        ("learning_rate", 0),
        ("subsample", 0),
        ("bootstrap_samples", 0),
        ("action_cost", -1),
        ("users", 10**12),
        ("days", 10**9),
        ("seed", 10**40),
        ("start", "0001-01-01"),
        ("start", "9999-12-31"),
        ("session_gap_minutes", 1e300),
        ("memory_limit", "0GB"),
        ("memory_limit", "1MB"),
        ("max_depth", 40),
        ("sale_value", -1),
        ("sale_value", 10**400),
    ],
)
def test_a_nonsense_value_is_named_with_what_is_allowed(name, value):
    assert fault(**{name: value}).startswith(f"{name} = {value!r}; allowed: ")


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [None, "", "7", [], {}, math.nan, math.inf, -1])
def test_no_number_may_be_anything_else(name, value):
    assert f"{name} = {value!r}; allowed: " in fault(**{name: value})


def test_an_unknown_parameter_is_named_with_the_nearest_one():
    assert fault(horizn_days=7) == "horizn_days = 7: there is no such parameter; did you mean 'horizon_days'?"
    assert "allowed: products, source" in fault(xyz=1)


@pytest.mark.parametrize(("former", "name"), [("max_rounds", "num_boost_round"), ("column_share", "colsample_bytree")])
def test_a_former_name_leads_to_the_new_one(former, name):
    assert fault(**{former: 1}) == f"{former} = 1: there is no such parameter; did you mean {name!r}?"


def test_a_missing_parameter_is_named():
    with pytest.raises(ParameterError, match="seed is missing; allowed: a whole number"):
        check({name: value for name, value in DEFAULTS.items() if name != "seed"})


def test_everything_that_is_wrong_comes_in_one_message():
    assert len(fault(users=-1, items=-1, seed="x").splitlines()) == 3


def test_users_and_days_that_make_too_large_a_log_together():
    assert fault(users=10_000_000).startswith("users = 10000000 times days = 90 is too large a log; allowed: ")


def test_shares_that_leave_nothing_for_test():
    message = fault(train_share=0.9, validation_share=0.2)
    assert message.startswith("train_share = 0.9 and validation_share = 0.2 sum to 1.1; allowed: a sum below 1")


def test_a_horizon_too_long_for_the_splits_says_how_many_days_would_do():
    message = fault(days=30, horizon_days=14)
    assert message.startswith("horizon_days = 14 does not fit into days = 30; allowed: ")
    days = int(message.rsplit("at least ", 1)[1].split()[0])
    check({**DEFAULTS, "horizon_days": 14, "days": days})
    assert "horizon_days = 14" in fault(horizon_days=14, days=days - 1)


@pytest.mark.parametrize("source", [{}, {"source": "ingest", "log": "a.csv", "log_format": "rees46"}])
def test_a_lead_that_leaves_nothing_of_the_horizon(source):
    check({**DEFAULTS, **source, "horizon_days": 1, "min_lead_minutes": 1439.5})
    message = fault(**source, horizon_days=1, min_lead_minutes=1440)
    expected = "min_lead_minutes = 1440 is not below horizon_days = 1; allowed: a number from 0, below 1440"
    assert message == expected


def test_the_length_of_a_real_log_is_not_judged_by_the_days_of_the_simulated_shop():
    # A real log's length is known only when it is read: `split` judges it then.
    check({**DEFAULTS, "source": "ingest", "log": ["a.csv", "b.csv"], "log_format": "rees46", "horizon_days": 80})


def test_a_real_log_has_to_be_named_with_its_format():
    lines = fault(source="ingest").splitlines()
    assert [line.partition(" = ")[0] for line in lines] == ["log", "log_format"]
    assert all("allowed with source = 'ingest': " in line for line in lines)


def test_a_horizon_beyond_what_the_simulated_shop_knows():
    check({**DEFAULTS, "horizon_days": 14, "days": 365})
    allowed = "allowed with source = 'generate': at most 14"
    assert fault(horizon_days=15, days=365).startswith(f"horizon_days = 15; {allowed}")


def test_a_search_without_its_library_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(parameters, "find_spec", lambda name: None)
    said = "search_trials = 5 needs Optuna: pip install 'willbuy[tune]'; allowed without it: 0"
    assert fault(search_trials=5) == said
    monkeypatch.setattr(parameters, "find_spec", lambda name: name)
    check({**DEFAULTS, "search_trials": 5})


def test_a_simulated_shop_of_nine_days_is_split_by_the_hour():
    check({**DEFAULTS, "days": 9, "horizon_days": 1})


@given(
    days=st.integers(1, 400),
    horizon_days=st.integers(1, 20),
    train=st.floats(0.01, 0.98),
    validation=st.floats(0.01, 0.98),
)
def test_what_passes_can_be_split(days, horizon_days, train, validation):
    values = dict(DEFAULTS, days=days, horizon_days=horizon_days, train_share=train, validation_share=validation)
    possible = train + validation < 1 and horizon_days <= 14 and _splits(days, horizon_days, train, validation)
    if possible:
        check(values)
    else:
        with pytest.raises(ParameterError, match="allowed"):
            check(values)


def _splits(days, *asked) -> bool:
    try:
        return len(split_periods(at(0), at(days * DAY - 1), *asked)) == 3
    except LogTooShort:
        return False
