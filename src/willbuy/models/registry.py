"""Model versions on disk: saved whole, loaded only if undamaged, and the pointer to the champion."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import xgboost as xgb

from willbuy.files import write_text
from willbuy.models.baseline import Dummy, Rule
from willbuy.models.calibration import Calibration
from willbuy.models.encoding import Encoding
from willbuy.models.logistic import LogisticRegression
from willbuy.models.model import Baselines, Model

BOOSTER, CARD, BASELINES, CURRENT = "model.ubj", "model.json", "baselines.json", "current.json"
VERSION = re.compile(r"xgboost_\d{8}_\d{6}")


class DamagedModelError(ValueError):
    """A version directory that must not be served; the message names the file and what is wrong with it."""


def free_version(directory: str | Path, now: datetime) -> str:
    """The first name `xgboost_YYYYMMDD_HHMMSS` from `now` on that no version in `directory` has."""
    while (Path(directory) / (name := f"xgboost_{now:%Y%m%d_%H%M%S}")).exists():
        now += timedelta(seconds=1)
    return name


def versions(directory: str | Path) -> list[str]:
    """The versions in `directory`, oldest first."""
    return sorted(p.name for p in Path(directory).glob("*") if VERSION.fullmatch(p.name) and p.is_dir())


def save(model: Model, directory: str | Path, version: str) -> Path:
    """Write `model` to `directory`/`version`, which appears whole or not at all; return that path.

    Raises ValueError if the name is no version, and FileExistsError if it is taken.
    """
    if not VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is no version name; it should look like xgboost_20240131_235959")
    path = Path(directory) / version
    if path.exists():
        raise FileExistsError(f"{path} exists; a version is never overwritten, take another name")
    temporary = path.with_name(f".{version}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    _write(model, temporary, version)
    os.replace(temporary, path)
    return path


def load(path: str | Path) -> Model:
    """The model in the version directory `path`.

    Raises FileNotFoundError if there is none, and DamagedModelError if a file is not the one that was saved.
    """
    path = Path(path)
    card = json.loads((path / CARD).read_text(encoding="utf-8"))
    encoding = Encoding(
        tuple(f["name"] for f in card["features"]), {n: tuple(levels) for n, levels in card["levels"].items()}
    )
    knots = card["calibration"]
    calibration = Calibration(knots["method"], tuple(knots["margins"]), tuple(knots["probabilities"]))
    return Model(
        booster=_read_booster(_checked(path / BOOSTER, card["sha256"])),
        encoding=encoding,
        calibration=calibration,
        threshold=card["threshold"],
        baselines=_read_baselines(_checked(path / BASELINES, card["sha256"])),
        card=card,
    )


def promote(directory: str | Path, version: str, reason: str) -> None:
    """Point current.json in `directory` at `version`, in one step.

    Raises FileNotFoundError if there is no such version.
    """
    if not (Path(directory) / version / CARD).exists():
        raise FileNotFoundError(f"{directory} holds no version {version!r}; it holds {versions(directory)}")
    write_text(json.dumps({"version": version, "reason": reason}, indent=2) + "\n", Path(directory) / CURRENT)


def champion(directory: str | Path) -> str | None:
    """The version that current.json in `directory` points to; None if nothing was promoted yet."""
    pointer = Path(directory) / CURRENT
    return json.loads(pointer.read_text(encoding="utf-8"))["version"] if pointer.exists() else None


def _write(model: Model, directory: Path, version: str) -> None:
    model.booster.save_model(directory / BOOSTER)
    baselines = model.baselines
    _write_json(
        directory / BASELINES,
        {
            "dummy": asdict(baselines.dummy),
            "rule": asdict(baselines.rule),
            "logistic": baselines.logistic.as_dict(),
        },
    )
    card = {
        "version": version,
        "threshold": model.threshold,
        **model.card,
        "levels": model.encoding.levels,
        "calibration": asdict(model.calibration),
        "sha256": {name: sha256((directory / name).read_bytes()).hexdigest() for name in (BOOSTER, BASELINES)},
    }
    _write_json(directory / CARD, card)


def _write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _checked(path: Path, digests: dict) -> bytes:
    """The content of `path`, if it has the digest under its name."""
    content = path.read_bytes()
    if sha256(content).hexdigest() != digests[path.name]:
        raise DamagedModelError(f"{path} is not the file that {CARD} describes; build the model again")
    return content


def _read_booster(content: bytes) -> xgb.Booster:
    # Only ever checked content: XGBoost's loader can crash the process on a damaged file.
    booster = xgb.Booster()
    booster.load_model(bytearray(content))
    return booster


def _read_baselines(content: bytes) -> Baselines:
    stored = json.loads(content)
    logistic = LogisticRegression.from_dict(stored["logistic"])
    return Baselines(Dummy(**stored["dummy"]), Rule(**stored["rule"]), logistic)
