import pytest

from willbuy.ingest import IngestError
from willbuy.ingest.mapping.layout import MISSING
from willbuy.ingest.mapping.mapping import load, parse

WHOLE = """
columns: {user_id: u, item_id: i, event_type: e, timestamp: t}
event_types: {pv: view}
timestamp: iso8601
"""


def layout(text: str, name: str = "log.csv"):
    return parse(text, "m.yaml").layout(type("P", (), {"name": name})())


def fault(text: str) -> str:
    with pytest.raises(IngestError) as error:
        parse(text, "m.yaml")
    assert str(error.value).startswith("m.yaml: ")
    return str(error.value)


def test_a_whole_mapping():
    found = layout(WHOLE)
    assert found.columns.named() == {
        "user_id": ("u",), "item_id": ("i",), "timestamp": ("t",), "event_type": ("e",),
    }  # fmt: skip
    assert (found.timezone, found.delimiter, found.quote, found.decimal) == ("UTC", ",", '"', ".")


def test_yaml_types_play_no_part():
    found = layout(WHOLE.replace("{pv: view}", "{1: view, on: add_to_cart, 007: purchase, null: scroll}"))
    assert found.event_types == {"1": "view", "on": "add_to_cart", "007": "purchase", "null": "scroll"}


def test_null_means_left_out():
    text = (
        WHOLE.replace("timestamp: t}", "timestamp: t, price: null, category: }")
        + "between: null\nnames: ~\nquote: null\n"
    )
    found = layout(text)
    assert found.columns.price is None and found.columns.category is None and found.between is None
    assert found.names is None and found.quote is None


def test_alternatives_and_missing_texts():
    found = layout(
        WHOLE.replace("user_id: u", "user_id: [account, cookie]") + "missing: {user_id: '0', price: [x, y]}\n"
    )
    assert found.columns.user_id == ("account", "cookie")
    assert found.missing_texts("user_id") == (*MISSING, "0") and found.missing_texts("item_id") == MISSING


def test_contexts_are_named_as_in_the_log_or_anew():
    assert layout(WHOLE + "context: [channel, device]\n").context == {"channel": ("channel",), "device": ("device",)}
    found = layout(WHOLE + "context: {channel: [utm.source, referrer], device: ua}\n")
    assert found.context == {"channel": ("utm.source", "referrer"), "device": ("ua",)}
    assert found.wanted() == ["u", "i", "t", "e", "utm.source", "referrer", "ua"]
    assert layout(WHOLE + "context: channel\n").context == {"channel": ("channel",)}
    assert layout(WHOLE + "context: null\n").context == layout(WHOLE).context == {}


def test_a_context_whose_name_cannot_be_a_column_needs_another():
    assert "context: {medium: trafficSource.medium}" in fault(WHOLE + "context: [trafficSource.medium]\n")


def test_texts_that_mean_unknown_in_a_context():
    found = layout(WHOLE + "context: [channel]\nmissing: {context_channel: (none)}\n")
    assert found.missing_texts("context_channel") == (*MISSING, "(none)")
    assert "context_device" in fault(WHOLE + "context: [channel]\nmissing: {context_device: x}\n")


def test_contexts_of_all_files_each_once():
    text = """
timestamp: iso8601
files:
  a*: {context: [channel, device], event_type: view, columns: {user_id: u, item_id: i, timestamp: t}}
  b*: {context: [country, device], event_type: purchase, columns: {user_id: u, item_id: i, timestamp: t}}
"""
    assert parse(text, "m.yaml").contexts == ["context_channel", "context_device", "context_country"]


def test_files_differ_in_the_keys_that_they_give():
    text = """
timestamp: iso8601
timezone: Europe/Berlin
files:
  "*clicks*": {columns: {user_id: u, item_id: i, timestamp: t}, event_type: view}
  "*": {columns: {user_id: x, item_id: y, timestamp: z}, event_type: purchase, timezone: UTC}
"""
    clicks, rest = layout(text, "a-clicks.dat"), layout(text, "b.dat")
    assert (clicks.event_type, clicks.timezone) == ("view", "Europe/Berlin")
    assert (rest.event_type, rest.timezone) == ("purchase", "UTC")


def test_a_file_that_no_pattern_fits():
    text = (
        'timestamp: iso8601\nfiles: {"*clicks*": {columns: {user_id: u, item_id: i, timestamp: t}, event_type: view}}'
    )
    with pytest.raises(IngestError, match=r"buys\.dat.*no pattern.*\*clicks\*"):
        parse(text, "m.yaml").layout(type("P", (), {"name": "buys.dat", "__str__": lambda self: self.name})())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("user_id: u", "usr_id: u"), ["columns.user_id: Field required", "columns.usr_id"]),
        (("timestamp: iso8601", ""), ["timestamp: Field required"]),
        (("timestamp: iso8601", "timestamp: epoch"), ["'epoch' is neither iso8601", "strptime"]),
        (("view}", "click}"), ["event_types.pv", "'view'", "'purchase'"]),
        (("timestamp: iso8601", "timestamp: iso8601\ndelimter: ';'"), ["delimter", "Known keys", "delimiter"]),
        (("timestamp: iso8601", "timestamp: iso8601\ndelimiter: '::'"), ["delimiter: must be one ASCII character"]),
        (("timestamp: iso8601", "timestamp: iso8601\nencoding: utf-9"), ["no encoding 'utf-9'"]),
        (("timestamp: iso8601", "timestamp: iso8601\nbetween: [2024-02-01, 2024-01-01]"), ["between", "the end later"]),
        (("timestamp: iso8601", "timestamp: iso8601\nbetween: [2024-02-01, soon]"), ["between", "soon"]),
        (
            ("timestamp: iso8601", "timestamp: iso8601\nbetween: [2024-01-01, 2024-02-01T00:00:00Z]"),
            ["between", "offset"],
        ),
        (("timestamp: iso8601", "timestamp: iso8601\nmissing: {prize: x}"), ["prize", "price"]),
        (("timestamp: iso8601", "timestamp: iso8601\nevent_type: view"), ["event_type", "excludes"]),
        (("event_types: {pv: view}", ""), ["event_types"]),
        (("timestamp: iso8601", "timestamp: iso8601\ndecimal: ;"), ["decimal"]),
        (("timestamp: iso8601", "timestamp: iso8601\ntimestamp: unix_seconds"), ["line 5: 'timestamp' is there twice"]),
        (("{pv: view}", "{pv: view, pv: purchase}"), ["line 3: 'pv' is there twice"]),
        (("item_id: i", "item_id: u"), ["columns: 'u' stands for user_id and for item_id"]),
        (("item_id: i", "item_id: [i, t]"), ["columns: 't' stands for "]),
    ],
)
def test_an_invalid_mapping_is_explained_in_one_message(change, said):
    message = fault(WHOLE.replace(*change))
    for part in said:
        assert part in message
    assert "\n" not in message and "pydantic" not in message


def test_all_problems_come_at_once():
    message = fault(WHOLE.replace("user_id: u", "usr_id: u").replace("iso8601", "never"))
    assert "usr_id" in message and "'never'" in message


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b", "{a: [", "files: [a]", "files: {a: b}"])
def test_what_is_no_mapping(text):
    fault(text)


def test_a_mapping_that_is_no_text(tmp_path):
    (tmp_path / "m.yaml").write_bytes(b"columns: \xff")
    with pytest.raises(IngestError, match="UTF-8"):
        load(tmp_path / "m.yaml")
