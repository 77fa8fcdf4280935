"""What the last build left, found from any folder of the project: for a notebook that only looks."""

from pathlib import Path

from willbuy.build.declared import declared
from willbuy.by_hand import SCRATCH

PIPELINE = "pipeline.yaml"
LAST = "metrics.json"  # of a whole build


def products() -> Path:
    """The folder of products that the file of parameters names, of the project around the working directory.

    Raises FileNotFoundError if there is no project, or if no build came to its end in that folder.
    """
    here = Path.cwd()
    root = next((folder for folder in (here, *here.parents) if (folder / PIPELINE).is_file()), None)
    if root is None:
        raise FileNotFoundError(f"{here} lies in no project: no folder around it has a {PIPELINE}")
    folder = root / str(declared(str(root / PIPELINE))["products"])
    if not (folder / LAST).exists():
        raise FileNotFoundError(f"{folder} holds nothing that a whole build left: run `ploomber build` first")
    return folder


def tables(folder: Path) -> dict[str, Path]:
    """The tables in a folder of products, by name: `events`, `features/test`.

    Those of another build in a folder below are not among them, nor what notebooks wrote by hand.
    """
    found = {path.relative_to(folder).with_suffix(""): path for path in sorted(folder.rglob("*.parquet"))}
    others = {SCRATCH, *(path.parent.name for path in folder.glob(f"*/{LAST}"))}
    return {name.as_posix(): path for name, path in found.items() if name.parts[0] not in others}
