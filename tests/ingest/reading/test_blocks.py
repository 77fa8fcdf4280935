import gzip

import pytest

from willbuy.ingest import IngestError
from willbuy.ingest.reading.blocks import LONGEST, Blocks, header


@pytest.fixture
def log(tmp_path):
    def write(data: str | bytes):
        (tmp_path / "log").write_bytes(data.encode() if isinstance(data, str) else data)
        return tmp_path / "log"

    return write


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda z: z[: len(z) // 2], "cut off"),
        (lambda z: z + b"garbage", "cannot be read to its end"),
        (lambda z: z[:40] + bytes(20) + z[60:], "cannot be read to its end"),
    ],
)
def test_a_damaged_gzip_file_is_refused(log, damage, said):
    packed = gzip.compress("".join(f"{n},{n * n}\n" for n in range(9999)).encode())
    with pytest.raises(IngestError, match=said), Blocks(log(damage(packed)), "utf-8") as blocks:
        while blocks.read():
            pass


def test_the_header_is_the_first_line_stripped(log):
    assert header(log(' a ,"b,c",d\r\n1,2,3\n'), ",", '"', "utf-8") == ["a", "b,c", "d"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a\rb\r1\r2\r", "carriage returns alone"),
        (b"a,\0b\n", "NUL bytes"),
        (b"a,\xfc\n", "latin-1"),
        (b"x" * (LONGEST + 1), "no header"),
    ],
)
def test_a_first_line_that_is_no_header(log, data, said):
    with pytest.raises(IngestError, match=said):
        header(log(data), ",", '"', "utf-8")
