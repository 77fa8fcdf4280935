import pytest

from willbuy.ingest import IngestError
from willbuy.ingest.reporting.sufficient import require_trainable
from willbuy.splits import LogTooShort, shortest_log

SHARES = (3, 0.7, 0.15)
KINDS = ("view", "buy")


@pytest.fixture
def events(bench, header, mapping):
    def write(days: int, kinds=("view", "buy")):
        hours = [f"2024-{1 + d // 28:02}-{1 + d % 28:02} {h:02}:00" for d in range(days) for h in range(24)]
        rows = [f"u,i,{kind},{hour},1" for hour in hours for kind in kinds]
        bench.ingest(header + "\n".join([*rows, ""]), mapping)
        return bench.out / "events.parquet"

    return write


def test_the_shortest_log_that_does(events):
    least = shortest_log(*SHARES)
    assert least <= 28, "the test's own calendar"
    assert [period.name for period in require_trainable(events(least), *SHARES)] == ["train", "validation", "test"]
    with pytest.raises(
        LogTooShort, match=f"2024-01-01 00:00 to .* too short to train on: .*at least {least} full days"
    ):
        require_trainable(events(least - 1), *SHARES)


@pytest.mark.parametrize(("kinds", "said"), [(("view",), "no purchases.*view 672"), (("buy",), "no views and no cart")])
def test_a_log_with_nothing_to_learn(events, kinds, said):
    with pytest.raises(IngestError, match=said):
        require_trainable(events(28, kinds), *SHARES)


def test_a_split_in_which_nothing_happens(bench, header, mapping):
    """A third of the rows is of another year: no accident, so they are kept, and the log is refused."""
    rows = [
        f"u{n},i,{kind},{when}-{1 + n:02},1\n" for when in ("2024-01", "2031-01") for n in range(20) for kind in KINDS
    ]
    bench.ingest(header + "".join(rows[:-20]), mapping)
    with pytest.raises(
        IngestError, match=r"no decision points from 2028-\d\d-\d\d 00:00 to .*, which is validation.*`between`"
    ):
        require_trainable(bench.out / "events.parquet", *SHARES)
