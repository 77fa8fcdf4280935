"""Rows of a request: strictly typed by the model that will read them, and turned into its float32 matrix."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import astuple

from app.http.bodies import Reader
from app.http.fields import Amount, Batch, Context, DecisionType, Probability, Time, Whole, number_from
from app.http.words import says
from app.model.codes import NAN, Codes
from willbuy.models.complete import is_complete, is_empty
from willbuy.schema import CONTEXT, contexts

NOTHING: Mapping = MappingProxyType({})
FEATURES = says(
    "A feature that is left out, or null, is missing; it is never taken for 0. The answer names what is missing and "
    "never is in training. A name that the model does not know is an error; `/model-info` has all names. A row without "
    "features is a decision point, given by `user_id`, `item_id` and perhaps `event_type`, `price`, `timestamp` and "
    "`context`: its features come from the store."
)
CIRCUMSTANCES = (
    "under what circumstances the shopper acts: a level for each context of the model, which `/model-info` has as "
    "`context_…` among its features. A level that training never saw counts as `other`; what is left out is null."
)
Name = Annotated[str, Meta(max_length=200)]


class Row(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A row of features, or a decision point."""

    user_id: Annotated[Name | None, says("comes back with the prediction", examples=["user_000042"])] = None
    item_id: Annotated[Name | None, says("comes back with the prediction", examples=["item_000007"])] = None
    event_type: Annotated[DecisionType | UnsetType, says("`view` if left out")] = UNSET
    price: Annotated[Amount | None | UnsetType, says("the item's price at that time if left out")] = UNSET
    timestamp: Annotated[Time | UnsetType, says("now if left out")] = UNSET
    context: Annotated[Context | None | UnsetType, says(CIRCUMSTANCES)] = UNSET


class Scoring(msgspec.Struct, forbid_unknown_fields=True):
    """The body of /predict, as far as it is the same for all models."""

    features: Annotated[Batch[Row], FEATURES]
    return_probabilities: Annotated[bool, says("`false` leaves them out")] = True
    threshold: Annotated[Probability | None, says("from where on `prediction` is 1; null: the model's own")] = None
    explain: Annotated[Whole, says("how many reasons to give for each row, the strongest first", ge=0, le=1000)] = 0
    return_features: Annotated[bool, says("whether to return features that came from the store")] = False


class Column(msgspec.Struct):
    """A column of the model, as its card describes it. Of the columns of an older card no bound is known."""

    name: str
    type: str
    unit: str
    description: str
    nullable: bool = True
    minimum: float | None = None

    @property
    def said(self) -> Meta:
        """What OpenAPI tells of it."""
        return says(self.description + (f" ({self.unit})" if self.unit else ""))


COMMON = Row.__struct_fields__
IDS, DECISION_FIELDS = COMMON[:2], COMMON[2:]
_GIVEN = {name: {"type": "string", "minLength": 1} for name in IDS}
# A row has either features or the fields of a decision point.
_EITHER = [
    {"properties": dict.fromkeys(DECISION_FIELDS, False), "not": {"propertyNames": {"enum": IDS}}},
    {"required": IDS, "properties": _GIVEN, "propertyNames": {"enum": COMMON}},
]


def circumstances_of(names: Sequence[str]) -> Meta:
    """What OpenAPI tells of the `context` of a request to a model with the columns `names`."""
    known = [column.removeprefix(CONTEXT) for column in contexts(names)]
    return says(CIRCUMSTANCES, extra_json_schema={"propertyNames": {"enum": known}} if known else {"maxProperties": 0})


class Rows:
    """The types of a request to one model, and how its rows become a matrix.

    `columns` are the model's in order; `levels` gives the levels of the categorical ones, in order of code.
    OpenAPI tells the `example` of a row.
    """

    def __init__(self, columns: Sequence[Column], levels: Mapping, example: Mapping = NOTHING):
        self.names = names = tuple(column.name for column in columns)
        self._never_null = np.array([n for n, column in enumerate(columns) if not column.nullable], np.intp)
        self._codes = [(names.index(name), Codes(name, values)) for name, values in levels.items()]
        types = {column.name: number_from(column.minimum) | None for column in columns}
        types |= {name: Literal[tuple(values)] | None | UnsetType for name, values in levels.items()}
        types |= dict.fromkeys(contexts(levels), str | None | UnsetType)
        # A number left out is NaN from the start, which numpy reads faster than None.
        absent = dict.fromkeys(names, NAN) | dict.fromkeys(levels, UNSET)
        circumstances = Annotated[Context | None | UnsetType, circumstances_of(names)]
        fields: list = [("context", circumstances, UNSET)]
        fields += [(c.name, Annotated[types[c.name], c.said], absent[c.name]) for c in columns]
        row = msgspec.defstruct("Row", fields, bases=(Row,), forbid_unknown_fields=True, gc=False)
        either = Annotated[row, Meta(extra_json_schema={"anyOf": _EITHER})]  # type: ignore[valid-type]
        rows = ("features", Annotated[Batch[either], FEATURES, Meta(examples=[[dict(example)]])])
        self.reader = Reader(msgspec.defstruct("Scoring", [rows], bases=(Scoring,), forbid_unknown_fields=True))

    def matrix(self, rows: Sequence) -> np.ndarray:
        """The float32 matrix of decoded `rows`, shape (rows, columns); null and left out are NaN."""
        return np.array([self._encoded(row) for row in rows], np.float32)

    def missing(self, matrix: np.ndarray) -> dict[int, list[str]]:
        """By row of `matrix`, the names of the columns that have no value there, although training always knew one."""
        found: dict[int, list[str]] = {}
        if is_complete(matrix, self._never_null):  # as nearly always; numpy would cost a request of one row 8%
            return found
        for row, column in np.argwhere(np.isnan(matrix[:, self._never_null])).tolist():
            found.setdefault(row, []).append(self.names[self._never_null[column]])
        return found

    def without(self, rows: Sequence, matrix: np.ndarray) -> tuple[list[int], list[int]]:
        """The places of the rows, whose `matrix` this is, that bring no features.

        First those of which user and item are known, so that the store has their features; then those that do not even
        name a feature: there is nothing to score.
        """
        bare, empty = [], []
        for n in np.flatnonzero(is_empty(matrix)).tolist():
            row = rows[n]
            if row.user_id and row.item_id:
                bare += [n] * (not self._tells(row))
            else:
                empty += [n] * (not self._names_any(row))
        return bare, empty

    def _tells(self, row) -> bool:
        """Whether any feature is known."""
        return any(value is not None and _is_given(value) for value in astuple(row)[len(COMMON) :])

    def _names_any(self, row) -> bool:
        return any(map(_is_given, astuple(row)[len(COMMON) :]))

    def _encoded(self, row) -> list[float | None]:
        values = list(astuple(row)[len(COMMON) :])
        for column, codes in self._codes:
            values[column] = codes[values[column]]
        return values


def _is_given(value: float | str | None | UnsetType) -> bool:
    """Whether the request has it. A number left out is not equal to itself."""
    return value is not UNSET and value == value
