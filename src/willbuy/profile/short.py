"""Is there enough of test to judge by? If not, what to say, loudly, and what would help."""

from itertools import count

from willbuy.splits import split_lengths

LEAST_DAYS, LEAST_SALES = 7, 200
SHARES = ((0.70, 0.15), (0.60, 0.20), (0.50, 0.25))  # of train and validation; the last leaves most to test
BACKTEST = "ploomber build --entry-point pipeline.backtest.yaml"


def warning(days: int, sales: int, log_days: int, horizon_days: int) -> str:
    """What a report says at its top that is judged on so many days and sales; empty where both are enough.

    `days` are UTC days with decision points of test, `sales` the purchases that these lead to, `log_days` the length of
    the whole log.
    """
    if days >= LEAST_DAYS and sales >= LEAST_SALES:
        return ""
    return (
        f"> **Judged on little: {days} day(s) and {sales:,} sale(s) of test.** With fewer than {LEAST_DAYS} days or "
        f"{LEAST_SALES} sales, a figure says as much about that week and those few buyers as about the model. "
        f"{_advice(days, log_days, horizon_days)} The backtest judges at several times of the same log: `{BACKTEST}`."
    )


def suggestion(log_days: int, horizon_days: int) -> tuple[int, float, float] | None:
    """The longest horizon up to `horizon_days`, and the shares of train and validation, with which validation and test
    keep LEAST_DAYS days of decision points each; None if not even a horizon of one day does."""
    for horizon in range(horizon_days, 0, -1):
        for train, validation in SHARES:
            if min(split_lengths(log_days, train, validation)[1:]) - horizon >= LEAST_DAYS:
                return horizon, train, validation
    return None


def _advice(days: int, log_days: int, horizon_days: int) -> str:
    if days >= LEAST_DAYS:
        return "A longer log helps, and more visitors in it."
    if found := suggestion(log_days, horizon_days):
        horizon, train, validation = found
        left = split_lengths(log_days, train, validation)[2] - horizon
        values = f"`horizon_days: {horizon}`, `train_share: {train:.2f}` and `validation_share: {validation:.2f}`"
        return f"Of these {log_days} days, {values} would leave {left} to test on."
    least = next(n for n in count(log_days) if suggestion(n, 1))
    return f"No horizon leaves more of {log_days} day(s) of log; from {least} days on, one of a day would."
