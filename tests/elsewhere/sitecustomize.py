"""Loaded by every Python process that finds this folder on its path: its clock is ahead, and it is watched."""

import shifted_clock  # noqa: F401
import watch  # noqa: F401
