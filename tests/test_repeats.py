"""A name that an object holds twice is found, and none where there is none."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from willbuy.repeats import NAMES, may_repeat

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\\"), max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def names(value):
    if isinstance(value, dict):
        return [*value, *(name for each in value.values() for name in names(each))]
    return [name for each in value for name in names(each)] if isinstance(value, list) else []


@settings(deadline=None)  # it may be compiled
@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_no_object_that_holds_each_name_once_is_doubted(value, indent, as_ascii):
    text = json.dumps(value, indent=indent, ensure_ascii=as_ascii)
    assert may_repeat(text.encode()) == any("\\" in json.dumps(name, ensure_ascii=as_ascii) for name in names(value))


@settings(deadline=None)
@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=5), VALUES, st.data())
@example({"a": 1}, [], None)
def test_a_name_twice_is_always_found(pairs, value, data):
    name = data.draw(st.sampled_from(list(pairs))) if data else "a"
    whole = json.dumps(pairs)
    text = f"{whole[:-1]}, {json.dumps(name)}: {json.dumps(value)}}}"
    for around in ("%s", "[1, %s]", '{"x": [%s]}', '[{"a": 1}, {"a": 2}, %s, {"a": 3}]'):
        assert may_repeat((around % text).encode())


def test_very_many_objects_with_the_same_names_are_not_doubted():
    rows = [dict.fromkeys(map(str, range(100)), n) for n in range(500)]
    assert not may_repeat(json.dumps({"features": rows, "explain": 1}).encode())


def test_a_very_large_or_deep_object_may_be_doubted_and_never_waited_for():
    large = dict.fromkeys(map(str, range(2 * NAMES)))
    deep = b"[" * 100 + b"]" * 100
    assert all(may_repeat(text) for text in (json.dumps(large).encode(), json.dumps([large]).encode(), deep))
