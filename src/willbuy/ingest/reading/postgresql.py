"""A table or query of PostgreSQL, by URL: `postgresql://user@host/database#schema.table`, or `#SELECT …`.

The password comes from the environment (PGPASSWORD, ~/.pgpass). Values keep their types, as in Parquet.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyarrow.parquet as pq

from willbuy.database import quoted
from willbuy.ingest.errors import IngestError, about

DRIVER = "adbc_driver_postgresql"
QUERY = re.compile(r"(SELECT|WITH|TABLE|VALUES)\b", re.IGNORECASE)


def require(url: str) -> None:
    """Raise IngestError where the driver is not installed, and for a URL that names no table and no query."""
    if not _asked(url):
        raise about(_shown(url), "names no table; write #schema.table or #SELECT … behind the database")
    if find_spec(DRIVER) is None:
        raise IngestError("a log of PostgreSQL needs a driver: pip install 'willbuy[postgresql]'")


def marks(url: str) -> Iterator[str]:
    """What is asked: whether the rows have changed, only reading them would show."""
    yield f"{_shown(url)} {_query(url)}"


def fetch(url: str, folder: Path) -> list[Path]:
    """Read the rows into a Parquet file in `folder`, a batch at a time."""
    require(url)
    dbapi = import_module(f"{DRIVER}.dbapi")
    parts, asked = urlsplit(url), _asked(url)
    name = "query" if _is_query(asked) else asked
    path = folder / "postgresql:" / f"{parts.hostname or 'localhost'}{parts.path}" / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with dbapi.connect(url.partition("#")[0]) as connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(_query(url))
            rows = cursor.fetch_record_batch()
            with pq.ParquetWriter(path, rows.schema) as file:
                for batch in rows:
                    file.write_batch(batch)
    except dbapi.Error as error:
        raise about(_shown(url), f"cannot be read: {' '.join(str(error).split())}") from None
    return [path]


def _asked(url: str) -> str:
    """The table or query that the address names."""
    return unquote(urlsplit(url).fragment).strip()


def _query(url: str) -> str:
    asked = _asked(url)
    return asked if _is_query(asked) else f"SELECT * FROM {quoted(*asked.split('.'))}"


def _is_query(asked: str) -> bool:
    return QUERY.match(asked) is not None


def _shown(url: str) -> str:
    """The address without a password."""
    parts = urlsplit(url)
    return f"postgresql://{parts.hostname or 'localhost'}{parts.path}"
