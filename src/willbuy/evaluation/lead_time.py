"""How early the model knows: positives by the time left to their purchase, and what a probability is made of."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from willbuy.evaluation.comparison import compare
from willbuy.evaluation.intervals import Estimate, UserBootstrap, estimate
from willbuy.evaluation.sales import Sales
from willbuy.models.predictors import XGBOOST
from willbuy.profile.decisions import LEADS

BANDS = (0.0, 0.01, 0.05, 0.20, 0.50, 1.0)


def leads(example_ids: pd.Series, waits: pd.DataFrame) -> np.ndarray:
    """For each decision point its place in LEADS by `waits` (`decisions.until_purchase`); -1 for a negative one."""
    known = pd.Series(waits.lead.map(LEADS.index).to_numpy(), index=waits.example_id)
    return known.reindex(example_ids).fillna(-1).astype(np.int64).to_numpy()


def by_lead(
    lead: np.ndarray, probabilities: np.ndarray, sales: Sales, threshold: float, bootstrap: UserBootstrap
) -> pd.DataFrame:
    """A row for each of LEADS that has positive decision points: these against all negative ones.

    `base_rate` is theirs among these rows, `pr_auc` has its interval, `mean_probability` is that of the positives.
    `sales` are those with a decision point at this lead; `sales_found` is the share of them for which such a one is at
    the threshold or above.
    """
    some = [n for n in range(len(LEADS)) if (lead == n).any()]
    rows = [_at(lead == n, lead < 0, probabilities, sales, threshold, bootstrap) for n in some]
    return pd.DataFrame(rows, index=pd.Index([LEADS[n] for n in some], name="lead"))


def _at(here, negative, probabilities, sales, threshold, bootstrap) -> dict[str, int | float | Estimate]:
    rows = here | negative
    compared = compare(here[rows], {XGBOOST: probabilities[rows]}, bootstrap.of(rows))
    return {
        "decision_points": int(here.sum()),
        "base_rate": float(here[rows].mean()),
        "pr_auc": compared.estimate(XGBOOST, "pr_auc"),
        "mean_probability": float(probabilities[here].mean()),
        "sales": int(sales.touched(here).sum()),
        "sales_found": sales.share(here & (probabilities >= threshold), bootstrap, among=here),
    }


def calibration(lead: np.ndarray, probabilities: np.ndarray, bootstrap: UserBootstrap) -> pd.DataFrame:
    """What a probability is made of: a row for each band of BANDS that holds decision points.

    A probability is of a purchase at any time that the label counts, so only the sum over the leads can be right or
    wrong: `predicted` (the mean probability) beside `observed` (the rate, with its interval). Each of LEADS has a
    column with its part of that rate.
    """
    band = np.clip(np.digitize(probabilities, BANDS) - 1, 0, len(BANDS) - 2)
    drawn = bootstrap.rates((lead >= 0).astype(float), band, len(BANDS) - 1)
    rows = [_band(lead[band == b], probabilities[band == b], drawn[:, b]) for b in np.unique(band)]
    names = [f"{BANDS[b]:.0%} to {BANDS[b + 1]:.0%}" for b in np.unique(band)]
    return pd.DataFrame(rows, index=pd.Index(names, name="probability"))


def _band(lead: np.ndarray, probabilities: np.ndarray, drawn: np.ndarray) -> dict[str, int | float | Estimate]:
    parts = {name: float((lead == n).mean()) for n, name in enumerate(LEADS)}
    observed = estimate(float((lead >= 0).mean()), drawn)
    return {"decision_points": len(lead), "predicted": float(probabilities.mean()), "observed": observed, **parts}


def as_dict(by_lead: pd.DataFrame, calibration: pd.DataFrame) -> Mapping[str, list[dict]]:
    """Both tables as lists of records, for `metrics.json`."""
    return {
        "by_lead": by_lead.reset_index().to_dict("records"),
        "calibration": calibration.reset_index().to_dict("records"),
    }


def verdict(by_lead: pd.DataFrame) -> str:
    """How much time is left at the positive decision points, and of how many sales the model knows by then."""
    shares = by_lead.decision_points / by_lead.decision_points.sum()
    left = ", ".join(f"{lead} {share:.0%}" for lead, share in shares.items())
    found = ", ".join(f"{lead} {share.value:.0%}" for lead, share in by_lead.sales_found.items())
    return (
        f"Time left to the purchase at the positive decision points: **{left}**. "
        f"Share of the sales that the threshold finds with that much time left: **{found}**."
    )
