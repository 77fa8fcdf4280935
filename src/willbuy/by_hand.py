"""A notebook that no build runs, in JupyterLab or by Papermill, writes to a scratch folder and to no build's products.

Each notebook of the pipeline asks `redirect` where its products go. Whatever writes a file asks `check`, so that a
notebook that forgot to is refused.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

LOCK = ".build.lock"  # in each folder that receives what builds leave
SCRATCH = "scratch"
BUILDING = "WILLBUY_BUILDING"


class NotInABuildError(PermissionError):
    """A notebook run by hand would write where only a build may."""


@contextmanager
def building() -> Iterator[None]:
    """Meanwhile this process, and each that it starts, writes for a build."""
    os.environ[BUILDING] = "true"
    try:
        yield
    finally:
        del os.environ[BUILDING]


def redirect(product: Mapping[str, str]) -> Mapping[str, str]:
    """`product`, the paths that a task writes, in a build; else their places in scratch/<task>, which it then prints.

    The task's report among them, `html`, tells where the products lie and what the task is called.
    """
    report = Path(product["html"])
    products, task = report.parents[1], report.stem
    if BUILDING in os.environ or products.parts[-2:] == (SCRATCH, task):  # a cell that runs twice redirects once
        return product
    folder = products / SCRATCH / task
    print(f"No build runs this notebook: it writes to {folder}, which nothing else reads.")
    return {name: str(folder / Path(path).relative_to(products)) for name, path in product.items()}


def check(path: str | Path) -> None:
    """Raise NotInABuildError if a notebook that is run by hand must not write `path`."""
    if BUILDING in os.environ or not _in_notebook():
        return
    path = Path(path).absolute()
    products = next((folder for folder in path.parents if (folder / LOCK).exists()), None)
    if products and path.relative_to(products).parts[0] != SCRATCH:
        raise NotInABuildError(
            f"{path} belongs to the builds of {products}, and no build runs this notebook: run `ploomber build`, "
            f"or write below {products / SCRATCH}, as `product = by_hand.redirect(product)` does"
        )


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None
