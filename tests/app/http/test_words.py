"""What a type takes, in words: no word that the type does not say."""

from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType, inspect

from app.http import fields, words


class Row(msgspec.Struct):
    n: int


CASES = {
    "text of 1 to 200 characters, not blank, on one line": fields.Id,
    "text of at most 9 characters, or null": Annotated[str, Meta(max_length=9)] | None,
    "text": str,
    "text of 1 to 200 characters, not blank, on one line, like user_000042": fields.UserId,
    "true or false": bool,
    "a number from 0 to 1000000000, or null": fields.Amount | None,
    "a number from -3.402823e+38 to 3.402823e+38": fields.Number,
    "a number above 0 and of at most 2.5": Annotated[float, Meta(gt=0, le=2.5)],
    "a number": float,
    "a whole number from 0 to 1000": Annotated[float, Meta(ge=0, le=1000, multiple_of=1)],
    "a whole number of at least 0": fields.Count,
    "a, b, or null": Literal["a", "b"] | None,
    "a time with its zone, like 2024-03-01T12:00:00Z": fields.Time,
    "a list of 1 to 1000 rows": fields.Batch[Row],
    "a list of 1 to 1000 values, each true or false": fields.Batch[bool],
    "a list of at least 2 values, each a whole number below 3": Annotated[
        list[Annotated[int, Meta(lt=3)]], Meta(min_length=2)
    ],
    "bytes": bytes,
    "an object of names and values": Row,
}


@pytest.mark.parametrize("expected", CASES)
def test_a_type_says_what_it_takes(expected):
    described = Annotated[CASES[expected], Meta(description="described")]
    assert words.takes(inspect.type_info(CASES[expected])) == expected
    assert words.takes(inspect.type_info(described)) == expected
    assert words.meaning(inspect.type_info(described)) == "described"


def test_left_out_is_not_a_value():
    class Holder(msgspec.Struct):
        price: fields.Amount | UnsetType = UNSET

    (field,) = inspect.type_info(Holder).fields
    assert words.takes(field.type) == "a number from 0 to 1000000000"
    assert words.meaning(field.type) == ""


def test_of_very_many_names_the_first_are_told():
    assert words.names(["a", "b"]) == "a, b"
    assert words.names([f"n{n}" for n in range(100)]).endswith("n11 and 88 more, which /openapi.json lists")
