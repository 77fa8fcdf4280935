"""Bodies of a JSON object a line (NDJSON): of any size, read piece by piece, so that few are held at a time."""

from collections.abc import Iterator

from app.http.requests import Request, cut_off
from app.http.waiting import waiting

NDJSON = "application/x-ndjson"
LONGEST = 65_536  # bytes of a line
PIECE = 65_536


def are_in(request: Request) -> bool:
    """Whether the body says that it is NDJSON. Raises ApiError 415 if it is compressed, too."""
    if request.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != NDJSON:
        return False
    request.refuse_coding()
    return True


def of(request: Request) -> Iterator[bytes]:
    """The lines of the body. One longer than LONGEST is cut somewhere behind that. Raises ApiError 408."""
    rest = b""
    for piece in _pieces(request):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        rest = rest[: LONGEST + 1]
    if rest:
        yield rest


def _pieces(request: Request) -> Iterator[bytes]:
    stream, length = request.environ["wsgi.input"], request.environ.get("CONTENT_LENGTH")
    left = int(length) if length else None if request.is_chunked else 0
    while left is None or left > 0:
        with waiting:
            piece = stream.read(PIECE if left is None else min(PIECE, left))
        if not piece and left:
            raise cut_off(int(length or 0) - left, int(length or 0))
        if not piece:
            return
        left = None if left is None else left - len(piece)
        yield piece
