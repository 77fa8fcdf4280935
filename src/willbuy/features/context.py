"""Contexts: under what circumstances somebody acted, like the channel they came by. A shop's log says which it knows.

A context is the decision event's own and known at `t`, so nothing is computed: it is carried along.
"""

from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq

from willbuy.features.definitions import FEATURES
from willbuy.features.feature import Feature, Formula, Quantity
from willbuy.schema import CONTEXT, contexts

FAMILY = "context"


def feature(column: str) -> Feature:
    """The feature in the column `column` of decision points and features, like context_channel."""
    words = (
        f"`{column.removeprefix(CONTEXT)}` of the decision event itself, as the log has it. Null if it is not known."
    )
    return Feature(FAMILY, column, "level", words, Formula((Quantity(FAMILY, column),)), "string")


def known(columns: Iterable[str]) -> tuple[Feature, ...]:
    """All features of a table with these columns: those that are computed, then its contexts."""
    return (*FEATURES, *map(feature, contexts(columns)))


def known_in(path: str | Path) -> tuple[Feature, ...]:
    """The same of the parquet file at `path`."""
    return known(pq.read_schema(path).names)


def always_known(path: str | Path) -> list[str]:
    """The contexts that are null in no row of the parquet file at `path`."""
    names = contexts(pq.read_schema(path).names)
    return [name for name in names if pq.read_table(path, columns=[name])[name].null_count == 0]
