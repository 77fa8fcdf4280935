"""Do the files of a log have the columns that its mapping names? Decided over all files that are read alike."""

from collections.abc import Iterator, Sequence

from willbuy.ingest.mapping.layout import Layout
from willbuy.ingest.reading.relation import Relation, absent


def require_columns(opened: Sequence[tuple[Relation, Layout]]) -> None:
    """Raise IngestError for a column that no file of its layout has, and for a file without one that every event needs.

    A column that is not needed may be absent from some of the files: it may have been added later.
    """
    for layout, alike in by_layout(opened):
        nowhere = [name for name in layout.wanted() if all(name in relation.lacks for relation in alike)]
        if nowhere:
            raise absent(alike[0].path, nowhere, alike[0].listing())
        for relation in alike:
            if lacking := _lacking(relation, layout):
                raise absent(relation.path, lacking, relation.listing())


def by_layout(opened: Sequence[tuple[Relation, Layout]]) -> Iterator[tuple[Layout, list[Relation]]]:
    """Each layout with the files that are read by it."""
    for layout in {id(layout): layout for _, layout in opened}.values():
        yield layout, [relation for relation, theirs in opened if theirs is layout]


def _lacking(relation: Relation, layout: Layout) -> list[str]:
    """The columns that every event needs, none of whose alternatives the file has."""
    fields = type(layout.columns).model_fields
    needed = [
        names for ours, names in layout.columns.named().items() if fields[ours].is_required() or ours == "event_type"
    ]
    return [name for names in needed if set(names) <= set(relation.lacks) for name in names]
