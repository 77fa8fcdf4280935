"""Commands in forks of a process that has imported, once for all tests, what every command imports.

Nothing of the project is among it: a fork takes that from the folder it runs in.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

LIBRARIES = (
    "duckdb",
    "matplotlib.pyplot",
    "ploomber.cli",
    "ploomber_cli.cli",
    "ploomber_engine.ipython",
    "scipy.stats",
    "xgboost",
)


class Fork:
    """`arguments` at work in `folder`, with the modules under its `src`: `ploomber ...`, or `-c` and Python code."""

    def __init__(self, arguments: tuple[str, ...], folder: Path, environment: dict[str, str]):
        self._output = tempfile.NamedTemporaryFile()  # noqa: SIM115  goes with the fork
        told = {"arguments": arguments, "folder": str(folder), "environment": environment, "output": self._output.name}
        self._arguments, self._server = arguments, _server()
        print(json.dumps(told), file=self._server.stdin, flush=True)
        self._process = int(self._server.stdout.readline())

    def output(self) -> str:
        """What it has written so far."""
        return Path(self._output.name).read_text(encoding="utf-8")

    def kill(self) -> None:
        os.kill(self._process, signal.SIGKILL)

    def wait(self) -> subprocess.CompletedProcess:
        """Wait for its end. No other can start before."""
        return subprocess.CompletedProcess(self._arguments, int(self._server.stdout.readline()), self.output())


@cache
def _server() -> subprocess.Popen:
    server = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(server.communicate)
    return server


def _serve(become: Callable) -> None:
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            become(**json.loads(line))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(arguments: list[str], folder: str, environment: dict[str, str], output: str) -> None:
    for name, number in ((os.devnull, 0), (output, 1), (output, 2)):
        os.dup2(os.open(name, os.O_RDWR | os.O_APPEND), number)
    os.environ.clear()
    os.environ.update(environment)
    _read_environment()
    os.chdir(folder)
    sys.path[0] = f"{folder}/src"
    sys.argv = arguments
    if arguments[0] == "-c":
        exec(arguments[1], {"__name__": "__main__"})
        sys.exit()
    from willbuy.build.command import main

    sys.exit(main())


def _read_environment() -> None:
    """As Python and Numba read it when they start."""
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    tempfile.tempdir = None
    numba.config.reload_config()


def _warm() -> None:
    """What else takes a process a second or two, once: Numba's registries, a figure, a report."""
    numba.njit(lambda x: x + 1)(1)
    axes = matplotlib.pyplot.figure(layout="constrained").gca()
    axes.set_title("$1$")
    axes.figure.savefig(os.devnull, format="png", bbox_inches="tight")
    matplotlib.pyplot.close()
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("stream", text="1")])
    HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_markdown_cell("1")]))


if __name__ == "__main__":
    import importlib

    import matplotlib
    import nbformat
    import numba
    from nbconvert import HTMLExporter

    for library in LIBRARIES:
        importlib.import_module(library)
    _warm()
    _serve(_become)
