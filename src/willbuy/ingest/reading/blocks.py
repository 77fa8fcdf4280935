"""Text files read a block at a time, whatever their compression and encoding."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

from willbuy.ingest.errors import about
from willbuy.ingest.reading.locate import BOM
from willbuy.ingest.reading.packed import ERRORS, unpacked, unreadable

BLOCK = 4 << 20
LONGEST = 1 << 20  # bytes of one record


class Blocks:
    """A text file as blocks of UTF-8 bytes: unpacked if it is compressed, recoded if it has another encoding.

    `lines` counts those of what was read.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self.path, self._newlines, self._last = path, 0, b"\n"
        self._file = unpacked(path)
        plain = codecs.lookup(encoding).name in ("utf-8", "ascii")
        # surrogateescape keeps bytes that cannot be decoded, so that each can be reported with its record.
        self._decoder = None if plain else codecs.getincrementaldecoder(encoding)("surrogateescape")
        self._first = True

    def __enter__(self) -> Blocks:
        return self

    def __exit__(self, *_) -> None:
        self._file.close()

    def read(self) -> bytes:
        """The next block, as UTF-8 without a byte order mark; empty at the end.

        Raises IngestError for a file that is cut off or cannot be decoded.
        """
        try:
            block = self._file.read(BLOCK)
            if self._decoder:
                block = self._decoder.decode(block, final=not block).encode("utf-8", "surrogateescape")
        except UnicodeError as error:
            raise about(self.path, f"cannot be read to its end: {error}") from None
        except ERRORS as error:
            raise unreadable(self.path, error) from None
        block = block.removeprefix(BOM) if self._first else block
        self._first = False
        self._newlines += block.count(b"\n")
        self._last = block[-1:] or self._last
        return block

    @property
    def lines(self) -> int:
        """Lines so far, the last one with or without an end."""
        return self._newlines + (self._last != b"\n")


def header(path: Path, delimiter: str, quote: str | None, encoding: str) -> list[str]:
    """The fields of the first line, stripped. Raises IngestError for a first line that is no header."""
    with Blocks(path, encoding) as blocks:
        first, _, _ = blocks.read().partition(b"\n")
    if len(first) > LONGEST:
        raise about(path, f"its first line is over {LONGEST} bytes: no header. Are its lines ended by newlines?")
    try:
        text = first.decode("utf-8").rstrip("\r")
    except UnicodeDecodeError:
        raise about(path, f"its first line is not {encoding}; set `encoding`, for instance to latin-1") from None
    if "\0" in text:
        raise about(path, "its first line holds NUL bytes: this is no text file, or the file is damaged")
    if "\r" in text:
        raise about(path, "its lines end in carriage returns alone; rewrite them with newlines")
    read = csv.reader(
        [text], delimiter=delimiter, quotechar=quote, quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    )
    return [name.strip() for name in next(read, [])]
