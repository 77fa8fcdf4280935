"""What the champion is, which versions there are, and putting another in its place."""

import time

import msgspec
from msgspec import UNSET, UnsetType

from app.access.keys import ADMIN, PREDICT
from app.http.endpoint import endpoint
from app.http.errors import ApiError
from app.http.fields import Version
from app.model import info
from app.model.champion import SwapError
from app.model.served import Golden, ServedModel
from app.server import Server
from app.workers import Worker
from willbuy.models.versions import versions

SECONDS = 10  # to wait for all workers to take a model


class Examples(msgspec.Struct):
    """Rows of features, each with the probability that the champion gives it."""

    model_version: str
    examples: list[Golden]


class Versions(msgspec.Struct):
    """All versions, oldest first, and which of them serves; `problem` says why it is not the one that should."""

    versions: list[str]
    champion: str | None
    problem: str | UnsetType = UNSET


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """The body of /load-model."""

    version: Version


class Swapped(msgspec.Struct):
    """Which version is the champion now, and which was before; and what each worker serves.

    `everywhere` is false if a worker has not taken it in time; it goes on trying.
    """

    model_version: str
    previous_version: str | None
    everywhere: bool
    workers: list[Worker]


@endpoint("GET", "/model-info", PREDICT)
def model_info(app: Server, model: ServedModel) -> info.Info:
    """The champion's card: what it is, how it was trained, how good it is, and what it reads."""
    try:
        found = msgspec.json.decode((app.settings.products / "metrics.json").read_bytes())
        if found["version"] == model.version:
            return info.of(model, {"on": "test", **found["test"], "values": found["models"][model.card.kind]})
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not built yet, or by something else: what the card says still holds
    validation = model.shown.get("validation", {})
    values = validation.get("metrics", {}).get(model.card.kind, {})
    return info.of(model, {"on": "validation", **validation, "values": values})


@endpoint("GET", "/examples", PREDICT)
def examples(model: ServedModel) -> Examples:
    """Rows kept with the champion, from the least to the most probable, to start from."""
    return Examples(model.version, model.card.golden)


@endpoint("GET", "/models", PREDICT)
def models(app: Server) -> Versions:
    """All versions, oldest first, and which of them serves."""
    return Versions(versions(app.settings.models), app.version, app.champion.problem or UNSET)


@endpoint("POST", "/load-model", ADMIN, errors=[409])
def load_model(app: Server, body: Wanted) -> Swapped:
    """Swap the champion in all workers, or roll back to an earlier one.

    It is answered once all workers serve it, or after ten seconds. The answer is 409, and the old one goes on serving,
    if the version is missing, fails a check, or is not the one that has served under this name.
    """
    before = app.version
    try:
        app.champion.swap(body.version)
    except SwapError as error:
        raise ApiError(409, "refused", str(error)) from None
    workers = _awaited(app, body.version)
    return Swapped(body.version, before, all(worker.model_version == body.version for worker in workers), workers)


def _awaited(app: Server, version: str) -> list[Worker]:
    """The workers once all of them serve `version`, or as they are when that takes too long."""
    end = time.monotonic() + SECONDS
    app.follow()
    while any(worker.model_version != version for worker in app.workers.running()) and time.monotonic() < end:
        time.sleep(0.02)
    return app.workers.running()
