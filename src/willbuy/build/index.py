"""reports/index.html: what each report found, in order, beside the builds before."""

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from willbuy.build import runs, tables, told
from willbuy.build.pages import page
from willbuy.files import write_text

SHOWN = 20  # builds
# As they read; any other report follows, the oldest first.
ORDER = ("generate", "ingest", "sessionize", "split", "featurize", "train", "evaluate", "backtest")


def write(products: Path, run: Mapping[str, Any]) -> Path | None:
    """Write the index of the reports in `products`; its path.

    `run` is this build (`runs.describe`). Nothing is written, and None returned, where there is no report.
    """
    reports = _reports(products / "reports")
    if not reports:
        return None
    past = _compared([*runs.past(products)])[-SHOWN:][::-1]
    measured = [name for name in runs.FIGURES if any(name in each["figures"] for each in past)]
    values = {name: html.escape(str(value)) for name, value in run["parameters"].items()}
    told_of = {"products": html.escape(str(products)), "rejected": html.escape(run.get("rejected", ""))}
    shown = dict(run) | told_of | {"parameters": values}
    path = products / "reports/index.html"
    write_text(tables.fitting(page("index", reports=reports, runs=past, measured=measured, **shown)), path)
    return path


def _reports(folder: Path) -> list[dict[str, Any]]:
    found = {path.stem: path for path in folder.glob("*.ipynb") if path.with_suffix(".html").is_file()}
    others = sorted(found.keys() - set(ORDER), key=lambda name: found[name].stat().st_mtime_ns)
    listed, newest = [], 0
    for name in (*(task for task in ORDER if task in found), *others):
        written = found[name].with_suffix(".html").stat().st_mtime_ns
        listed.append(_report(name, found[name]) | {"outdated": written < newest})
        newest = max(newest, written)
    return listed


def _report(name: str, path: Path) -> dict[str, Any]:
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    return {"name": name, "title": html.escape(told.title(notebook)), "verdict": told.verdict(notebook)}


def _compared(past: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`past` with what each build changed."""
    before: Mapping[str, object] = {}
    compared = []
    for run in past:
        compared.append(run | {"changed": html.escape(runs.changed(before, run["parameters"]))})
        before = run["parameters"]
    return compared
