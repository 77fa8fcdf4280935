"""What the environment says about how to serve. Each variable is declared once; docs/serving.md has them as a table."""

import os
import tempfile
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Self

import msgspec

from app import secrets
from app.access.keys import Key, parse_keys
from app.http import words
from app.http.words import says
from willbuy import machine

DRAINING = "draining"  # a file in the folder of state, once the server has been told to end


class SettingsError(ValueError):
    """An invalid variable; the message names it, its value and what is allowed."""


class Keys(tuple[Key, ...]):
    """API keys."""


class Origins(frozenset[str]):
    """Origins of web pages."""


def _origins(text: str) -> Origins:
    origins = Origins(text.replace(",", " ").split())
    for origin in origins:
        if not origin.startswith(("http://", "https://")) or origin.count("/") != 2 or "*" in origin:
            raise ValueError(f"{origin!r} should be an origin like https://shop.example")
    return origins


def _state_of_parent() -> Path:
    # Workers of one server have one parent, however they were started. Its start time tells it from an earlier
    # process of the same number.
    parent = os.getppid()
    try:
        started = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        started = "0"
    return Path(tempfile.gettempdir(), f"willbuy-{os.getuid()}-{parent}-{started}")


READ: dict[type, Callable[[str], Any]] = {Keys: lambda text: Keys(parse_keys(text)), Origins: _origins, Path: Path}


class Variables(msgspec.Struct, frozen=True):
    """Variables of the environment as fields."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read them; one that is not set, or is empty, has its default. Raises SettingsError."""
        kinds = {field.encode_name: field.type for field in words.fields(cls)}
        given = {name: text for name in kinds if (text := environment.get(name))}
        try:
            return msgspec.convert(given, cls, strict=False, dec_hook=lambda kind, text: READ[kind](text))
        except msgspec.ValidationError as error:
            name = str(error).rpartition("`$.")[2].removesuffix("`")
            said = error.__cause__ or f"{given[name]!r} should be {words.takes(kinds[name])}"
            raise SettingsError(f"{name}: {said}") from error


class Listening(Variables, frozen=True, rename="upper"):
    """Where `make serve` listens, and with how many processes."""

    port: Annotated[int, says("where to listen", ge=1, le=65535)] = 8000
    host: Annotated[str, says("on which address (`make serve`)")] = "127.0.0.1"
    workers: Annotated[int, says("processes (`make serve`); one a core", ge=1, le=256)] = 1


OF_A_BUILD = [machine.variable(name) for name in machine.DEFAULTS]
KEYS = says(
    "`key:scope+scope,…`, or the path of a file of lines `sha256:scope+scope`. Scopes: `predict`, `events`, `admin`. "
    "Without keys only this machine is answered, and `/load-model` is off"
)
LIMIT = says("requests a minute for each key, exact over all workers; 0: no limit", ge=0, le=1_000_000)
STORE = says("where events are kept: a file, or the URL of a Redis; if not set, `online.sqlite` in the products folder")
DRAIN = says("from SIGTERM on `/readyz` is 503; how long until the server ends (`make serve`)", ge=0, le=3600)
BODY = says("how long a body may hardly come until its connection is ended (`make serve`)", gt=0, le=3600)
RETENTION = says("users of whom nothing has happened for so long are erased; 0: nobody is", ge=0, le=36500)
STATE = says("the folder of what the workers share; if not set, a temporary one. Two servers must not share one")


class Settings(Variables, frozen=True, rename=lambda name: f"WILLBUY_{name.upper()}"):
    """How to serve."""

    products: Annotated[Path, says("the folder with `models/` and `reports/`")] = Path("products")
    keys: Annotated[Keys, KEYS] = msgspec.field(default=Keys(), name="WILLBUY_API_KEYS")
    api_keys_file: Annotated[str, says("instead: a file of keys, or of digests; read anew when it changes")] = ""
    rate_limit: Annotated[int, LIMIT] = 0
    cors_origins: Annotated[Origins, says("origins whose pages may call the API, like `https://shop.example`")] = (
        Origins()
    )
    store: Annotated[str, STORE] = ""
    store_file: Annotated[str, says("instead: a file that holds where; read anew when it changes")] = ""
    store_seconds: Annotated[float, says("how long a request waits for the store until a 503", gt=0, le=60)] = 1.0
    body_seconds: Annotated[float, BODY] = 30.0
    drain_seconds: Annotated[float, DRAIN] = 2.0
    lookback_days: Annotated[int, says("how far back decision points are answered", ge=1, le=36500)] = 30
    retention_days: Annotated[int, RETENTION] = 0
    state: Annotated[Path, STATE] = msgspec.field(default_factory=_state_of_parent)

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "products", self.products.absolute())
        msgspec.structs.force_setattr(self, "store", self.store or str(self.products / "online.sqlite"))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """As of any Variables; a variable that is nearly one of these is refused, too: it was meant to be one."""
        known = [field.encode_name for field in words.fields(cls)]
        for name in environment:
            others = name in known or name in OF_A_BUILD or not name.startswith("WILLBUY_")
            if not others and (meant := get_close_matches(name, known, 1, cutoff=0.75)):
                raise SettingsError(f"{name}: there is no such variable; did you mean {meant[0]}?")
        try:
            return super().from_environment(secrets.filled(environment))
        except ValueError as error:
            raise SettingsError(str(error)) from error

    @property
    def models(self) -> Path:
        """The folder of model versions."""
        return self.products / "models"

    def make_state(self) -> None:
        """Make the folder of state, for this user only. Raises SettingsError if others can write to it."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        stat = self.state.stat()
        if stat.st_uid != os.getuid() or stat.st_mode & 0o022:
            raise SettingsError(f"WILLBUY_STATE: {self.state} can be written to by others; name another folder")
