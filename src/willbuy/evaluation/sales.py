"""Sales, not rows: one purchase counts once, however many decision points lie before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from willbuy.clock import HOUR_US
from willbuy.evaluation.intervals import Estimate, UserBootstrap, estimate
from willbuy.evaluation.metrics import TOP_SHARES
from willbuy.schema import PURCHASE, QUANTITY

PAIR = ["user_id", "item_id"]
NONE = -1
EARLY = HOUR_US


def read_purchases(path: str | Path) -> pd.DataFrame:
    """Every purchase of the log at `path`: user_id, item_id, timestamp and price, in the order of time.

    The price is that of all pieces, where the log says how many there were.
    """
    known = [QUANTITY.name] if QUANTITY.name in pq.read_schema(path).names else []
    columns = [*PAIR, "timestamp", "price", *known]
    rows = pq.read_table(path, columns=columns, filters=[("event_type", "==", PURCHASE)]).to_pandas()
    for name in known:
        rows["price"] *= rows.pop(name).fillna(1)
    return rows.sort_values("timestamp", kind="stable", ignore_index=True)


@dataclass(frozen=True)
class Sales:
    """The sales that make decision points positive.

    `sale` (one a decision point) numbers the sale that a positive one leads to: the first purchase of its user and
    item that is later by more than the least lead. `lead` is the time from there to that sale in microseconds. Both
    are NONE for a negative one. `user` (one a sale) is the buyer, as a code of the bootstrap.
    """

    sale: np.ndarray
    lead: np.ndarray
    user: np.ndarray

    @classmethod
    def join(
        cls, decisions: pd.DataFrame, purchases: pd.DataFrame, bootstrap: UserBootstrap, least_lead: int = 0
    ) -> Sales:
        """Join `decisions` (user_id, item_id, timestamp, label; any order) with `purchases` (see `read_purchases`).

        `least_lead` is that of the labels, in microseconds.
        Raises ValueError where a positive decision point has no later purchase: the two are not of one log.
        """
        positive = decisions.label.to_numpy() == 1
        lead = np.where(positive, _until_purchase(decisions, purchases, least_lead), NONE)
        if (lead[positive] == NONE).any():
            raise ValueError("a positive decision point has no purchase after it: split and the log disagree")
        pair, _ = pairs(decisions, purchases)
        bought = pd.DataFrame({"pair": pair, "time": times_us(decisions) + lead})[positive]
        sale = np.full(len(decisions), NONE)
        sale[positive] = bought.groupby(["pair", "time"], sort=False).ngroup()
        user = np.zeros(sale.max(initial=NONE) + 1, np.int64)
        user[sale[positive]] = bootstrap.codes[positive]
        return cls(sale, lead, user)

    def __len__(self) -> int:
        return len(self.user)

    def touched(self, chosen: np.ndarray) -> np.ndarray:
        """For each sale: does any of the `chosen` decision points (a mask) lead to it?"""
        hit = np.zeros(len(self), bool)
        hit[self.sale[chosen & (self.sale != NONE)]] = True
        return hit

    def share(self, chosen: np.ndarray, bootstrap: UserBootstrap, among: np.ndarray | None = None) -> Estimate:
        """The share of sales that the `chosen` decision points lead to, with its interval over users.

        All sales count, or only those that the decision points of the mask `among` lead to.
        """
        return estimate(*self.shares(chosen, bootstrap, among))

    def shares(
        self, chosen: np.ndarray, bootstrap: UserBootstrap, among: np.ndarray | None = None
    ) -> tuple[float, np.ndarray]:
        """The same share, and its value in each resample."""
        of = np.ones(len(self), bool) if among is None else self.touched(among)
        hit = self.touched(chosen) & of
        users = bootstrap.counts.shape[1]
        found, total = (bootstrap.counts @ np.bincount(self.user, w, users) for w in (hit, of))
        drawn = np.divide(found, total, out=np.full(len(found), np.nan), where=total > 0)
        return float(hit.sum() / of.sum()) if of.any() else np.nan, drawn


def pairs(decisions: pd.DataFrame, purchases: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """A number for each user and item: of every decision point, and of every purchase."""
    both = pd.concat([decisions[PAIR], purchases[PAIR]], ignore_index=True).astype(object)
    number = both.groupby(PAIR, sort=False).ngroup().to_numpy()
    return number[: len(decisions)], number[len(decisions) :]


def times_us(frame: pd.DataFrame) -> np.ndarray:
    """The timestamps of `frame` as whole microseconds since 1970."""
    return frame.timestamp.dt.as_unit("us").astype("int64").to_numpy()


def _until_purchase(decisions: pd.DataFrame, purchases: pd.DataFrame, least_lead: int) -> np.ndarray:
    """Microseconds from each decision point to the purchase that comes first after the lead; NONE where none does."""
    mine, theirs = pairs(decisions, purchases)
    opens = times_us(decisions) + least_lead
    left = pd.DataFrame({"time": opens, "pair": mine}).sort_values("time", kind="stable")
    right = pd.DataFrame({"time": times_us(purchases), "pair": theirs}).sort_values("time", kind="stable")
    later = {"direction": "forward", "allow_exact_matches": False}
    joined = pd.merge_asof(left, right.assign(sale=right.time), on="time", by="pair", **later)
    lead = np.empty(len(left), np.int64)
    lead[left.index] = (joined.sale - joined.time + least_lead).fillna(NONE)
    return lead


def top(probabilities: np.ndarray, share: float) -> np.ndarray:
    """A mask of the ceil(`share` x rows) most probable rows; of equal ones the earlier rows come first."""
    chosen = np.zeros(len(probabilities), bool)
    chosen[np.argsort(-probabilities, kind="stable")[: int(np.ceil(share * len(probabilities)))]] = True
    return chosen


def summary(
    sales: Sales, probabilities: np.ndarray, threshold: float, bootstrap: UserBootstrap
) -> Mapping[str, int | Estimate]:
    """`total` sales; the shares of them that the most probable decision points and the threshold find; and `early`.

    A sale is early if a decision point at least an hour before it was at the threshold or above.
    """
    above = probabilities >= threshold
    return {
        "total": len(sales),
        **{f"found_at_{share:.0%}": sales.share(top(probabilities, share), bootstrap) for share in TOP_SHARES},
        "found_at_threshold": sales.share(above, bootstrap),
        "early": sales.share(above & (sales.lead >= EARLY), bootstrap),
    }


def found(
    sales: Sales, decisions: pd.DataFrame, probabilities: np.ndarray, threshold: float, bootstrap: UserBootstrap
) -> pd.DataFrame:
    """What the top 1%, 5% and 10% and `threshold` find: a row each, counted by decision point, by user and by sale.

    Shares are of all decision points, users, positive decision points and sales; `precision` is the share of the
    chosen decision points that lead to a sale.
    """
    chosen = {f"top {share:.0%}": top(probabilities, share) for share in TOP_SHARES}
    chosen["threshold"] = probabilities >= threshold
    rows = {name: _counted(sales, decisions, mask, bootstrap) for name, mask in chosen.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("acted_on")


def _counted(sales: Sales, decisions: pd.DataFrame, chosen: np.ndarray, bootstrap: UserBootstrap) -> dict[str, Any]:
    positive = decisions.label.to_numpy() == 1
    users = decisions.user_id[chosen].nunique()
    return {
        "decision_points": int(chosen.sum()),
        "share_of_decision_points": chosen.mean(),
        "users": users,
        "share_of_users": users / decisions.user_id.nunique(),
        "precision": positive[chosen].mean() if chosen.any() else np.nan,
        "share_of_positive_decision_points": positive[chosen].sum() / max(positive.sum(), 1),
        "sales": int(sales.touched(chosen).sum()),
        "share_of_sales": sales.share(chosen, bootstrap),
    }
