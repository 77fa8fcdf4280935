"""A checkout of the project as a test sees it: run Ploomber in it, ask what would run, read what it left."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from forks import Fork
from ploomber import DAG
from ploomber.constants import TaskStatus
from ploomber.spec import DAGSpec

import willbuy.ingest  # noqa: F401  compiled before `dag` puts another package in the place of this one

ELSEWHERE = Path(__file__).parent / "elsewhere"
PLOOMBER = ("-m", "willbuy.build.command")


@dataclass(frozen=True)
class Project:
    """A project folder; `environment` is added to that of its processes."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def products(self) -> Path:
        return self.root / "products/sample"

    def path(self, name: str) -> Path:
        return self.root / name

    def expects(self, task: str, **limits: object) -> None:
        """Let the notebook of `task` fail unless it works under these limits of the machine."""
        lines = [f"assert machine.{name}() == {value!r}, machine.{name}()" for name, value in limits.items()]
        with self.path(f"notebooks/{task}.py").open("a") as notebook:
            print("", "# %%", "from willbuy import machine", "", *lines, sep="\n", file=notebook)

    def tables(self) -> dict[str, Path]:
        return {p.relative_to(self.products).as_posix(): p for p in sorted(self.products.rglob("*.parquet"))}

    def start(self, *arguments: str, **options) -> subprocess.Popen:
        """Start `python *arguments` in the project, on the sample's parameters and the project's own modules."""
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=self.root, env=self.variables(), text=True, encoding="utf-8", **options
        )

    def variables(self) -> dict[str, str]:
        """The environment of its processes."""
        paths = [self.environment.get("PYTHONPATH", ""), str(self.root / "src")]
        own = {"PLOOMBER_ENV_FILENAME": "env.sample.yaml", **self.environment}
        return {**os.environ, **own, "PYTHONPATH": os.pathsep.join(p for p in paths if p)}

    def run(self, *arguments: str, check: bool = False) -> subprocess.CompletedProcess:
        """`start`, then wait; with `check`, anything but exit status 0 fails the test with the whole output."""
        process = self.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output, _ = process.communicate()
        assert not check or process.returncode == 0, output
        return subprocess.CompletedProcess(arguments, process.returncode, output)

    def ploomber(self, *arguments: str, check: bool = False) -> subprocess.CompletedProcess:
        """`ploomber *arguments`; in a process of its own from the start where `environment` asks for another one."""
        if self.environment:
            return self.run(*PLOOMBER, *arguments, check=check)
        done = self.fork("ploomber", *arguments).wait()
        assert not check or done.returncode == 0, done.stdout
        return done

    def fork(self, *arguments: str) -> Fork:
        """Start `ploomber ...`, or `-c` and code; whatever else wants a fork waits for its end."""
        return Fork(arguments, self.root, self.variables())

    def build(self, *arguments: str, check: bool = False) -> subprocess.CompletedProcess:
        return self.ploomber("build", *arguments, check=check)

    def backtest(self, *arguments: str, check: bool = False) -> subprocess.CompletedProcess:
        """The second pipeline, at two origins only."""
        return self.build("--entry-point", "pipeline.backtest.yaml", "--env--origins", "2", *arguments, check=check)

    def dag(self, pipeline: str = "pipeline.yaml", **parameters: object) -> DAG:
        """A pipeline with these parameters, rendered: Ploomber has decided what would run."""
        package, sample = self.root / "src/willbuy", {"PLOOMBER_ENV_FILENAME": "env.sample.yaml"}
        with chdir(self.root), patch.dict(os.environ, sample), patch("willbuy.build.fingerprint.PACKAGE", package):
            return DAGSpec(pipeline, env=parameters).to_dag().render(show_progress=False)

    def outdated(self, pipeline: str = "pipeline.yaml", **parameters: object) -> list[str]:
        """The tasks that a build with these parameters would run."""
        return [t.name for t in self.dag(pipeline, **parameters).values() if t.exec_status != TaskStatus.Skipped]


def in_another_world(folder: Path) -> Project:
    """The project in `folder`/project: another date and place, an empty home, and a `log` of whom it wants to reach."""
    world = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"}
    watched = {"PYTHONPATH": str(ELSEWHERE), "WATCH_LOG": str(folder / "log"), "HOME": str(folder / "home")}
    return Project(folder / "project", world | watched)


def ran(build: subprocess.CompletedProcess) -> list[str]:
    """The tasks that a build ran, by its own report."""
    rows = (line.split() for line in build.stdout.splitlines())
    return [row[0] for row in rows if len(row) == 4 and row[1] == "True"]
