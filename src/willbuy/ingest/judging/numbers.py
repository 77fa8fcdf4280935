"""How a number is spelled: the decimal sign, the sign between thousands, the currency around it."""

import re

from willbuy.database import literal
from willbuy.ingest.mapping.layout import Layout

# What people type for a space and for an apostrophe between thousands.
LIKE = {" ": "[ \\x{A0}\\x{202F}\\x{2009}]", "'": "['\\x{2019}]"}
BLANK = r"[ \x{A0}\x{202F}]*"


def number(raw: str, typed: str, layout: Layout) -> str:
    """SQL for the number that the text `raw` means; null where it means none.

    Where the SQL `typed` is true, the file holds a number, not a text: then its spelling is not the mapping's.
    """
    plain = f"try_cast({raw} AS DOUBLE)"
    if not spelled(layout):
        return f"{plain} + 0.0"  # −0.0 becomes 0.0
    amount = _without_currency(raw, layout.currency)
    between = layout.thousands or ("." if layout.decimal == "," else None)
    group = between and LIKE.get(between, re.escape(between))
    digits = f"(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+)" if group else "[0-9]+"
    point = re.escape(layout.decimal)
    pattern = f"[+-]?(?:{digits}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    bare = f"regexp_replace({amount}, {literal(group)}, '', 'g')" if group else amount
    read = f"try_cast(replace({bare}, {literal(layout.decimal)}, '.') AS DOUBLE)"
    return f"CASE WHEN {typed} THEN {plain} WHEN regexp_full_match({amount}, {literal(pattern)}) THEN {read} END + 0.0"


def spelled(layout: Layout) -> bool:
    """True if texts spell numbers in another way than programs do."""
    return layout.decimal != "." or bool(layout.thousands or layout.currency)


def _without_currency(raw: str, currency: tuple[str, ...]) -> str:
    if not currency:
        return raw
    signs = "|".join(map(re.escape, sorted(currency, key=len, reverse=True)))
    before, after = f"^([+-]?){BLANK}(?:{signs}){BLANK}", f"{BLANK}(?:{signs})$"
    return f"regexp_replace(regexp_replace({raw}, {literal(before)}, '\\1'), {literal(after)}, '')"
