from dataclasses import replace

import pyarrow as pa
import pytest
from logs import events_table

from willbuy.files import write_table
from willbuy.schema import EVENTS, TABLES, SchemaError, check

LOG = [("a", "x", "view", 0), ("b", "y", "purchase", 1)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "events.parquet"


def test_a_table_that_keeps_its_contract_passes(path):
    write_table(events_table(LOG), path)
    assert check(path, EVENTS) == 2


def test_contexts_are_texts_beside_the_columns_of_a_table_that_may_have_them(path):
    write_table(events_table(LOG).append_column("context_channel", pa.array(["search", None])), path)
    assert check(path, EVENTS) == 2
    write_table(events_table(LOG).append_column("context_channel", pa.array([1, 2])), path)
    with pytest.raises(SchemaError, match="column 'context_channel' should be string"):
        check(path, EVENTS)
    with pytest.raises(SchemaError, match=r"columns \['context_channel'\] do not belong in events"):
        check(path, replace(EVENTS, context=False))


def test_row_and_column_of_the_first_bad_value_are_named(path):
    table = events_table(LOG)
    table = table.set_column(2, table.field(2), [["view", "wink"]])
    write_table(table, path)
    with pytest.raises(SchemaError, match=r"events.parquet: row 1, event_type = 'wink'; allowed: view, scroll"):
        check(path, EVENTS)


@pytest.mark.parametrize(
    ("column", "value", "allowed"),
    [
        ("user_id", None, "never null"),
        ("price", -1.0, "at least 0"),
        ("price", float("nan"), "finite"),
        ("duration_seconds", float("inf"), "finite"),
    ],
)
def test_values_out_of_range_are_refused(path, column, value, allowed):
    table = events_table(LOG)
    place = table.column_names.index(column)
    field = pa.field(column, table.field(column).type)
    write_table(table.set_column(place, field, pa.array([value, value], field.type)), path)
    with pytest.raises(SchemaError, match=f"row 0, {column} = .*{allowed}"):
        check(path, EVENTS)


def test_missing_extra_and_mistyped_columns_are_refused_with_what_was_found(path):
    table = events_table(LOG)
    for wrong, message in [
        (table.drop_columns("price"), "no column 'price'; the file has user_id: string"),
        (table.append_column("color", pa.nulls(2)), r"columns \['color'\] do not belong in events"),
        (table.set_column(0, "user_id", pa.array([1, 2])), "column 'user_id' should be string"),
    ]:
        write_table(wrong, path)
        with pytest.raises(SchemaError, match=message):
            check(path, EVENTS)


def test_an_open_table_may_hold_more_columns(path):
    write_table(events_table(LOG).append_column("color", pa.nulls(2)), path)
    assert check(path, replace(EVENTS, open=True)) == 2


def test_every_column_says_what_it_means():
    columns = [(table.name, column) for table in TABLES for column in table.columns]
    assert not [(name, column.name) for name, column in columns if not column.meaning]
    assert all(column.type == pa.string() for _, column in columns if column.name.endswith("_id"))
