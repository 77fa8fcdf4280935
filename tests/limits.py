"""Other limits of the machine than the usual ones, for a while."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from willbuy import machine


@contextmanager
def limited(**limits) -> Iterator[None]:
    """Work under these limits (names of machine.DEFAULTS) inside the block."""
    with patch.dict(os.environ):
        machine.announce(**limits)
        yield
