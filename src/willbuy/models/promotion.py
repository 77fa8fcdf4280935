"""Whether a candidate takes the champion's place."""

import warnings
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from willbuy.evaluation.metrics import log_loss
from willbuy.models import registry
from willbuy.models.model import Model


@dataclass(frozen=True)
class Verdict:
    """`promoted` is true if the candidate is to serve; `reason` is a sentence for the report."""

    promoted: bool
    reason: str


def load_champion(directory: str | Path) -> Model | None:
    """The champion in `directory`; None if there is none, and also, with a warning, if it cannot be read.

    A damaged champion must not prevent a new model from being built.
    """
    version = None
    try:
        version = registry.champion(directory)
        return registry.load(Path(directory) / version) if version else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        warnings.warn(f"the champion cannot be read ({version or 'no version'}): {error!r}", stacklevel=2)
        return None


def judge(
    candidate: Model, champion: Model | None, validation_start: datetime, matrix: np.ndarray, labels: np.ndarray
) -> Verdict:
    """Compare log-loss on the calibration rows, given as the candidate's `matrix`.

    A champion that reads other features, or that was trained on days from `validation_start` on, cannot be compared:
    the candidate then takes its place.
    """
    if champion is None:
        return Verdict(True, "there was no champion to compare with")
    if champion.encoding != candidate.encoding:
        return Verdict(True, f"the champion {champion.card['version']} reads other features or categories")
    if datetime.fromisoformat(champion.card["trained_through"]) > validation_start:
        return Verdict(True, f"the champion {champion.card['version']} has already seen days of this validation")
    return _lower_loss(candidate, champion, matrix, labels)


def _lower_loss(candidate: Model, champion: Model, matrix: np.ndarray, labels: np.ndarray) -> Verdict:
    new, old = (log_loss(labels, m.predict_matrix(matrix)) for m in (candidate, champion))
    better = new < old
    comparison = f"log-loss on the calibration rows: candidate {new:.6f}, champion {champion.card['version']} {old:.6f}"
    return Verdict(better, f"{comparison}; {'the candidate is better' if better else 'the champion stays'}")
