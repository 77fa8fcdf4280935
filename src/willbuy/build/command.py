"""The command `ploomber` of this project: Ploomber's own, which reads a broken file of parameters before it can say so.

Ploomber reads env.yaml before it loads anything of a project, so what is wrong with that file is found here first. The
same place turns every error into a sentence; `PLOOMBER_DEBUG=true ploomber build` shows the traces.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from typing import NoReturn

from ploomber.cli.parsers import CustomParser
from ploomber.util.default import try_to_find_entry_point
from ploomber_cli.cli import cmd_router
from ploomber_core.exceptions import BaseException as PloomberError

from willbuy.build import failure
from willbuy.build.declared import declared
from willbuy.build.parameters import ParameterError, check_names

DEBUG = "PLOOMBER_DEBUG"
LOADING = ("build", "interact", "plot", "report", "status", "task")  # the commands that load the pipeline
OPTION = "--env--"


def main() -> None:
    """Run `ploomber` with the arguments of this process. An error ends it with one message and exit status 1."""
    if os.environ.get(DEBUG):
        cmd_router()
        return
    os.environ[DEBUG] = "true"  # lets Ploomber's errors come here
    CustomParser.error = _refuse
    try:
        _check(sys.argv[1:])
        cmd_router()
    except KeyboardInterrupt:
        sys.exit("\nStopped. The next build carries on from here.")
    except Exception as error:
        sys.exit(failure.of_command(error))


def _refuse(parser: CustomParser, message: str) -> NoReturn:
    """Instead of a page of options."""
    raise PloomberError(f"{message.splitlines()[0].rstrip('.')}; `{parser.prog} --help` says what there is")


def _check(arguments: list[str]) -> None:
    if not arguments or arguments[0] not in LOADING or {"-h", "--help"} & set(arguments):
        return
    pipeline = _pipeline(arguments)
    check_names(_names(arguments), declared(pipeline))


def _pipeline(arguments: list[str]) -> str:
    for option, value in itertools.pairwise(arguments):
        if option in ("-e", "--entry-point"):
            return value
    if found := try_to_find_entry_point():
        return str(found)
    raise ParameterError("there is no pipeline.yaml here; run ploomber in the folder of the project")


def _names(arguments: list[str]) -> Iterator[str]:
    return (part.removeprefix(OPTION).partition("=")[0] for part in arguments if part.startswith(OPTION))


if __name__ == "__main__":
    main()
