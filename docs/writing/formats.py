"""The built-in formats in docs/ingest.md: what the first line of each file says it reads."""

from willbuy.ingest.mapping.mapping import FORMATS, built_in
from writing import pages


def parts() -> dict[str, dict[str, str]]:
    """A line a format."""
    first = {name: (FORMATS / f"{name}.yaml").read_text(encoding="utf-8").partition("\n")[0] for name in built_in()}
    lines = ((f"`{name}`", line.removeprefix("# ")) for name, line in first.items())
    return {"ingest.md": {"formats": pages.table(("name", "what it reads"), lines)}}
