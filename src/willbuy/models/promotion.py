"""Whether a candidate takes the champion's place: checks first, the comparison next, the pointer last."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from willbuy.evaluation import checks
from willbuy.evaluation.calibrated import calibrated
from willbuy.evaluation.checks import Check
from willbuy.evaluation.intervals import Estimate
from willbuy.evaluation.metrics import losses
from willbuy.files import write_text
from willbuy.models import golden, registry
from willbuy.models.judging import Judging
from willbuy.models.model import Model

CANDIDATE = "candidate.json"
MARGIN = 0.01  # of the champion's log-loss: the end of the interval of what a candidate may lose
ADVICE = "More users, more days, a larger validation_share or a longer horizon give more to learn from and to judge by"
QUESTION = ("horizon_days", "min_lead_minutes")


class RejectedError(ValueError):
    """The candidate is rejected, and no champion answers the same question, so that there is nothing to serve."""


@dataclass(frozen=True)
class Verdict:
    """`promoted` is true if `version` is to serve; `reason` is a sentence; `checks` are those of the candidate.

    `champion` is the version that it was compared with, None if there was nothing to compare with.
    """

    version: str
    champion: str | None
    promoted: bool
    reason: str
    checks: list[Check]


def load_champion(directory: str | Path) -> Model | None:
    """The champion of `directory`; None if there is none, or, with a warning, if it cannot be read.

    A damaged champion must not prevent a new model from being built.
    """
    version = None
    try:
        version = registry.champion(directory)
        return registry.load(Path(directory) / version) if version else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        warnings.warn(f"the champion cannot be read ({version or 'no version'}): {error!r}", stacklevel=2)
        return None


def gate(directory: str | Path, version: str, judging: Judging) -> Verdict:
    """Judge the saved `version` in `directory` and, if it passes, point at it. Nothing else in a build promotes.

    The verdict is left as candidate.json beside the versions. Raises RejectedError, and changes nothing, if `version`
    is rejected and no champion answers the same question.
    """
    directory = Path(directory)
    candidate = registry.load(directory / version)
    verdict, champion = judge(candidate, load_champion(directory), judging)
    if not (verdict.promoted or champion):
        raise RejectedError(
            f"The new model {version} is not promoted, and no champion in {directory} predicts "
            f"{candidate.card['predicts']}. {verdict.reason}. {ADVICE}"
        )
    write_text(json.dumps(asdict(verdict), indent=1) + "\n", directory / CANDIDATE)
    if verdict.promoted:
        registry.promote(directory, version, verdict.reason)
    return verdict


def judge(candidate: Model, champion: Model | None, judging: Judging) -> tuple[Verdict, Model | None]:
    """The verdict on `candidate`, and the champion if it answers the same question. Changes nothing."""
    if champion and any(champion.card.get(key) != candidate.card.get(key) for key in QUESTION):
        champion = None
    checked = list(_checks(candidate, judging))
    failed = "; ".join(f"{c.name}: {c.detail}" for c in checked if not c.passed)
    promoted, reason = (False, failed) if failed else _against(candidate, champion, judging)
    name = champion.card["version"] if champion else None
    return Verdict(candidate.card["version"], name, promoted, reason, checked), champion


def _checks(candidate: Model, judging: Judging) -> Iterator[Check]:
    y = judging.labels
    counted = f"{len(y):,} decision points of {judging.frame.user_id.nunique():,} users, {y.sum():,} of them positive"
    yield Check("both labels among the rows that judge", judging.can_judge, counted)
    if not judging.can_judge:
        return
    matrix = judging.matrix(candidate)
    probability = candidate.predict_matrix(matrix)
    gain = judging.mean(losses(y, probability) - losses(y, np.full(len(y), candidate.baselines.dummy.base_rate)))
    yield Check("beats the base rate", gain.value < 0, f"its log-loss minus that of the base rate is {gain}")
    yield checks.is_calibrated(calibrated(y, probability, judging.bootstrap))
    yield _golden(candidate)
    yield checks.no_golden_feature(candidate.encoding.names, matrix, y)
    yield checks.train_ends_before(_judges_known_through(candidate), judging.frame.timestamp.min())


def _golden(candidate: Model) -> Check:
    rows = candidate.card["golden"]
    same = np.array_equal(candidate.predict(golden.table(rows)), [row["probability"] for row in rows])
    return Check("golden rows", same, f"the saved model answers {len(rows)} rows {'alike' if same else 'otherwise'}")


def _against(candidate: Model, champion: Model | None, judging: Judging) -> tuple[bool, str]:
    if champion is None:
        return True, f"it passes its checks, and no champion predicts {candidate.card['predicts']}"
    name, fresh = champion.card["version"], judging.after(_judges_known_through(champion))
    if not fresh.can_judge:
        return True, f"it passes its checks, and the champion {name} was trained on all days that could judge both"
    new, old = (losses(fresh.labels, model.predict_matrix(fresh.matrix(model))) for model in (candidate, champion))
    difference, margin = fresh.mean(new - old), MARGIN * float(old.mean())
    said = f"its log-loss minus that of the champion {name} is {difference}, margin {margin:.2g}"
    return bool(difference.high <= margin), f"{said}: {_words(difference, margin)}"


def _words(difference: Estimate, margin: float) -> str:
    if difference.high < 0:
        return "it is better"
    return "it is not worse" if difference.high <= margin else "the champion stays"


def _judges_known_through(model: Model) -> datetime:
    """Up to when the model was fitted to labels of the users who judge; of the others it may know later ones."""
    return datetime.fromisoformat(model.card["judges_known_through"])
