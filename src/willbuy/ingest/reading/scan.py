"""The record scanner: from bytes of delimited text to the place of every wanted field.

The CSV readers of DuckDB and Arrow either stop at a ragged line or cannot say which line a row came from. A log has to
be read to its end with the line of every row known, so it is split here, at the speed of memory.
"""

import numpy as np

from willbuy.compiled import entry, part

NEWLINE, RETURN = 10, 13
NO_BYTE = 256  # stands for "this file has no delimiter" or "no quote": no byte equals it

TAB, SPACE = 9, 32  # the whitespace of ASCII is SPACE and what lies from TAB to RETURN
OK, FEW_FIELDS, MANY_FIELDS, BAD_QUOTE, OPEN_QUOTE, TOO_LONG, NUL_BYTE, NOT_TEXT, UNENDED = range(9)
PROBLEMS = (
    None,
    "truncated line",
    "too many fields",
    "text after a closing quote",
    "quote never closed",
    "line too long",
    "NUL byte",
    "not in the encoding",
    "last line without an end",
)
AT_FIELD, AT_LINE, AT_CUT, AT_FAULT = range(4)


@part
def _quoted(data, at, delimiter, quote):
    """The quoted field whose opening quote is at `at`: (start, stop, next, what ended it, doubled quotes)."""
    i, doubled, n = at + 1, 0, data.size
    while i < n:
        if data[i] != quote:
            i += 1
        elif i + 1 < n and data[i + 1] == quote:
            i, doubled = i + 2, doubled + 1
        else:
            break
    after = i + 1
    if after < n and data[after] == RETURN:
        after += 1
    if after >= n:
        return at + 1, i, n, AT_CUT, doubled
    if data[after] == NEWLINE:
        return at + 1, i, after + 1, AT_LINE, doubled
    if data[i + 1] == delimiter:
        return at + 1, i, i + 2, AT_FIELD, doubled
    return at + 1, i, i + 1, AT_FAULT, doubled


@part
def _plain(data, at, delimiter):
    """The unquoted field that starts at `at`, like `_quoted`. A quote inside it is text."""
    i, n = at, data.size
    while i < n and data[i] != delimiter and data[i] != NEWLINE:
        i += 1
    if i == n:
        return at, i, n, AT_CUT, 0
    if data[i] == delimiter:
        return at, i, i + 1, AT_FIELD, 0
    stop = i - 1 if i > at and data[i - 1] == RETURN else i
    return at, stop, i + 1, AT_LINE, 0


@part
def _is_space(byte):
    return byte == SPACE or TAB <= byte <= RETURN


@part
def _stripped(data, start, stop):
    """The field without whitespace around it."""
    while start < stop and _is_space(data[start]):
        start += 1
    while start < stop and _is_space(data[stop - 1]):
        stop -= 1
    return start, stop


@part
def _line_end(data, at):
    """Just past the first newline at or after `at`; 0 if there is none."""
    for i in range(at, data.size):
        if data[i] == NEWLINE:
            return i + 1
    return 0


@part
def _record(data, begin, delimiter, quote, slots, starts, stops, doubles):
    """Split the record at `begin` into one row of the span arrays: (next, what ended it, number of fields)."""
    at, field = begin, 0
    while True:
        if at < data.size and data[at] == quote:
            start, stop, at, ended, doubled = _quoted(data, at, delimiter, quote)
        else:
            start, stop, at, ended, doubled = _plain(data, at, delimiter)
        if field < slots.size and slots[field] >= 0:
            start, stop = _stripped(data, start, stop)
            starts[slots[field]], stops[slots[field]], doubles[slots[field]] = start, stop, doubled
        field += 1
        if ended != AT_FIELD:
            return at, ended, field


@part
def _problem(ended, fields, width, length, longest):
    if ended == AT_FAULT:
        return BAD_QUOTE
    if ended == AT_CUT:
        return OPEN_QUOTE
    if length > longest:
        return TOO_LONG
    if fields == width:
        return OK
    return FEW_FIELDS if fields < width else MANY_FIELDS


@part
def _newlines(data, begin, end):
    found = 0
    for i in range(begin, end):
        found += data[i] == NEWLINE
    return found


@part
def _blank(data, begin):
    n = data.size
    return data[begin] == NEWLINE or (data[begin] == RETURN and begin + 1 < n and data[begin + 1] == NEWLINE)


@entry
def scan(
    data, line, final, delimiter, quote, slots, longest, begins, ends, lines, heights, problems, starts, stops, doubles
):
    """Split `data` (uint8) into records; return (number of records, bytes used, line that comes next).

    `slots[f]` is the column of `starts`, `stops` and `doubles` (records × slots: where the field begins and ends in
    `data`, and how many doubled quotes it holds) that field `f` goes to, or −1. `begins`, `ends`, `lines`, `heights`
    (how many lines) and `problems` take one value for each record. Fields lose the whitespace around them. Empty lines
    are no records. Bytes after the last whole record are left for the next call, unless `final`, or unless they are
    longer than `longest` and begin with an open quote. If a record of several lines has a problem, only its first line
    is the record: a stray quote costs no other line.
    """
    row, begin = 0, 0
    while begin < data.size:
        if _blank(data, begin):
            begin = _line_end(data, begin)
            line += 1
            continue
        at, ended, fields = _record(data, begin, delimiter, quote, slots, starts[row], stops[row], doubles[row])
        if ended == AT_CUT and not final and data.size - begin <= longest:
            break
        problem = _problem(ended, fields, slots.size, at - begin, longest)
        breaks = _newlines(data, begin, at)
        if ended == AT_CUT or ended == AT_FAULT or (problem != OK and breaks > 1):
            at = _line_end(data, begin)
            if at == 0:
                break
            problem = BAD_QUOTE if ended == AT_FAULT and breaks == 0 else OPEN_QUOTE
            breaks = 1
        problems[row] = problem
        begins[row], ends[row], lines[row], heights[row] = begin, at, line, breaks
        line += breaks
        begin = at
        row += 1
    return row, begin, line


@entry
def gather(data, quote, starts, stops, doubles, offsets, out):
    """Copy the fields of one slot into `out`, end to end, doubled quotes made single. `offsets` gets their places."""
    to = 0
    for row in range(starts.size):
        offsets[row] = to
        i, stop = starts[row], stops[row]
        if doubles[row] == 0:
            out[to : to + stop - i] = data[i:stop]
            to += stop - i
            continue
        while i < stop:
            out[to] = data[i]
            i += 2 if data[i] == quote and i + 1 < stop and data[i + 1] == quote else 1
            to += 1
    offsets[starts.size] = to


def lengths(starts: np.ndarray, stops: np.ndarray, doubles: np.ndarray) -> int:
    """How many bytes `gather` will write."""
    return int((stops - starts - doubles).sum())
