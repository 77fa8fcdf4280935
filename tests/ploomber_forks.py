"""The command `ploomber` in forks of a process that has imported, once for all tests, what every command imports.

Nothing of the project is among it: a fork takes that from the folder it runs in.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

LIBRARIES = ("duckdb", "matplotlib.pyplot", "numba", "ploomber_engine.ipython", "scipy.stats", "xgboost")


def run(arguments: tuple[str, ...], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess:
    """What `ploomber *arguments` does in `folder`, with the modules under its `src`."""
    with tempfile.NamedTemporaryFile() as output:
        command = {"arguments": arguments, "folder": str(folder), "environment": environment, "output": output.name}
        server = _server()
        print(json.dumps(command), file=server.stdin, flush=True)
        status = int(server.stdout.readline())
        return subprocess.CompletedProcess(arguments, status, output.read().decode())


@cache
def _server() -> subprocess.Popen:
    server = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(server.communicate)
    return server


def _serve() -> None:
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            _become(**json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(arguments: list[str], folder: str, environment: dict[str, str], output: str) -> None:
    for name, number in ((os.devnull, 0), (output, 1), (output, 2)):
        os.dup2(os.open(name, os.O_RDWR | os.O_APPEND), number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path[0] = f"{folder}/src"
    sys.argv = ["ploomber", *arguments]
    from willbuy.build.command import main

    sys.exit(main())


if __name__ == "__main__":
    import importlib

    for library in ("ploomber.cli", "ploomber_cli.cli", *LIBRARIES):
        importlib.import_module(library)
    _serve()
