"""Features: numbers known strictly before the moment of a decision, from one list of definitions by one kernel."""

__all__ = ["featurize"]


def __getattr__(name: str):
    # Only when asked for: a server needs the definitions and the kernel, not DuckDB and the pandas it brings along.
    if name == "featurize":
        from willbuy.features.tables import featurize

        return featurize
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
