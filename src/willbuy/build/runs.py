"""The builds of these products, each a line of runs.jsonl: when, of which code, with what, and what came out."""

import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from willbuy.files import write_text
from willbuy.numbers import interval, number

FILE = "runs.jsonl"
KEPT = 1000
JUDGE = "evaluate"  # a build that did not run it has no figures of its own
KIND = "kind"  # where metrics.json says by which name its champion stands
# What a reader compares builds by: its name, and where it stands in metrics.json.
FIGURES = {
    "Base rate": ("test", "base_rate"),
    "PR-AUC": ("models", KIND, "pr_auc"),
    "Over logistic regression": ("xgboost_minus_logistic_regression", "pr_auc"),
    "Share of the ceiling": ("share_of_ceiling",),
    "Calibration error": ("models", KIND, "calibration_error"),
    "Sales found at 1%": ("sales", "found_at_1%"),
    "Sales seen an hour before": ("sales", "early"),
    "Profit": ("money", "profit"),
}


def past(products: Path) -> list[dict[str, Any]]:
    """The builds so far, the oldest first; a line that cannot be read is left out."""
    path = products / FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [run for run in map(_read, lines) if run is not None]


def _read(line: str) -> dict[str, Any] | None:
    try:
        run = json.loads(line)
    except ValueError:
        return None
    return run if isinstance(run, dict) and {"date", "parameters", "figures"} <= set(run) else None


def describe(products: Path, parameters: Mapping[str, object], date: str) -> dict[str, Any]:
    """This build, as it will stand in runs.jsonl; `date` is when it ended, in UTC."""
    return {
        "date": date,
        "champion": _json(products / "models/current.json").get("version"),
        "rejected": rejected(_json(products / "models/candidate.json")),
        "commit": commit(),
        "parameters": dict(parameters),
        "figures": figures(_json(products / "metrics.json")),
    }


def rejected(verdict: Mapping[str, Any]) -> str:
    """Why the model of the last training does not serve, by its candidate.json; empty if it does."""
    if verdict.get("promoted", True):
        return ""
    return f"{verdict.get('version')} was not promoted: {verdict.get('reason')}"


def keep(products: Path, run: Mapping[str, Any]) -> None:
    """Add `run` to the builds of `products`; the file appears whole."""
    lines = [json.dumps(each, ensure_ascii=False) for each in (*past(products), run)]
    write_text("\n".join(lines[-KEPT:]) + "\n", products / FILE)


def figures(metrics: Mapping[str, Any]) -> dict[str, str]:
    """The figures of FIGURES that `metrics` holds, as text."""
    served = metrics.get(KIND, "XGBoost")
    found = {name: _at(metrics, [served if key == KIND else key for key in path]) for name, path in FIGURES.items()}
    return {name: _written(value) for name, value in found.items() if value is not None}


def _at(metrics: Any, path: Iterable[str]) -> Any:
    for key in path:
        metrics = metrics.get(key) if isinstance(metrics, Mapping) else None
    return metrics


def _written(value: Any) -> str:
    if not isinstance(value, Mapping):
        return number(value)
    nothing = float("nan")
    return interval(*(nothing if value.get(k) is None else value[k] for k in ("value", "low", "high")))


def _json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def changed(before: Mapping[str, object], now: Mapping[str, object]) -> str:
    """The parameters whose values differ from those of the build before, with their new values."""
    return ", ".join(f"{name} = {value}" for name, value in now.items() if name in before and before[name] != value)


def commit() -> str:
    """The commit of the code in this folder, with a `+` where files differ from it; empty outside a repository."""
    said = [_git("rev-parse", "--short", "HEAD"), _git("status", "--porcelain", "--untracked-files=no")]
    return said[0] + ("+" if said[0] and said[1] else "")


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
