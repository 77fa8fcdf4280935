import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from willbuy.ingest.writing.duplicates import marked

KEYS = st.tuples(st.sampled_from("ab"), st.sampled_from([None, 0.0, 1.5]))


@given(st.lists(KEYS, max_size=30), st.lists(st.integers(0, 8), max_size=20))
def test_all_but_the_first_of_equal_rows_are_marked(keys, sizes):
    keys = sorted(keys, key=repr)
    table = pa.table(
        {"a": pa.array([k[0] for k in keys], pa.string()), "b": pa.array([k[1] for k in keys], pa.float64())}
    )
    batches, at = [], 0
    for size in [*sizes, len(keys)]:
        batches += table.slice(at, size).to_batches() or [pa.RecordBatch.from_pylist([], table.schema)]
        at += size
    found = [bool(m) for batch, mask in marked(batches, ["a", "b"]) for m in mask[: len(batch)]]
    assert found == [key in keys[:n] for n, key in enumerate(keys)]


def test_columns_that_are_no_keys_do_not_count():
    batch = pa.record_batch({"a": ["x", "x", "y"], "line": [1, 2, 3]})
    ((_, mask),) = marked([batch], ["a"])
    assert mask.tolist() == [False, True, False]
