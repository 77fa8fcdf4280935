"""The tables of willbuy: the type, unit and meaning of every column, and the check of a file against them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

VIEW, SCROLL, CART, REMOVE, PURCHASE = EVENT_TYPES = ("view", "scroll", "add_to_cart", "remove_from_cart", "purchase")
DECISION_TYPES = (VIEW, CART)
CONTEXT = "context_"  # begins the name of a column that says under what circumstances somebody acted
OTHER = "other"  # to a model the level of a context that is rare in train, or was never there

ID = pa.string()
TIME = pa.timestamp("us", tz="UTC")
MONEY = pa.float64()


class SchemaError(ValueError):
    """A table breaks its contract; the message names the file, the column and the first bad row."""


@dataclass(frozen=True)
class Column:
    """One column: `minimum`, `maximum` (inclusive) and `values` are what `check` demands."""

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table's columns in order; those that are `optional` may be missing.

    Other columns are allowed where `open` is true, contexts where `context` is.
    """

    name: str
    columns: tuple[Column, ...]
    open: bool = False
    context: bool = False
    optional: tuple[Column, ...] = ()

    @property
    def arrow(self) -> pa.Schema:
        """The columns as Arrow knows them, in order."""
        return pa.schema([pa.field(c.name, c.type, c.nullable) for c in self.columns])

    def extended(self, names: Iterable[str]) -> pa.Schema:
        """The columns, and after them `names`: optional ones, and contexts: texts, null where they are not known."""
        types = {column.name: column.type for column in self.optional}
        return pa.schema([*self.arrow, *(pa.field(name, types.get(name, pa.string())) for name in names)])

    def __getitem__(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)


USER_ID = Column("user_id", ID, "who acted")
ITEM_ID = Column("item_id", ID, "what they acted on")
TIMESTAMP = Column("timestamp", TIME, "when, in UTC")
EVENT_TYPE = Column("event_type", pa.string(), "what they did", values=EVENT_TYPES)
DECISION_TYPE = Column("event_type", pa.string(), "the decision event", values=DECISION_TYPES)
PRICE = Column("price", MONEY, "what the item cost then; null if the shop does not log it", "currency", True, 0)
DURATION = Column("duration_seconds", pa.float64(), "how long the visitor stayed on it", "seconds", True, 0)
QUANTITY = Column("quantity", pa.float64(), "how many pieces; a column only where the log has some", "pieces", True, 0)
SESSION_ID = Column("session_id", ID, "the session, unique over the table")
EXAMPLE_ID = Column("example_id", ID, "the decision point, unique over all splits")
LABEL = Column("label", pa.int8(), "1 if the user buys the item in (t + lead, t + horizon]", minimum=0, maximum=1)


def _probability(name: str, meaning: str) -> Column:
    return Column(name, pa.float64(), meaning, minimum=0, maximum=1)


EVENTS = Table("events", (USER_ID, ITEM_ID, EVENT_TYPE, TIMESTAMP, PRICE, DURATION), context=True, optional=(QUANTITY,))
ITEMS = Table(
    "items",
    (
        Column("item_id", ID, "the item, one row each"),
        Column("category", pa.string(), "its category; null if unknown", nullable=True),
        Column("base_price", MONEY, "its price without discount; null if unknown", "currency", True, 0),
    ),
    open=True,
)
USERS = Table(
    "users",
    (Column("user_id", ID, "the user, one row each"), Column("first_seen", TIME, "their first event", nullable=True)),
    open=True,
)
TRUTH = Table(
    "truth",
    (
        USER_ID,
        ITEM_ID,
        TIMESTAMP,
        DECISION_TYPE,
        _probability("probability", "the true chance of a purchase in (t + lead, t + horizon]"),
    ),
)
SESSIONS = Table(
    "sessions", (*EVENTS.columns, SESSION_ID, Column("session_start", TIME, "the session's first event")), context=True
)
DECISIONS = Table("examples", (EXAMPLE_ID, USER_ID, ITEM_ID, TIMESTAMP, SESSION_ID, DECISION_TYPE, LABEL), context=True)
PREDICTIONS = Table(
    "predictions",
    (
        *DECISIONS.columns,
        _probability("probability", "the champion's calibrated probability"),
        _probability("baseline_probability", "logistic regression's probability"),
        PRICE,
        Column("expected_value", MONEY, "probability x price; null without a price", "currency", True, 0),
    ),
)
BACKTEST_PREDICTIONS = Table(
    "backtest predictions",
    (
        Column("origin", TIME, "the midnight at which the predictors were trained on the past"),
        Column("part", pa.string(), "calibration: what set the threshold; or test", values=("calibration", "test")),
        *DECISIONS.columns,
        _probability("dummy", "the base rate of train"),
        _probability("rule", "the rule's probability"),
        _probability("logistic_regression", "logistic regression's probability"),
        _probability("xgboost", "XGBoost's calibrated probability"),
    ),
)
TABLES = (EVENTS, ITEMS, USERS, TRUTH, SESSIONS, DECISIONS, PREDICTIONS, BACKTEST_PREDICTIONS)


def contexts(names: Iterable[str]) -> list[str]:
    """Those of the columns `names` that are contexts, in order."""
    return [name for name in names if name.startswith(CONTEXT)]


def check(path: str | Path, table: Table) -> int:
    """Check the parquet file at `path` against `table`, reading one row group at a time.

    Returns the number of rows. Raises SchemaError for a missing, extra or mistyped column,
    and for the first value that is null or out of range.
    """
    file = pq.ParquetFile(path)
    _check_columns(path, file.schema_arrow, table)
    names = [c.name for c in table.columns]
    row = 0
    for batch in file.iter_batches(columns=names):
        for column in table.columns:
            _check_values(path, batch.column(column.name), column, row)
        row += len(batch)
    return row


def _check_columns(path, found: pa.Schema, table: Table) -> None:
    listing = ", ".join(f"{f.name}: {f.type}" for f in found)
    more = [Column(name, pa.string(), "") for name in contexts(found.names) if table.context]
    more += [column for column in table.optional if column.name in found.names]
    for column in (*table.columns, *more):
        if column.name not in found.names:
            raise SchemaError(f"{path}: no column {column.name!r}; the file has {listing}")
        if found.field(column.name).type != column.type:
            raise SchemaError(f"{path}: column {column.name!r} should be {column.type}; the file has {listing}")
    extra = [n for n in found.names if n not in (*table.arrow.names, *(column.name for column in more))]
    if extra and not table.open:
        raise SchemaError(f"{path}: columns {extra} do not belong in {table.name}")


def _check_values(path, values: pa.Array, column: Column, first_row: int) -> None:
    for bad, allowed in _violations(values, column):
        row = pc.index(bad.fill_null(False), True).as_py()
        if row >= 0:
            raise SchemaError(
                f"{path}: row {first_row + row}, {column.name} = {values[row].as_py()!r}; allowed: {allowed}"
            )


def _violations(values: pa.Array, column: Column):
    if not column.nullable:
        yield values.is_null(), "never null"
    if pa.types.is_floating(values.type):
        yield pc.invert(pc.is_finite(values)), "a finite number"
    if column.minimum is not None:
        yield pc.less(values, column.minimum), f"at least {column.minimum}"
    if column.maximum is not None:
        yield pc.greater(values, column.maximum), f"at most {column.maximum}"
    if column.values:
        yield pc.invert(pc.is_in(values, pa.array(column.values))), ", ".join(column.values)
