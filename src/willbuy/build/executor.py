"""Ploomber's serial executor, made safe: checked parameters, one build at a time, no half-written product."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ploomber.cli import task as task_command
from ploomber.constants import TaskStatus
from ploomber.executors.abc import Executor
from ploomber.products import File
from ploomber.tasks import NotebookRunner
from ploomber_core.exceptions import BaseException as PloomberError
from tqdm.auto import tqdm

from willbuy import by_hand, machine
from willbuy.build import failure, index, runs
from willbuy.build.declared import declared
from willbuy.build.parameters import ParameterError, Parameters, check

# Ploomber 0.23.3 sends no statistics about a build. This refuses them to any part of it that still asks.
os.environ["PLOOMBER_STATS_ENABLED"] = "false"

# Our own temporary names, in the folders of our own products: nothing else is ours to delete.
LEFTOVERS = ("*.[0-9]*.tmp", ".duckdb-*", ".ingest-*", ".backtest-*")
FOLDERS = (".", "backtest", "examples", "features", "models", "reports")


class BuildStopped(PloomberError):
    """The build cannot start or go on; Ploomber prints the message without a stack trace."""


def checked(needs: Sequence[str] = (), **groups: object) -> Build:
    """The executor that each pipeline names; all parameters pass here, so each way to load a pipeline checks them.

    `groups` holds parameters by name, and groups of them. `needs` are products of another pipeline that this one reads.
    Loading changes nothing on the disk. Raises BuildStopped, which lists the invalid parameters, and for a log, a
    mapping or a needed product that is not there.
    """
    try:
        parameters = check({**declared(), **_flat(groups)})
        _check_log(parameters)
    except ParameterError as error:
        raise BuildStopped(f"invalid parameters.\n{error}") from None
    if missing := [path for path in needs if not Path(path).is_file()]:
        raise BuildStopped(f"{', '.join(missing)} not found: run `ploomber build` with the same parameters first")
    machine.announce(**{name: getattr(parameters, name) for name in machine.DEFAULTS})
    return Build(Path(parameters.products).resolve(), parameters.model_dump())


def _flat(groups: Mapping[str, object]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in groups.items():
        flat |= value if isinstance(value, Mapping) else {name: value}
    return flat


def _check_log(parameters: Parameters) -> None:
    if parameters.source != "ingest":
        return
    # Only here: the compiled readers behind it take a second, and a simulated shop needs none.
    from willbuy.ingest.errors import IngestError
    from willbuy.ingest.mapping.mapping import load
    from willbuy.ingest.reading.locate import find

    try:
        load(parameters.log_format)
        find(parameters.log)
    except IngestError as error:
        raise ParameterError(str(error)) from None


class Build(Executor):
    """Runs one task after another under a lock on the products folder, and stops at the first that fails."""

    def __init__(self, products: Path, parameters: Mapping[str, object] | None = None):
        super().__init__()
        self.products = products
        self.parameters = parameters or {}

    def __call__(self, dag, show_progress):
        """Build what is out of date. Raises BuildStopped for a task that fails, and as `locked` does."""
        super().__call__(dag)
        with locked(self.products):
            discard_leftovers(self.products)
            forget(dag)
            outdated = [task for task in dag.values() if task.exec_status != TaskStatus.Skipped]
            try:
                return list(_run(outdated, show_progress))
            finally:
                self._conclude(outdated)

    @by_hand.building()
    def _conclude(self, outdated: list) -> None:
        """Write the index of the reports; if all went well, keep a build that judged a model, and say what there is."""
        run = runs.describe(self.products, self.parameters, f"{datetime.now(UTC):%Y-%m-%d %H:%M}")
        well = all(task.exec_status == TaskStatus.Executed for task in outdated)
        if well and runs.JUDGE in [task.name for task in outdated]:
            runs.keep(self.products, run)
        found = index.write(self.products, run)
        if found and well:
            atexit.register(_tell, found, run)  # Ploomber prints a table after this


def _tell(found: Path, run: Mapping) -> None:
    """The last words of a build that ended well."""
    figures = "".join(f"\n  {name}: {value}" for name, value in run["figures"].items())
    rejected = f"\n{run['rejected']}" if run["rejected"] else ""
    print(f"\nChampion: {run['champion'] or 'none yet'}{figures}{rejected}\nReports: {found}")


def _run(tasks: list, show_progress: bool) -> Iterator:
    """Run `tasks` in order; the reports of Ploomber, one a task."""
    for task in (bar := tqdm(tasks, disable=not show_progress)):
        bar.set_description(f"Building task {task.name!r}")
        try:
            report, metadata = task._build(catch_exceptions=True)
        except Exception as error:
            bar.close()
            raise BuildStopped(failure.of_task(task, error)) from None
        task.product.metadata.update_locally(metadata)
        yield report


def forget(dag) -> None:
    """Delete the metadata of every task that is about to run.

    Ploomber judges a product by its metadata, and writes it last. Without metadata, the products of a failed or killed
    build stay out of date, even if the change that caused the build is taken back.
    """
    for task in dag.values():
        if task.exec_status in (TaskStatus.WaitingExecution, TaskStatus.WaitingUpstream):
            task.product.metadata.delete()


@contextmanager
def locked(products: Path) -> Iterator[None]:
    """Hold the build lock of `products`; the system drops it when the process ends, however it ends.

    Raises BuildStopped if another process holds it, and names that process, or if the folder cannot be written.
    """
    try:
        products.mkdir(parents=True, exist_ok=True)
        file = open(products / by_hand.LOCK, "a+", encoding="utf-8")  # noqa: SIM115  closed below
    except OSError as error:
        raise BuildStopped(f"products = {str(products)!r} cannot be written: {error}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise BuildStopped(
                f"another build (process {file.read().strip() or 'unknown'}) is at work on {products}; "
                "wait for it to end, or build elsewhere with --env--products FOLDER"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def discard_leftovers(products: Path) -> None:
    """Remove the temporary files that a killed build may leave, of these products alone.

    Other files, and other builds' products in a folder below, whose lock is not ours, stay as they are.
    """
    for folder in (products / name for name in FOLDERS):
        for path in (path for pattern in LEFTOVERS for path in folder.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _whole_metadata(product: File) -> dict | None:
    """What Ploomber noted about a product; None where a killed build left half a note, which Ploomber cannot read."""
    try:
        return _fetch_metadata(product)
    except ValueError:
        return None


def _told(task, message, exception) -> str:  # Ploomber's signature
    return failure.of_task(task, exception)


# `ploomber task` runs a task past the executor.
task_command.task_build_exception = _told
NotebookRunner.run = by_hand.building()(NotebookRunner.run)
_fetch_metadata, File.fetch_metadata = File.fetch_metadata, _whole_metadata
