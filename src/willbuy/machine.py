"""What the work may use of this machine. It changes no result, so it is part of no task and arrives by environment.

The parameters `memory_limit`, `threads` and `bucket_events` of `env.yaml` become the variables WILLBUY_MEMORY_LIMIT,
WILLBUY_THREADS and WILLBUY_BUCKET_EVENTS of whatever loads the pipeline, and so of every notebook that it runs.
"""

import os

DEFAULTS = {"memory_limit": "4GB", "threads": 2, "bucket_events": 250_000}


def announce(**limits: object) -> None:
    """Let the work of this process, and of those that it starts, keep to `limits` (names of DEFAULTS)."""
    for name, value in limits.items():
        os.environ[_variable(name)] = str(value)


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
    return os.environ.get(_variable(name)) or str(DEFAULTS[name])


def _variable(name: str) -> str:
    return f"WILLBUY_{name.upper()}"
