import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access.keys import find, parse_keys

SAFE = st.text(st.characters(codec="utf-8", exclude_characters=",:\0\n/ "), min_size=8, max_size=40).map(str.strip)


@pytest.mark.slow
@given(st.lists(SAFE.filter(lambda s: len(s) >= 8), min_size=1, max_size=5, unique=True), st.text())
def test_a_key_is_found_in_its_place_and_nothing_else_is(keys, other):
    known = parse_keys(",".join(f"{key}:predict" for key in keys))
    assert [find(known, key) for key in keys] == list(range(len(keys)))
    assert other in keys or find(known, other) is None


def test_bytes_that_are_no_text_are_just_not_a_key():
    assert find(parse_keys("some-key-or-other:predict"), "\udcff\udc80") is None
