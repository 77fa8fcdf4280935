"""The built-in formats in docs/ingest.md: `python -m willbuy.ingest.mapping.documentation` writes them there."""

from __future__ import annotations

from pathlib import Path

from willbuy import pages
from willbuy.ingest.mapping.mapping import FORMATS, built_in

PAGE = Path("docs/ingest.md")


def parts() -> dict[str, str]:
    """A line a format, which says what the first line of its file says."""
    first = {name: (FORMATS / f"{name}.yaml").read_text(encoding="utf-8").partition("\n")[0] for name in built_in()}
    lines = ((f"`{name}`", line.removeprefix("# ")) for name, line in first.items())
    return {"formats": pages.table(("name", "what it reads"), lines)}


if __name__ == "__main__":
    pages.write(PAGE, parts())
