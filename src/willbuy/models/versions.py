"""Version directories: their names and their files' digests. Needs no XGBoost."""

import re
from datetime import datetime, timedelta
from hashlib import file_digest, sha256
from pathlib import Path

from willbuy.files import write_text
from willbuy.models.predictors import LOGISTIC, XGBOOST

BOOSTER, TREES, CARD, BASELINES = "model.ubj", "trees.npz", "model.json", "baselines.json"
DIGESTS = "SHA256SUMS"
PREFIXES = {XGBOOST: "xgboost", LOGISTIC: "logistic"}
TIME = len("20240131_235959")
VERSION = re.compile(rf"({'|'.join(PREFIXES.values())})_\d{{8}}_\d{{6}}")


class DamagedModelError(ValueError):
    """A version directory that must not be served; the message names the file and what is wrong with it."""


def free_version(directory: str | Path, now: datetime, kind: str = XGBOOST) -> str:
    """The first name from `now` on that no version in `directory` has, such as xgboost_20240131_235959."""
    while (Path(directory) / (name := f"{PREFIXES[kind]}_{now:%Y%m%d_%H%M%S}")).exists():
        now += timedelta(seconds=1)
    return name


def versions(directory: str | Path) -> list[str]:
    """The versions in `directory`, oldest first."""
    found = (p.name for p in Path(directory).glob("*") if VERSION.fullmatch(p.name) and p.is_dir())
    return sorted(found, key=lambda name: (name[-TIME:], name))


def digest(path: str | Path) -> str:
    """The SHA-256 of a file."""
    with open(path, "rb") as file:
        return file_digest(file, "sha256").hexdigest()


def current_digests(path: str | Path) -> dict[str, str]:
    """The digest of each file of the version directory `path` as it is now, but for the list of them."""
    return {p.name: digest(p) for p in sorted(Path(path).iterdir()) if p.name != DIGESTS}


def write_digests(path: str | Path) -> None:
    """Write SHA256SUMS for all files of the version directory `path`; `sha256sum -c SHA256SUMS` checks it by hand."""
    write_text("".join(f"{sha}  {name}\n" for name, sha in current_digests(path).items()), Path(path) / DIGESTS)


def digests(path: str | Path) -> dict[str, str]:
    """The digest of each file of the version directory `path`, as it was saved.

    Raises FileNotFoundError if there is no SHA256SUMS, DamagedModelError if it is not one.
    """
    lines = (Path(path) / DIGESTS).read_bytes().decode(errors="replace").splitlines()
    if not all(re.fullmatch(r"[0-9a-f]{64}  [\w.]+", line) for line in lines):
        raise DamagedModelError(f"{Path(path) / DIGESTS} is not a list of SHA-256 digests; build the model again")
    return {line[66:]: line[:64] for line in lines}


def read_checked(path: Path, known: dict[str, str]) -> bytes:
    """The content of the file `path`, if its digest is the one that `known` has under its name.

    Raises FileNotFoundError if there is none, DamagedModelError if it is another file.
    """
    content = path.read_bytes()
    if sha256(content).hexdigest() != known.get(path.name):
        raise DamagedModelError(f"{path} is not the file that was saved; build the model again")
    return content


def content_digest(path: str | Path) -> str:
    """What tells the content of the version directory `path` from any other: the digest of its list of digests.

    Raises FileNotFoundError if there is none.
    """
    return digest(Path(path) / DIGESTS)
