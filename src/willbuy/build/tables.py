"""Tables that fit a page: long names may break, and on a narrow screen a wide table becomes a list of its rows."""

import html
import re
from itertools import zip_longest

TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
CELL = re.compile(r"<(t[hd])\b([^>]*)>(.*?)</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
LONG_NAME = re.compile(r"\w{11,}")  # may break after its underscores; a shorter one never needs to
DATE = re.compile(r"\d{4}-\d\d-\d\d")  # a browser may break it after a hyphen
# In pixels: what a telephone leaves, a character of its small print, and what lies around one cell.
NARROW, CHARACTER, AROUND = 350, 6.6, 10


def fitting(page: str) -> str:
    """The HTML `page`: in its tables long names may break, dates stay whole, and wide ones suit a narrow screen, too.

    These lie in a `<div class="wide">`, and their cells name their column in `data-label`: page.css does the rest.
    """
    return TABLE.sub(lambda found: _fitted(found[0]), page)


def _fitted(table: str) -> str:
    head, end, body = table.partition("</thead>")
    spans = "span=" in head or "rowspan=" in body  # a cell of several columns or rows is no part of one row
    wide = not spans and width(table) > NARROW
    if wide:
        names = [_text(cell[3]) for cell in CELL.finditer(next(iter(ROW.findall(head)), ""))]
        body = ROW.sub(lambda row: _labelled(row[0], names), body)
    table = CELL.sub(_breakable, head + end + body)
    return f'<div class="wide">{table}</div>' if wide else table


def width(table: str) -> float:
    """How many pixels the table takes at least, in the small print of a narrow screen."""
    rows = [[_longest(_text(cell[3])) for cell in CELL.finditer(row)] for row in ROW.findall(table)]
    return sum(max(column) * CHARACTER + AROUND for column in zip_longest(*rows, fillvalue=0))


def _longest(text: str) -> int:
    names = LONG_NAME.sub(lambda name: name[0].replace("_", "_ "), text)
    return max(map(len, re.split(r"[ \n]", names)))  # not at a space that does not break


def _text(cell: str) -> str:
    return html.unescape(TAG.sub("", cell)).strip()


def _labelled(row: str, names: list[str]) -> str:
    labels = iter(names)
    return CELL.sub(lambda cell: _named(cell, next(labels, "")), row)


def _named(cell: re.Match[str], name: str) -> str:
    kind, attributes, content = cell.groups()
    label = f' data-label="{html.escape(name)}"' if name else ""
    return f"<{kind}{attributes}{label}>{content}</{kind}>"


def _breakable(cell: re.Match[str]) -> str:
    kind, attributes, content = cell.groups()
    if "<" not in content and "whole" not in attributes:
        content = LONG_NAME.sub(lambda name: name[0].replace("_", "_<wbr>"), content)
        content = DATE.sub(r'<span class="whole">\g<0></span>', content)
    return f"<{kind}{attributes}>{content}</{kind}>"
