import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from app.model.codes import Codes

LEVELS = ("email", "search", "other")


@given(st.text() | st.sampled_from(LEVELS))
def test_any_text_of_a_context_has_a_code(level):
    assert Codes("context_channel", LEVELS)[level] == {"email": 0, "search": 1}.get(level, 2)


@pytest.mark.parametrize("name", ["context_channel", "item_category"])
def test_what_is_not_known_has_none(name):
    codes = Codes(name, LEVELS)
    assert codes[None] != codes[None] and codes[UNSET] != codes[UNSET]


def test_levels_of_a_category_that_training_never_saw_have_none():
    codes = Codes("item_category", LEVELS)
    assert codes["other"] == 2 and codes["garden"] != codes["garden"]
