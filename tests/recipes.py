"""The recipes of CONTRIBUTING.md, as steps that change a copy of the project."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
STEP = re.compile(
    r"^(?:New `(?P<new>[^`]+)`|In `(?P<path>[^`]+)`, (?P<how>after|instead of) the line `(?P<line>[^\n]+)`):\n\n"
    r"```\w+\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class Step(NamedTuple):
    """Write the file `path` (where `line` is empty), or put `code` after `line` or in its place."""

    path: str
    how: str
    line: str
    code: str

    def take(self, root: Path) -> None:
        """Do it in the project at `root`."""
        target = root / self.path
        if not self.line:
            assert not target.exists(), target
            target.write_text(self.code)
            return
        lines = target.read_text().split("\n")
        (place,) = [n for n, line in enumerate(lines) if line.partition(" # ")[0] == self.line.partition(" # ")[0]]
        lines[place : place + 1] = [*(lines[place : place + 1] if self.how == "after" else ()), self.code.rstrip("\n")]
        target.write_text("\n".join(lines))


def recipes() -> dict[str, list[Step]]:
    """The steps of each recipe, by its heading."""
    sections = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
    return {section.partition("\n")[0]: [_step(found) for found in STEP.finditer(section)] for section in sections}


def _step(found: re.Match) -> Step:
    return Step(found["new"] or found["path"], found["how"] or "", found["line"] or "", found["code"])


def copy(root: Path) -> Path:
    """A copy of all files of the project that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
    return root
