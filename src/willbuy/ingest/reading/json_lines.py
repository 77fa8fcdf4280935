"""JSON lines: an object on each line, fields inside objects by dots, the entries of a list on request."""

from pathlib import Path

from willbuy.database import literal
from willbuy.ingest.mapping.layout import Layout
from willbuy.ingest.reading.records import SHOWN, Records
from willbuy.ingest.reading.relation import Relation, entries, in_entry, numbered, stripped

NO_OBJECT = "not a JSON object"
NESTED = "an object or a list where a value should be"
IDS = ("user_id", "item_id", "category")  # in other columns, no object could pass for a value

OBJECTS = """
SELECT line, problem, text, line_text,
       CASE WHEN json_type(try_cast(line_text AS JSON)) = 'OBJECT' THEN line_text::JSON END AS object
"""


def open_json_lines(connection, path: Path, layout: Layout, name: str) -> Relation:
    """Open a file of JSON lines. Keys may be absent: nothing is known of them before the file has been read."""
    columns = numbered(layout.wanted())
    # Whether the last line is whole shows by its own end.
    records = Records(path, ["line_text"], [0], None, None, layout.encoding, whole=True)
    connection.register(name, records.reader(skip_header=False))
    entry = entries(f"json_extract(object, {literal(_path(layout.explode) + '[*]')})") if layout.explode else "NULL"
    fields = _Fields(list(columns), layout.explode)
    values = "".join(f", {stripped(fields.value(theirs))} AS {column}" for theirs, column in columns.items())
    typed = "".join(f", {fields.is_number(theirs)} AS {column}_typed" for theirs, column in columns.items())
    ids = [theirs for ours in IDS for theirs in layout.columns.named().get(ours, ())]
    nested = " ".join(f"WHEN {fields.is_nested(theirs)} THEN {fields.value(theirs)}" for theirs in ids)
    select = f"""
        SELECT * EXCLUDE (nested, line_text, object) REPLACE (
            coalesce(problem, CASE WHEN object IS NULL THEN '{NO_OBJECT}' WHEN nested IS NOT NULL THEN '{NESTED}' END)
                AS problem,
            coalesce(text, CASE WHEN object IS NULL THEN left(line_text, {SHOWN}) ELSE left(nested, {SHOWN}) END)
                AS text)
        FROM (
            SELECT line, problem, text, line_text, object, CASE {nested} END AS nested{values}{typed}
            FROM (SELECT *, {fields.extracted} FROM (SELECT *, {entry} AS entry FROM ({OBJECTS} FROM {name})))
        )"""
    return Relation(
        path, select, columns, typed={column: f"{column}_typed" for column in columns.values()}, records=(records,)
    )


def _path(key: str) -> str:
    return "$" + "".join('."' + part.replace('"', '\\"') + '"' for part in key.split("."))


def _exact_path(key: str) -> str:
    """The path of a key that has dots in its name."""
    return '$."' + key.replace('"', '\\"') + '"'


class _Fields:
    """The wanted fields of an object and of an entry of its list; each of the two is parsed once a row for all."""

    def __init__(self, names: list[str], explode: str | None) -> None:
        self._paths: dict[str, tuple[str, list[str]]] = {}
        self._extracted: dict[str, list[str]] = {}
        for name in names:
            inner = in_entry(name, explode)
            of, key = ("object", name) if inner is None else ("entry", inner)
            paths = [literal(path) for path in dict.fromkeys((_exact_path(key), _path(key)))]
            self._paths[name] = of, paths
            self._extracted.setdefault(of, []).extend(paths)
        self.extracted = ", ".join(
            f"json_extract_string({of}::JSON, [{', '.join(paths)}]) AS {of}_texts"
            for of, paths in self._extracted.items()
        )

    def value(self, name: str) -> str:
        """SQL for the text of a field."""
        of, paths = self._paths[name]
        return f"coalesce({', '.join(f'{of}_texts[{self._extracted[of].index(path) + 1}]' for path in paths)})"

    def is_number(self, name: str) -> str:
        """SQL that says whether a field is a number, not a text."""
        return f"coalesce({self._type(name)} <> 'VARCHAR', false)"

    def is_nested(self, name: str) -> str:
        """SQL that says whether a field is an object or a list."""
        begins = f"left({self.value(name)}, 1) IN ('{{', '[')"
        return f"CASE WHEN {begins} THEN {self._type(name)} IN ('OBJECT', 'ARRAY') ELSE false END"

    def _type(self, name: str) -> str:
        of, paths = self._paths[name]
        return f"coalesce({', '.join(f'json_type({of}::JSON, {path})' for path in paths)})"
