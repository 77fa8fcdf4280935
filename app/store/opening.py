"""Which store the settings ask for."""

from __future__ import annotations

from pathlib import Path

from app.settings import Settings
from app.store import Store
from app.store.embedded import EmbeddedStore
from app.store.history import Retention
from app.store.shared import SharedStore
from willbuy.features import kernel

REDIS = ("redis://", "rediss://", "unix://")
SESSION_GAP_US = 30 * 60 * 1_000_000


def open_store(settings: Settings) -> Store:
    """The store of `settings`. Nothing is connected or made before it is used."""
    kept = kernel.LOOKBACK_US + settings.lookback_days * kernel.DAY_US
    retention = Retention(kept, SESSION_GAP_US)
    if settings.store.startswith(REDIS):
        return SharedStore(settings.store, retention, settings.store_seconds)
    return EmbeddedStore(Path(settings.store), retention, settings.store_seconds)
