import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from willbuy import schema
from willbuy.files import write_table
from willbuy.shop import simulate
from willbuy.shop.personas import PERSONAS

SMALL = (60, 30, 15, "2024-02-20", 5, 3)
TABLES = {"events": schema.EVENTS, "items": schema.ITEMS, "users": schema.USERS, "truth": schema.TRUTH}


def digest(shop):
    """A hash of all values of all tables, in order."""
    text = "".join(str(getattr(shop, name).to_pydict()) for name in TABLES)
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_keep_their_contracts(shop, name, tmp_path):
    write_table(getattr(shop, name), tmp_path / "table.parquet")
    assert schema.check(tmp_path / "table.parquet", TABLES[name]) == getattr(shop, name).num_rows > 0


def test_the_same_arguments_give_the_same_shop_and_another_seed_another():
    assert digest(simulate(*SMALL)) == digest(simulate(*SMALL))
    assert digest(simulate(*SMALL)) != digest(simulate(*SMALL[:4], 6, 3))


@pytest.mark.slow
@pytest.mark.parametrize(
    "world",
    [
        {"TZ": "Asia/Kathmandu", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "1"},
        {"TZ": "America/St_Johns", "LC_ALL": "C", "OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"},
    ],
)
def test_no_time_zone_locale_or_thread_count_matters(world):
    code = f"from test_simulation import *; print(digest(simulate(*{SMALL!r})))"
    paths = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    run = [sys.executable, "-c", code]
    out = subprocess.run(run, env={**os.environ, "PYTHONPATH": paths, **world}, capture_output=True, text=True)
    assert out.stdout.strip() == digest(simulate(*SMALL)), out.stderr


def test_the_horizon_moves_the_truth_alone():
    one, other = simulate(*SMALL), simulate(*SMALL[:5], 7)
    for name in ("events", "items", "users"):
        assert getattr(one, name).equals(getattr(other, name))
    assert not one.truth.equals(other.truth)


def test_the_log_covers_its_days(events):
    assert str(events.timestamp.min()).startswith("2024-01-01")
    assert str(events.timestamp.max()).startswith("2024-02-18")


def test_nobody_acts_before_registering(shop, events):
    users = shop.users.to_pandas().set_index("user_id")
    assert (events.timestamp >= events.user_id.map(users.registered_at)).all()
    joined = users.registered_at >= events.timestamp.min().floor("D")
    assert 0.15 < joined.mean() < 0.35


def test_personas_are_named_and_researchers_look_most(shop, events):
    users = shop.users.to_pandas().set_index("user_id")
    assert set(users.persona) == {p.name for p in PERSONAS}
    views = events[events.event_type == "view"].user_id.map(users.persona).value_counts()
    per_user = views / users.persona.value_counts()
    assert per_user.idxmax() == "researcher" and per_user.idxmin() == "buyer"


def test_the_shop_is_as_hard_as_real_ones(events):
    """Carts are bought in 20% to 40% of cases, and many sales take more than one session."""
    pairs = (
        events.assign(carted=events.event_type == "add_to_cart", bought=events.event_type == "purchase")
        .groupby(["user_id", "item_id"])[["carted", "bought"]]
        .any()
    )
    assert 0.2 < pairs.bought[pairs.carted].mean() < 0.4
    first = events.groupby(["user_id", "item_id"]).timestamp.transform("min")
    sales = events.event_type == "purchase"
    later = (events.timestamp - first)[sales] > np.timedelta64(1, "h")
    assert later.mean() > 1 / 3


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 40), (40, 1, 5), (3, 500, 2)])
def test_the_least_of_shops_keep_their_contracts(shape, tmp_path):
    shop = simulate(*shape, "2024-12-30", 1, 7)
    for name, contract in TABLES.items():
        write_table(getattr(shop, name), tmp_path / "table.parquet")
        schema.check(tmp_path / "table.parquet", contract)
    assert (shop.items.num_rows, shop.users.num_rows) == (shape[1], shape[0])


def test_a_year_with_a_new_year_in_it_has_no_gap():
    days = simulate(30, 10, 20, "2023-12-25", 3, 7).events["timestamp"].to_pandas().dt.date
    assert days.nunique() == 20


@pytest.mark.parametrize("name", ["users", "items", "days", "horizon_days"])
def test_a_count_below_one_is_named(name):
    counts = {"users": 1, "items": 1, "days": 1, "horizon_days": 1, name: 0}
    with pytest.raises(ValueError, match=f"{name} = 0; .* at least 1"):
        simulate(**counts, start="2024-01-01", seed=1)
