"""Which store the settings ask for."""

from pathlib import Path

from app.online.store import Store
from app.online.store.embedded import EmbeddedStore
from app.online.store.shared import SharedStore

REDIS = ("redis://", "rediss://", "unix://")


def open_store(place: str, timeout: float) -> Store:
    """The store at `place`: a Redis URL, or the path of a file. Nothing is connected or made before it is used."""
    return SharedStore(place, timeout) if place.startswith(REDIS) else EmbeddedStore(Path(place), timeout)
