"""What the predictors of a backtest are worth at each origin and on average, and which one to serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from willbuy.evaluation import money
from willbuy.evaluation.backtest import CALIBRATION, COLUMNS, TEST
from willbuy.evaluation.comparison import Comparison, compare
from willbuy.evaluation.intervals import Estimate, UserBootstrap, estimate
from willbuy.evaluation.market import Market, Outcome, Policy
from willbuy.evaluation.sales import Sales, top
from willbuy.origins import Origin

FOUND = 0.05
PR_AUC, SALES_FOUND, FOUND_AT_THRESHOLD = "pr_auc", f"sales_found_at_{FOUND:.0%}", "sales_found_at_threshold"
CALIBRATION_ERROR, PROFIT = "calibration_error", "profit"
METRICS = (PR_AUC, SALES_FOUND, FOUND_AT_THRESHOLD, CALIBRATION_ERROR, PROFIT)
TITLES = {
    PR_AUC: "PR-AUC",
    SALES_FOUND: f"Sales found by the top {FOUND:.0%} of the decision points",
    CALIBRATION_ERROR: "Calibration error",
    PROFIT: "Profit of the stretch, at the threshold of validation",
}
Measured = tuple[float, np.ndarray]  # a value, and what it is in each resample of the users


@dataclass(frozen=True)
class Result:
    """One predictor at one origin: `measured` holds METRICS, `facts` the counts behind them."""

    origin: Origin
    model: str
    measured: Mapping[str, Measured]
    facts: Mapping[str, float]

    def row(self) -> dict:
        """A row of `backtest.parquet`: every metric with `_low` and `_high`."""
        train, test = self.origin.train, self.origin.test
        times = {"origin": self.origin.time, "model": self.model, "train_start": train.start, "train_end": train.end}
        times |= {"test_start": test.start, "test_end": test.end}
        metrics: dict[str, float] = {}
        for name, measured in self.measured.items():
            found = estimate(*measured)
            metrics |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
        return times | dict(self.facts) | metrics


@dataclass(frozen=True)
class Contest:
    """All results. The resamples draw the users of all origins together, so that differences and means are paired."""

    results: tuple[Result, ...]

    def table(self) -> pd.DataFrame:
        """One row an origin and predictor; see `Result.row`."""
        return pd.DataFrame([result.row() for result in self.results])

    def mean(self, model: str, metric: str) -> Estimate:
        """The mean over the origins, each with equal weight; an origin without a value does not count."""
        return estimate(*self._mean(model, metric))

    def difference(self, model: str, other: str, metric: str) -> Estimate:
        """`model` minus `other`, on average over the origins, paired."""
        (value, drawn), (less, less_drawn) = self._mean(model, metric), self._mean(other, metric)
        return estimate(value - less, drawn - less_drawn)

    def wins(self, model: str, other: str, metric: str) -> int:
        """At how many origins the value of `model` is above that of `other`."""
        return sum(a[0] > b[0] for a, b in zip(self._of(model, metric), self._of(other, metric), strict=True))

    def means(self) -> pd.DataFrame:
        """One row a predictor, one column a metric, each cell a mean with its interval."""
        return pd.DataFrame({metric: {m: str(self.mean(m, metric)) for m in COLUMNS} for metric in METRICS})

    def to_serve(self) -> str:
        """The simplest predictor whose mean PR-AUC no less simple one exceeds beyond chance."""
        models = list(COLUMNS)
        for place, model in enumerate(models):
            if not any(self.difference(other, model, PR_AUC).low > 0 for other in models[place + 1 :]):
                return model
        return models[-1]

    def verdict(self) -> str:
        """Which predictor to serve and why, as Markdown."""
        served, number = self.to_serve(), len(self.results) // len(COLUMNS)
        lines = [f"**Serve {served}.** Mean PR-AUC over {number} origins: {self.mean(served, PR_AUC)}."]
        lines += [self._against(served, other) for other in COLUMNS if other != served]
        return "\n".join(["- " + line for line in lines])

    def _against(self, served: str, other: str) -> str:
        ranked, earned = (self.difference(served, other, metric) for metric in (PR_AUC, PROFIT))
        said = "more than chance explains" if ranked.excludes(0) else "which chance may explain"
        wins, number = self.wins(served, other, PR_AUC), len(self._of(served, PR_AUC))
        return (
            f"Against {other}: PR-AUC higher at {wins} of {number} origins, on average by {ranked}, {said}; "
            f"profit of a stretch higher by {earned:,.0f}."
        )

    def _of(self, model: str, metric: str) -> list[Measured]:
        return [result.measured[metric] for result in self.results if result.model == model]

    def _mean(self, model: str, metric: str) -> Measured:
        known = [(value, drawn) for value, drawn in self._of(model, metric) if not np.isnan(value)]
        if not known:
            return np.nan, np.array([np.nan])
        return float(np.mean([value for value, _ in known])), np.mean([drawn for _, drawn in known], axis=0)


def measure(
    predictions: pd.DataFrame,
    origins: tuple[Origin, ...],
    purchases: pd.DataFrame,
    policy: Policy,
    bootstrap_samples: int,
    seed: int,
) -> Contest:
    """Measure BACKTEST_PREDICTIONS: the threshold comes from an origin's calibration rows, all else from test.

    `purchases` are those of the whole log (`read_purchases`).
    """
    test = predictions[predictions.part == TEST].reset_index(drop=True)
    held_out = predictions[predictions.part == CALIBRATION]
    bootstrap = UserBootstrap(test.user_id, bootstrap_samples, seed)
    found: list[Result] = []
    for origin in origins:
        rows = np.flatnonzero(test.origin == origin.time)
        known = held_out[held_out.origin == origin.time].reset_index(drop=True)
        frame = test.iloc[rows].reset_index(drop=True)
        found += _at(origin, known, frame, purchases, policy, bootstrap.of(rows))
    return Contest(tuple(found))


def _at(origin, known, frame, purchases, policy, bootstrap) -> Iterator[Result]:
    probabilities = {model: frame[column].to_numpy() for model, column in COLUMNS.items()}
    compared = compare(frame.label.to_numpy(), probabilities, bootstrap)
    sales = Sales.join(frame, purchases, bootstrap, policy.lead)
    before, after = Market(known, purchases, policy), Market(frame, purchases, policy)
    counts = {"rows": len(frame), "positives": int(frame.label.sum()), "sales": len(sales)}
    for model, probability in probabilities.items():
        threshold = money.best_threshold(money.curve(before, known[COLUMNS[model]].to_numpy()))
        outcome = after.act(probability, threshold)
        found = measured(compared, model, probability, threshold, sales, outcome, bootstrap)
        acted = {"threshold": threshold, "actions": len(outcome.acted_on), "credited_sales": len(outcome.credited)}
        yield Result(origin, model, found, counts | acted)


def measured(
    compared: Comparison,
    model: str,
    probability: np.ndarray,
    threshold: float,
    sales: Sales,
    outcome: Outcome,
    bootstrap: UserBootstrap,
) -> Mapping[str, Measured]:
    """METRICS of one `model` of `compared`, whose `outcome` is that of acting from `threshold` on."""
    return {
        PR_AUC: compared.measured(model, PR_AUC),
        SALES_FOUND: sales.shares(top(probability, FOUND), bootstrap),
        FOUND_AT_THRESHOLD: sales.shares(probability >= threshold, bootstrap),
        CALIBRATION_ERROR: compared.measured(model, CALIBRATION_ERROR),
        PROFIT: outcome.profits(bootstrap),
    }


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """The table of `Contest.table` as a reader wants it: an origin and predictor a row, counts and values."""
    columns = ["rows", "sales", "threshold", *METRICS]
    return table.set_index(table.origin.dt.strftime("%Y-%m-%d") + " " + table.model)[columns]
