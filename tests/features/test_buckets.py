import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from willbuy.features import buckets
from willbuy.features.buckets import EVENT_COLUMNS, read_buckets
from willbuy.files import write_table


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("buckets")


def write(folder, name, users):
    columns = {c: users if c == "user_id" else ["x"] * len(users) for c in EVENT_COLUMNS}
    columns["timestamp"] = list(range(len(users)))
    write_table(pa.table({**columns, "price": [1.0] * len(users)}), folder / name)
    return folder / name


def users_of(table):
    return table["user_id"].cast(pa.string()).to_pylist()


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=8),
    data=st.data(),
    bucket=st.integers(1, 20),
    batch=st.integers(1, 7),
)
def test_buckets_hold_whole_users_and_their_decision_points(lengths, data, bucket, batch, folder):
    users = [f"u{n}" for n, length in enumerate(lengths) for _ in range(length)]
    rows = st.lists(st.integers(0, len(users) - 1), unique=True).map(sorted)
    chosen = [[users[n] for n in data.draw(rows)] for _ in range(2)]
    sessions = write(folder, "s.parquet", users)
    examples = [write(folder, f"e{n}.parquet", theirs) for n, theirs in enumerate(chosen)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets, "ROW_GROUP", batch)
        found = list(read_buckets(sessions, examples, bucket))
    for n, theirs in enumerate(chosen):
        assert [u for b in found for u in users_of(b.decisions[n])] == theirs
    for b in found:
        theirs = set(users_of(b.events))
        assert len(b.events) == sum(u in theirs for u in users)
        assert any(map(len, b.decisions)) and all(set(users_of(table)) <= theirs for table in b.decisions)
        assert len(b.events) < bucket + batch + max(lengths)


def test_a_log_without_decision_points_has_no_buckets(folder):
    assert not list(read_buckets(write(folder, "s.parquet", ["a", "b"]), [write(folder, "e.parquet", [])], 1))


@pytest.mark.parametrize("users", [["c"], ["b", "b2"]])
def test_a_decision_point_of_an_unknown_user_is_named(folder, users):
    sessions, examples = write(folder, "s.parquet", ["a", "b"]), write(folder, "e.parquet", users)
    with pytest.raises(ValueError, match=f"e.parquet: user {users[-1]} is not in .*s.parquet.*run sessionize"):
        list(read_buckets(sessions, [examples], 1))
