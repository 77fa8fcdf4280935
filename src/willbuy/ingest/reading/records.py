"""Text files as a stream of Arrow batches: the line, the problem and the wanted fields of each record."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from willbuy.ingest.reading import blocks, scan
from willbuy.ingest.reading.blocks import Blocks
from willbuy.ingest.reading.spans import Spans

SHOWN = 200  # characters of a bad record that are kept


class Records:
    """The records of one text file.

    `slots[f]` is the position in `names` of field f, or −1 for a field that is not wanted; len(slots) is the number of
    fields of a whole record. If `delimiter` is None, a line is one field. The columns of the batches are `line` (from
    1), `problem` (null if the record is whole), `text` (the beginning of a record with a problem) and `names` (null in
    a record with a problem). A last line without an end is a problem, as it may be cut off, unless `whole`. `count`,
    `lines` and `spans` are of what was read. `error` keeps the exception that stopped the reading: DuckDB passes on
    only its words.
    """

    def __init__(
        self,
        path: Path,
        names: list[str],
        slots: list[int],
        delimiter: str | None,
        quote: str | None,
        encoding: str,
        whole: bool = False,
    ) -> None:
        self.path, self.encoding = path, encoding
        self.count = self.lines = 0
        self.spans = Spans(delimiter, len(slots))
        self.error: Exception | None = None
        self._whole = whole
        self._slots = np.array(slots, dtype=np.int32)
        self._delimiter = ord(delimiter) if delimiter else scan.NO_BYTE
        self._quote = ord(quote) if quote else scan.NO_BYTE
        self.schema = pa.schema(
            [("line", pa.int64()), ("problem", pa.string()), ("text", pa.string()), *((n, pa.string()) for n in names)]
        )

    def reader(self, skip_header: bool) -> pa.RecordBatchReader:
        """A stream of the batches; DuckDB reads it in bounded memory."""
        return pa.RecordBatchReader.from_batches(self.schema, self._guarded(skip_header))

    def _guarded(self, skip_header: bool) -> Iterator[pa.RecordBatch]:
        try:
            with Blocks(self.path, self.encoding) as file:
                for batch in self._batches(file, skip_header):
                    self.count += len(batch)
                    yield batch
        except Exception as error:
            self.error = error
            raise

    def _batches(self, file: Blocks, skip_header: bool) -> Iterator[pa.RecordBatch]:
        read, data, line = file.read, b"", 1
        if skip_header:
            _, _, data = read().partition(b"\n")
            line = 2
        while True:
            block = read()
            cut = not block and data[-1:] not in (b"", b"\n")
            batch, used, line = self._scan(data + (b"\n" if cut else block), line, final=not block, cut=cut)
            data = data + block
            if len(batch):
                yield batch
            if not block:
                self.lines = file.lines
                if line - 1 != file.lines:
                    raise AssertionError(f"{self.path} has {file.lines} lines, but {line - 1} are accounted for")
                return
            data = data[used:]
            if len(data) > blocks.LONGEST and b"\n" not in data:
                yield self._too_long(data, line)
                data, line = _after_newline(read), line + 1

    def _scan(self, data: bytes, line: int, final: bool, cut: bool) -> tuple[pa.RecordBatch, int, int]:
        array = np.frombuffer(data, np.uint8)
        rows, width = data.count(b"\n") + 1, len(self.schema) - 3
        begins, ends, lines, heights = (np.empty(rows, np.int64) for _ in range(4))
        problems = np.zeros(rows, np.uint8)
        spans = [np.zeros((rows, width), np.int32) for _ in range(3)]
        count, used, line = scan.scan(
            array, line, final, self._delimiter, self._quote, self._slots, blocks.LONGEST,
            begins, ends, lines, heights, problems, *spans,
        )  # fmt: skip
        begins, ends, lines, problems = begins[:count], ends[:count], lines[:count], problems[:count]
        _mark_unreadable(data, begins, ends, problems)
        if cut and not self._whole:
            self._mark_unended(data, ends, problems)
        self.spans.add(data, begins, ends, lines, np.where(problems == scan.OK, heights[:count], 1))
        spans = [s[:count] for s in spans]
        for s in spans:
            s[problems != scan.OK] = 0
        fields = [self._column(array, [s[:, i] for s in spans], problems) for i in range(width)]
        return self._batch(lines, problems, _texts(data, begins, ends, problems), fields), used, line

    def _mark_unended(self, data: bytes, ends, problems) -> None:
        """The last record, if a line without an end is part of it, unless a closing quote shows that it is whole."""
        if len(ends) and ends[-1] == len(data) and problems[-1] == scan.OK and data[-2] != self._quote:
            problems[-1] = scan.UNENDED

    def _column(self, data, spans: list[np.ndarray], problems) -> pa.Array:
        offsets = np.empty(len(problems) + 1, np.int32)
        out = np.empty(scan.lengths(*spans), np.uint8)
        scan.gather(data, self._quote, *spans, offsets, out)
        whole = pa.py_buffer(np.packbits(problems == scan.OK, bitorder="little"))
        return pa.StringArray.from_buffers(len(problems), pa.py_buffer(offsets), pa.py_buffer(out), whole)

    def _batch(self, lines, problems, texts: list, fields: list) -> pa.RecordBatch:
        names = pa.array(scan.PROBLEMS, pa.string()).take(pa.array(problems))
        return pa.record_batch([pa.array(lines), names, pa.array(texts, pa.string()), *fields], schema=self.schema)

    def _too_long(self, data: bytes, line: int) -> pa.RecordBatch:
        nulls = [pa.nulls(1, pa.string()) for _ in range(len(self.schema) - 3)]
        return self._batch(np.array([line]), np.array([scan.TOO_LONG], np.uint8), [_shown(data[:SHOWN])], nulls)


def _after_newline(read: Callable[[], bytes]) -> bytes:
    """What follows the rest of a line too long to keep."""
    while block := read():
        _, newline, rest = block.partition(b"\n")
        if newline:
            return rest
    return b""


def _mark_unreadable(data: bytes, begins, ends, problems) -> None:
    if _is_utf8(data) and b"\0" not in data:
        return
    for row in np.flatnonzero(problems == scan.OK):
        record = data[begins[row] : ends[row]]
        problems[row] = scan.NUL_BYTE if b"\0" in record else scan.OK if _is_utf8(record) else scan.NOT_TEXT


def _is_utf8(record: bytes) -> bool:
    try:
        record.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _texts(data: bytes, begins, ends, problems) -> list[str | None]:
    texts: list[str | None] = [None] * len(problems)
    for row in np.flatnonzero(problems):
        texts[row] = _shown(data[begins[row] : min(ends[row], begins[row] + SHOWN)])
    return texts


def _shown(record: bytes) -> str:
    return record.decode("utf-8", "backslashreplace").rstrip("\r\n").replace("\0", "\\x00")
