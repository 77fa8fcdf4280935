"""Logs that live elsewhere: S3, HTTPS, PostgreSQL. They are fetched into the scratch folder and read there as files."""

import os
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from willbuy.ingest.errors import IngestError, about
from willbuy.ingest.reading import postgresql, s3

FETCHED = "fetched"
# <scratch>/fetched/s3:/bucket/key is s3://bucket/key, in messages and in the quarantine.
COPIED = re.compile(rf"[^\s'\"]*/\.ingest-[^/]*/{FETCHED}/(\w+:)/")
AUTHORIZATION = "WILLBUY_LOG_AUTHORIZATION"  # the variable with the header of that name, such as `Bearer …`


def is_remote(part: str) -> bool:
    """Does this part of `log` live elsewhere?"""
    return urlsplit(part).scheme in KINDS


def require(part: str) -> None:
    """Raise IngestError where what reads a remote log is not installed, or its address is not one."""
    if part.startswith(("postgres:", "postgresql:")):
        postgresql.require(part)


def marks(part: str) -> Iterator[str]:
    """What changes when a remote log changes: for its fingerprint."""
    yield from KINDS[urlsplit(part).scheme][1](part)


def fetch(part: str, scratch: Path) -> list[Path]:
    """Copy a remote log into `scratch`; the files, by name. Raises IngestError."""
    return KINDS[urlsplit(part).scheme][0](part, scratch / FETCHED)


def origin(text: object) -> str:
    """A path or message with the addresses that copied files come from."""
    return COPIED.sub(r"\1//", str(text))


def _fetch_page(url: str, folder: Path) -> list[Path]:
    parts = urlsplit(url)
    path = folder / f"{parts.scheme}:" / parts.netloc.rpartition("@")[2] / parts.path.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    with _open_page(url, "GET") as page, open(path, "wb") as file:
        shutil.copyfileobj(page, file)
    return [path]


def _page_marks(url: str) -> Iterator[str]:
    with _open_page(url, "HEAD") as page:
        yield " ".join(page.headers.get(name, "") for name in ("ETag", "Last-Modified", "Content-Length"))


def _open_page(url: str, method: str):
    headers = {"Authorization": os.environ[AUTHORIZATION]} if os.environ.get(AUTHORIZATION) else {}
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers, method=method))
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise about(url.partition("?")[0], f"cannot be fetched: {error}") from None


KINDS = {
    "s3": (s3.fetch, s3.marks),
    "https": (_fetch_page, _page_marks),
    "http": (_fetch_page, _page_marks),
    "postgresql": (postgresql.fetch, postgresql.marks),
    "postgres": (postgresql.fetch, postgresql.marks),
}


def told(error: IngestError) -> IngestError:
    """The same error, about the address of a log instead of its copy."""
    error.args = tuple(origin(part) if isinstance(part, str) else part for part in error.args)
    return error
