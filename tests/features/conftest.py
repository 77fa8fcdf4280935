import pytest
from features.histories import examples_of, features_of

from willbuy.files import write_table
from willbuy.sessions import sessionize
from willbuy.shop import simulate


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """The tables of a small simulated shop, and its features computed in one piece by one thread."""
    folder = tmp_path_factory.mktemp("shop")
    made = simulate(60, 40, 45, "2024-01-01", 7, 7)
    write_table(made.events, folder / "events.parquet")
    write_table(made.items, folder / "items.parquet")
    sessionize(folder / "events.parquet", folder / "sessions.parquet", 30)
    write_table(examples_of(folder / "sessions.parquet"), folder / "examples.parquet")
    return folder, features_of(folder)
