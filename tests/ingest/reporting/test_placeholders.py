import pytest

from willbuy.ingest.reporting.placeholders import NOTHING, TEMPLATE, suspects, told

MAPPING = """
columns: {user_id: user, item_id: item, event_type: kind, timestamp: when, category: place}
event_types: {view: view}
timestamp: iso8601
names: [user, item, kind, when, place]
delimiter: "\\t"
"""


@pytest.fixture
def found(bench):
    """The suspects of a log in which every tenth value of a column is `text`."""

    def find(column: str, text: str):
        values = [
            {"user": f"u{n}", "item": f"i{n}", "place": "c"} | ({column: text} if n % 10 == 0 else {})
            for n in range(30)
        ]
        rows = (
            f"{v['user']}\t{v['item']}\tview\t2024-01-01T00:00:{n:02}\t{v['place']}\n" for n, v in enumerate(values)
        )
        bench.ingest("".join(rows), MAPPING)
        return suspects(bench.out / "events.parquet", bench.out / "items.parquet")

    return find


@pytest.mark.parametrize(
    "text",
    ["{{user_id}}", "u-{{ id }}", "${sku}", "x${sku}y", "#{id}", "<%= id %>", "%(id)s", "[object Object]",
     "%s", "%d", "<item>", "<product id>", "{id}", "%ID%", "%%id%%", "$id", "__ITEM__", ":id"],
)  # fmt: skip
def test_templates(found, text):
    rows = found("item", text)
    assert rows[["column", "value", "looks_like", "events"]].values.tolist() == [["item_id", text, TEMPLATE, 3]]
    assert rows.share[0] == 0.1


@pytest.mark.parametrize(
    "text",
    ["undefined", "NA", "n/a", "-", "--", "0", "-1", "Unknown", "(not set)", "true", "test", "guest", "?",
     "00000000-0000-0000-0000-000000000000"],
)  # fmt: skip
def test_words_for_nothing(found, text):
    assert found("user", text)[["column", "value", "looks_like"]].values.tolist() == [["user_id", text, NOTHING]]


@pytest.mark.parametrize(
    "text",
    ["100%", "007", "$5 off", "a:b", "<3", "{", "none of these", "Nan bread", "10.5", "{{", "A-1", "Türkis", "é"],
)
def test_values(found, text):
    assert found("item", text).empty


def test_categories_and_a_sentence(found):
    rows = found("place", "${title}")
    assert rows[["column", "events"]].values.tolist() == [["category", 3]]
    assert told(rows) == "category `${title}` (10.0% of the events) look like no value; name them in `missing`"
    assert told(rows[:0]) == ""
    assert "and 4 more look" in told(rows.loc[[0] * 9])
