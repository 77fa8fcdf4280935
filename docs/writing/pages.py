"""A Markdown page whose parts are written from code, each between two comments that name it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

DOCS = Path(__file__).parents[1]


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in (head, ["---"] * len(head), *lines))


def placed(page: str, parts: Mapping[str, str]) -> str:
    """The text of a page with each part between `<!-- name: … -->` and `<!-- end of name -->`."""
    for name, part in parts.items():
        page = re.sub(rf"(?s)(<!-- {name}: .*?-->\n).*?(<!-- end of {name} -->)", rf"\g<1>\n{part}\n\n\g<2>", page)
    return page
