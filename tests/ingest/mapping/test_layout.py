from willbuy.ingest.judging.faults import WORDS
from willbuy.ingest.judging.judge import COLUMNS
from willbuy.ingest.judging.remarks import NUMBERS
from willbuy.ingest.mapping.layout import ItemColumns, LogColumns
from willbuy.schema import EVENTS, ITEMS


def test_a_mapping_can_name_every_column_of_the_tables():
    assert set(LogColumns.model_fields) == {*EVENTS.arrow.names, "category", "event_id", "quantity"}
    assert set(ItemColumns.model_fields) == {*ITEMS.arrow.names, "timestamp"}


def test_every_column_that_is_no_mere_text_can_have_a_fault_or_a_remark():
    assert set(COLUMNS) - set(WORDS) - set(NUMBERS) == {"category", "event_id"}
    floats = {
        column.name
        for table in (EVENTS, ITEMS)
        for column in (*table.columns, *table.optional)
        if column.type == "double"
    }
    assert set(NUMBERS) == floats
