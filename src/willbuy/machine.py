"""How much of this machine a build may use. These limits change no result, so no task has them as parameters.

The parameters `memory_limit`, `threads` and `bucket_events` of `env.yaml` become the variables WILLBUY_MEMORY_LIMIT,
WILLBUY_THREADS and WILLBUY_BUCKET_EVENTS in the process that loads the pipeline, and so in every notebook that it runs.
"""

import os

DEFAULTS = {"memory_limit": "4GB", "threads": 2, "bucket_events": 250_000}


def announce(**limits: object) -> None:
    """Make `limits` (names of DEFAULTS) hold in this process and in those that it starts.

    XGBoost's threads sleep there while they wait, unless OMP_WAIT_POLICY says otherwise: to spin costs a third more CPU
    on a busy machine and is no quicker.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    for name, value in limits.items():
        os.environ[variable(name)] = str(value)


def memory_limit() -> str:
    """What DuckDB may use before it spills to disk."""
    return _limit("memory_limit")


def threads() -> int:
    """Threads of DuckDB, of the features and of XGBoost."""
    return int(_limit("threads"))


def bucket_events() -> int:
    """Events that are featurized at a time."""
    return int(_limit("bucket_events"))


def _limit(name: str) -> str:
    return os.environ.get(variable(name)) or str(DEFAULTS[name])


def variable(name: str) -> str:
    """The variable of the environment that carries the limit `name`."""
    return f"WILLBUY_{name.upper()}"
