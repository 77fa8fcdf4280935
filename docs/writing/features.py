"""The tables of docs/features.md: every feature with its definition, one table a family."""

from collections.abc import Iterator

from willbuy.features import context
from willbuy.features.feature import FAMILIES
from writing import pages

HEAD = ("feature", "type", "unit", "window", "definition")


def parts() -> dict[str, dict[str, str]]:
    """One table a family."""
    return {"features.md": {family: pages.table(HEAD, _lines(family)) for family in (*FAMILIES, context.FAMILY)}}


def _lines(family: str) -> Iterator[tuple[str, ...]]:
    for f in context.known(["context_<name>"]):
        if f.family == family:
            yield f"`{f.name}`", f.dtype + (", null" if f.nullable else ""), f.unit, f.window, f.description
