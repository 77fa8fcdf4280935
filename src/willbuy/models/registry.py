"""Model versions on disk: saved whole, loaded only if undamaged, and the pointer to the champion."""

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path

import xgboost as xgb

from willbuy import by_hand
from willbuy.models.baseline import Dummy, Rule
from willbuy.models.calibration import Calibration
from willbuy.models.encoding import Encoding
from willbuy.models.logistic import LogisticRegression
from willbuy.models.model import Baselines, Model
from willbuy.models.pointer import champion, promote
from willbuy.models.trees import flat
from willbuy.models.versions import (
    BASELINES,
    BOOSTER,
    CARD,
    TREES,
    VERSION,
    DamagedModelError,
    current_digests,
    digests,
    free_version,
    read_checked,
    versions,
    write_digests,
)

__all__ = ["DamagedModelError", "champion", "free_version", "load", "promote", "save", "versions"]


def save(model: Model, directory: str | Path, version: str) -> Path:
    """Write `model` to `directory`/`version`, which appears whole or not at all; return that path.

    Raises ValueError if the name is no version, and FileExistsError if it is taken.
    """
    if not VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is no version name; it should look like xgboost_20240131_235959")
    path = Path(directory) / version
    by_hand.check(path)
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
    known = digests(path)
    card = json.loads(read_checked(path / CARD, known))
    knots = card["calibration"]
    calibration = Calibration(knots["method"], tuple(knots["margins"]), tuple(knots["probabilities"]))
    return Model(
        booster=_read_booster(read_checked(path / BOOSTER, known)) if BOOSTER in known else None,
        encoding=Encoding.stored([f["name"] for f in card["features"]], card["levels"]),
        calibration=calibration,
        threshold=card["threshold"],
        baselines=_read_baselines(read_checked(path / BASELINES, known)),
        card=card,
    )


def _write(model: Model, directory: Path, version: str) -> None:
    if model.booster is not None:
        model.booster.save_model(directory / BOOSTER)
        flat.save(flat.from_booster(model.booster), directory / TREES)
    _write_json(directory / BASELINES, asdict(model.baselines))
    card = {
        "version": version,
        "kind": model.kind,
        "threshold": model.threshold,
        **model.card,
        "levels": model.encoding.levels,
        "calibration": asdict(model.calibration),
        "sha256": current_digests(directory),
    }
    _write_json(directory / CARD, card)
    write_digests(directory)


def _write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _read_booster(content: bytes) -> xgb.Booster:
    # Only ever checked content: XGBoost's loader can crash the process on a damaged file.
    booster = xgb.Booster()
    booster.load_model(bytearray(content))
    return booster


def _read_baselines(content: bytes) -> Baselines:
    stored = json.loads(content)
    logistic = LogisticRegression.from_dict(stored["logistic"])
    return Baselines(Dummy(**stored["dummy"]), Rule(**stored["rule"]), logistic)
