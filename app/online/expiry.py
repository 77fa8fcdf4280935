"""Erasing users who have not come back for long: bit by bit, so that no request waits for it."""

import time
from collections.abc import Iterator
from pathlib import Path

from app import logs
from app.exclusive import exclusive
from app.online.features import Online
from app.online.store import Store, StoreError

PAUSE = 0.05  # seconds after some users
EVERY = 3600.0  # seconds from the end of one round to the next


def erase_before(store: Store, time: int) -> Iterator[int]:
    """Erase the users of whom nothing is known to have happened at `time` or later; tells how many of some at a time.

    Raises StoreError.
    """
    place, erased = None, 0
    while place != 0:
        place, users = store.some_users(place or 0)
        count = store.forget(users, time) if users else 0
        erased += count
        yield count
    if erased:
        store.clean()


def keep_erasing(online: Online, state: Path, kept_us: int) -> None:
    """Go round for ever, in the store that `online` has then.

    Of the workers that share the folder `state` one does it; when it ends, another one goes on.
    """
    with exclusive(state / ".expiry.lock"):
        while True:
            _go_round(online.store, online.now() - kept_us)
            time.sleep(EVERY)


def _go_round(store: Store, before: int) -> None:
    erased = 0
    try:
        for count in erase_before(store, before):
            erased += count
            time.sleep(PAUSE)
    except StoreError as error:
        logs.write("warning", event="not all users could be erased who have not come back", problem=str(error))
    if erased:
        logs.write("info", event="users erased who have not come back", users=erased)
