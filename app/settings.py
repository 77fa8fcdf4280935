"""What the environment says about how to serve."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.access.keys import Key, parse_keys

MOST_A_MINUTE = 1_000_000


class SettingsError(ValueError):
    """A variable that cannot be used; the message names it, its value and what is allowed."""


@dataclass(frozen=True)
class Settings:
    """`rate_limit` is requests a minute for each key, 0 for none; `state` is the folder that all workers share.

    `store` is the file of the embedded store or the URL of Redis, `store_seconds` how long a request waits for it, and
    `lookback_days` how far back decision points are answered.
    """

    products: Path
    keys: tuple[Key, ...]
    rate_limit: int
    cors_origins: frozenset[str]
    state: Path
    store: str
    store_seconds: float
    lookback_days: int

    @property
    def models(self) -> Path:
        """The folder of model versions."""
        return self.products / "models"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the WILLBUY_ variables (docs/serving.md lists them). Raises SettingsError."""
        try:
            keys = parse_keys(environment.get("WILLBUY_API_KEYS", ""))
        except ValueError as error:
            raise SettingsError(f"WILLBUY_API_KEYS: {error}") from error
        products = Path(environment.get("WILLBUY_PRODUCTS") or "products").absolute()
        return cls(
            products=products,
            keys=keys,
            rate_limit=_rate_limit(environment.get("WILLBUY_RATE_LIMIT") or "0"),
            cors_origins=_origins(environment.get("WILLBUY_CORS_ORIGINS", "")),
            state=Path(environment.get("WILLBUY_STATE") or _state_of_parent()),
            store=environment.get("WILLBUY_STORE") or str(products / "online.sqlite"),
            store_seconds=_seconds(environment.get("WILLBUY_STORE_SECONDS") or "1"),
            lookback_days=_lookback(environment.get("WILLBUY_LOOKBACK_DAYS") or "30"),
        )


def _rate_limit(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_A_MINUTE:
        raise SettingsError(
            f"WILLBUY_RATE_LIMIT: {text!r} should be a whole number of requests a minute, at most {MOST_A_MINUTE}; "
            "0 is no limit"
        )
    return int(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3})?", text) or not 0 < float(text) <= 60:
        raise SettingsError(f"WILLBUY_STORE_SECONDS: {text!r} should be a number of seconds, above 0 and at most 60")
    return float(text)


def _lookback(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 36500:
        raise SettingsError(f"WILLBUY_LOOKBACK_DAYS: {text!r} should be a whole number of days from 1 to 36500")
    return int(text)


def _origins(text: str) -> frozenset[str]:
    origins = frozenset(text.replace(",", " ").split())
    for origin in origins:
        if not origin.startswith(("http://", "https://")) or origin.count("/") != 2 or "*" in origin:
            raise SettingsError(f"WILLBUY_CORS_ORIGINS: {origin!r} should be an origin like https://shop.example")
    return origins


def _state_of_parent() -> str:
    # Workers of one server have one parent, however they were started. Its start time tells it from an earlier
    # process of the same number.
    parent = os.getppid()
    try:
        started = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        started = "0"
    return f"{tempfile.gettempdir()}/willbuy-{os.getuid()}-{parent}-{started}"
