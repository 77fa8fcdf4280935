"""Which store the settings ask for."""

from __future__ import annotations

from pathlib import Path

from app.online.store import Store
from app.online.store.embedded import EmbeddedStore
from app.online.store.history import Retention
from app.online.store.shared import SharedStore
from app.settings import Settings
from willbuy.clock import DAY_US, session_gap_us
from willbuy.features import kernel

REDIS = ("redis://", "rediss://", "unix://")
SESSION_GAP_US = session_gap_us(30)


def open_store(settings: Settings) -> Store:
    """The store of `settings`. Nothing is connected or made before it is used."""
    kept = kernel.LOOKBACK_US + settings.lookback_days * DAY_US
    retention = Retention(kept, SESSION_GAP_US)
    if settings.store.startswith(REDIS):
        return SharedStore(settings.store, retention, settings.store_seconds)
    return EmbeddedStore(Path(settings.store), retention, settings.store_seconds)
