"""Records of several lines: line breaks inside quotes, or lines that a stray quote has swallowed."""

import numpy as np


class Spans:
    """The records of one text file that span several lines.

    `records` counts them, `lines` all their lines, `first` is the line of the first. `swallowed` counts the further
    lines of those records of which each line has as many fields as a record of the file, and so looks like one.
    """

    def __init__(self, delimiter: str | None, width: int) -> None:
        self.records = self.lines = self.swallowed = 0
        self.first: int | None = None
        self._delimiter = delimiter.encode() if delimiter and width > 1 else None
        self._width = width

    def add(self, data: bytes, begins, ends, lines, heights) -> None:
        """Take in the records of `data`: where each begins and ends, its line, and how many lines it has."""
        for row in np.flatnonzero(heights > 1):
            if self.first is None:
                self.first = int(lines[row])
            self.records += 1
            self.lines += int(heights[row])
            if self._looks_like_records(data[begins[row] : ends[row]]):
                self.swallowed += int(heights[row]) - 1

    def _looks_like_records(self, record: bytes) -> bool:
        if self._delimiter is None:
            return False
        return all(line.count(self._delimiter) >= self._width - 1 for line in record.rstrip(b"\r\n").split(b"\n"))

    def told(self, path: object) -> str:
        """What there is, as a sentence; empty where every record is one line."""
        if not self.records:
            return ""
        said = f"{path}: {self.records:,} records span {self.lines:,} lines, the first at line {self.first}"
        if self.swallowed:
            said += (
                f". {self.swallowed:,} of these lines look like records that a stray quote has swallowed; "
                "`quote: null` in the mapping reads quotes as text"
            )
        return said
