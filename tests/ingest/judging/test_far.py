import pandas as pd
import pytest

from willbuy.ingest.judging.far import FAR, FAR_DAYS, near


def days(*stretches: tuple[int, int, int]) -> pd.DataFrame:
    """(first day, days, rows a day)"""
    rows = [(day, rows) for first, length, rows in stretches for day in range(first, first + length)]
    return pd.DataFrame(rows, columns=["day", "rows"])


@pytest.mark.parametrize(
    ("stretches", "kept"),
    [
        ([(0, 60, 100)], (0, 59)),
        ([(0, 60, 100), (4800, 1, 1)], (0, 59)),
        ([(0, 1, 1), (4800, 60, 100), (9000, 2, 3)], (4800, 4859)),
        ([(0, 60, 100), (60 + FAR_DAYS - 1, 1, 1)], (0, 60 + FAR_DAYS - 1)),
        ([(0, 60, 100), (59 + FAR_DAYS + 1, 1, 1)], (0, 59)),
        ([(0, 60, 100), (4800, 1, 100)], (0, 4800)),
        ([(5, 1, 1)], (5, 5)),
    ],
)
def test_a_few_rows_far_away_do_not_belong(stretches, kept):
    assert near(days(*stretches)) == kept


def test_a_clock_that_is_wrong_by_years_costs_its_row_only(bench, header, rows, mapping):
    wrong = "".join(f"u,i{n},view,{when},1\n" for n, when in enumerate(["2037-05-01T10:00:00Z", "1999-01-01"]))
    ledger = bench.ingest(header + rows(800) + wrong, mapping)
    assert (ledger.events, ledger.quarantined) == (800, {FAR: 2})
    assert bench.values("quarantine", "line", "text") == [
        (802, "2037-05-01 10:00:00+00"), (803, "1999-01-01 00:00:00+00"),
    ]  # fmt: skip
    ledger.check()
