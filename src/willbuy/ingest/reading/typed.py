"""Values that have a type already, of Parquet or of a SELECT, as the text that a mapping means; times stay times."""

from willbuy.ingest.reading.relation import stripped

TIMES = ("TIMESTAMP", "DATE")
NUMBERS = ("DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT")
TEXTS = ("VARCHAR", "ENUM", "UUID")


def is_time(type_: str) -> bool:
    """Is this DuckDB type one of times or dates?"""
    return type_.startswith(TIMES) and not type_.endswith("[]")


def is_number(type_: str) -> bool:
    """Is this DuckDB type one of numbers?"""
    return type_.removeprefix("U").startswith(NUMBERS) and not type_.endswith("[]")


def has_zone(type_: str) -> bool:
    """Are these times moments, whatever the zone?"""
    return type_.startswith("TIMESTAMP WITH")


def as_text(value: str, type_: str) -> str | None:
    """SQL for the text of a value of this DuckDB type, or for its time; None for a type that is no value."""
    if is_time(type_):
        return f"{value}::TIMESTAMP" if type_ == "TIMESTAMP_NS" else value
    if type_ in ("DOUBLE", "FLOAT"):
        # pandas turns whole numbers into floats as soon as one is missing: 17.0 is the id 17.
        whole = f"{value} = trunc({value}) AND abs({value}) < 9007199254740992"
        return f"CASE WHEN {whole} THEN {value}::BIGINT::VARCHAR ELSE {value}::VARCHAR END"
    if is_number(type_):
        return f"{value}::VARCHAR"
    if type_ == '"NULL"':  # null in every row
        return f"{value}::VARCHAR"
    return stripped(f"{value}::VARCHAR") if type_.startswith(TEXTS) and not type_.endswith("[]") else None
