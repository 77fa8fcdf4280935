"""Objects of S3 and of servers like it. Credentials, region and endpoint come from the environment (AWS_…)."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pyarrow import fs

from willbuy.ingest.errors import about

WILD = re.compile(r"\*\*/|\*\*|\*|\?")
MEANT = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def fetch(url: str, folder: Path) -> list[Path]:
    """Copy the objects that `url` names (a key, a glob, a folder) into `folder`; their files, by name."""
    server, copied = _server(), []
    for info in _found(server, url):
        path = folder / "s3:" / info.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with server.open_input_stream(info.path, compression=None) as source, open(path, "wb") as file:
            shutil.copyfileobj(source, file)
        copied.append(path)
    return copied


def marks(url: str) -> Iterator[str]:
    """Name, size and time of change of each object."""
    for info in _found(_server(), url):
        yield f"{info.path} {info.size} {info.mtime_ns}"


def _server() -> fs.S3FileSystem:
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or "")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return fs.S3FileSystem(
        region=region or None, scheme=endpoint.scheme or "https", endpoint_override=endpoint.netloc or None
    )


def _found(server: fs.S3FileSystem, url: str) -> list[fs.FileInfo]:
    key = url.removeprefix("s3://")
    try:
        exact = server.get_file_info(key.rstrip("/"))
        if exact.type == fs.FileType.File:
            return [exact]
        found = [info for info in _below(server, key) if info.type == fs.FileType.File and _is_data(info)]
    except OSError as error:
        raise about(url, f"cannot be read from S3: {error}") from None
    if not found:
        raise about(url, "no such object; credentials and region come from the environment (AWS_ACCESS_KEY_ID, …)")
    return sorted(found, key=lambda info: info.path)


def _below(server: fs.S3FileSystem, key: str) -> Iterator[fs.FileInfo]:
    """The objects in a folder, or those that a glob fits."""
    wild = WILD.search(key)
    folder = key[: wild.start()].rpartition("/")[0] if wild else key.rstrip("/")
    fits = re.compile(_pattern(key) if wild else re.escape(folder) + "/.*")
    for info in server.get_file_info(fs.FileSelector(folder, recursive=True, allow_not_found=True)):
        if fits.fullmatch(info.path):
            yield info


def _pattern(key: str) -> str:
    parts, at = [], 0
    for wild in WILD.finditer(key):
        parts += [re.escape(key[at : wild.start()]), MEANT[wild[0]]]
        at = wild.end()
    return "".join(parts) + re.escape(key[at:])


def _is_data(info: fs.FileInfo) -> bool:
    return info.size > 0 and not info.base_name.startswith(("_", "."))
