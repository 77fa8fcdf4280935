"""A msgspec type in words: what it takes, for errors and for the documentation."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import cast

from msgspec import Meta, Struct, inspect

MOST_NAMES = 12
OBJECT = "an object of names and values"


def says(description: str, **more) -> Meta:
    """The meaning of a field; `more` is what msgspec.Meta takes."""
    return Meta(description=description, **more)


def takes(kind: inspect.Type) -> str:
    """What a field of this type takes, like "a number from 0 to 1, or null"."""
    match kind:
        case inspect.Metadata(type=inner, extra_json_schema=said):
            examples = [example for example in (said or {}).get("examples", ()) if isinstance(example, str)]
            return takes(inner) + "".join(f", like {example}" for example in examples)
        case inspect.UnionType(types=kinds):
            named = " or ".join(takes(k) for k in kinds if not isinstance(k, inspect.NoneType))
            return f"{named}, or null" if kind.includes_none else named
        case inspect.LiteralType(values=values):
            return ", ".join(map(str, values))
        case inspect.BoolType():
            return "true or false"
        case inspect.CustomType():
            return "text"
        case inspect.StrType():
            return "text" + _lengths(kind, " characters") + (", not blank, on one line" if kind.pattern else "")
        case inspect.DateTimeType():
            return "a time with its zone"
        case inspect.IntType() | inspect.FloatType():
            whole = isinstance(kind, inspect.IntType) or kind.multiple_of == 1
            return ("a whole number" if whole else "a number") + _range(kind)
        case inspect.ListType(item_type=item):
            return "a list" + _lengths(kind, " rows" if row_of(kind) else f" values, each {takes(item)}")
        case inspect.StructType() | inspect.DictType():
            return OBJECT
    return type(kind).__name__.removesuffix("Type").lower()


def meaning(kind: inspect.Type) -> str:
    """The type's description, "" without one."""
    if not isinstance(kind, inspect.Metadata):
        return ""
    return (kind.extra_json_schema or {}).get("description") or meaning(kind.type)


def fields(kind: type[Struct]) -> tuple[inspect.Field, ...]:
    """The fields of a struct."""
    return cast(inspect.StructType, inspect.type_info(kind)).fields


def bare(kind: inspect.Type) -> inspect.Type:
    """The type without description and examples."""
    return bare(kind.type) if isinstance(kind, inspect.Metadata) else kind


def row_of(kind: inspect.Type) -> inspect.StructType | None:
    """The type of the rows, if this is a list of structs."""
    listed = bare(kind)
    row = bare(listed.item_type) if isinstance(listed, inspect.ListType) else None
    return row if isinstance(row, inspect.StructType) else None


def names(known: Sequence[str]) -> str:
    """The names that an object may have; of very many, the first."""
    more = len(known) - MOST_NAMES
    return ", ".join(known[:MOST_NAMES]) + (f" and {more} more, which /openapi.json lists" if more > 0 else "")


def meant(name: str, known: Iterable[str]) -> str:
    """A question after one of the `known` names, if `name` is nearly it; "" if none is near."""
    near = get_close_matches(name, [*known], 1, cutoff=0.7)
    return f"; did you mean {near[0]}?" if near else ""


def _lengths(kind: inspect.StrType | inspect.ListType, unit: str) -> str:
    least, most = kind.min_length, kind.max_length
    if most is None:
        return f" of at least {least}{unit}" if least else ""
    return f" of {least} to {most}{unit}" if least else f" of at most {most}{unit}"


def _range(kind: inspect.IntType | inspect.FloatType) -> str:
    if kind.ge is not None and kind.le is not None:
        return f" from {_plain(kind.ge)} to {_plain(kind.le)}"
    bounds = {"above": kind.gt, "of at least": kind.ge, "below": kind.lt, "of at most": kind.le}
    said = [f"{word} {_plain(bound)}" for word, bound in bounds.items() if bound is not None]
    return " " + " and ".join(said) if said else ""


def _plain(number: float) -> str:
    return str(int(number)) if abs(number) < 1e15 and number == int(number) else f"{number:.7g}"
