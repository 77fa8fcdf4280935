"""Acting on decision points, each sale counted once: the policy, and what comes of it.

The policy: follow each user's decision points on each item in time, and act on the first whose probability is at least
the threshold; then not again on that user and item for `every`. A sale is credited once, if an action on its user and
item lies before it by more than `lead` and by at most `horizon`. Of the credited sales, `effect` is the share that
would not have come by themselves: the shop's assumption, which only an experiment can measure. A sale brings
`sale_value`, or its own price where that is 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from willbuy.clock import DAY_US, HOUR_US, minutes_us
from willbuy.compiled import entry
from willbuy.evaluation.intervals import Estimate, UserBootstrap, estimate
from willbuy.evaluation.sales import pairs, times_us


@dataclass(frozen=True)
class Policy:
    """What an action costs and brings in the shop's currency, and when; times are whole microseconds.

    `sale_value` is what each sale brings; 0: its own price.
    """

    sale_value: float
    action_cost: float
    effect: float
    every: int
    horizon: int
    lead: int = 0

    @classmethod
    def of(
        cls,
        *,
        sale_value: float,
        action_cost: float,
        action_effect: float,
        action_every_hours: float,
        horizon_days: int,
        min_lead_minutes: float = 0,
    ) -> Policy:
        """From the parameters of the same names in `env.yaml`; `action_every_hours` = 0 means the horizon."""
        horizon = horizon_days * DAY_US
        every = round(action_every_hours * HOUR_US) or horizon
        return cls(sale_value, action_cost, action_effect, every, horizon, minutes_us(min_lead_minutes))

    def terms(self) -> dict[str, float]:
        """What the shop assumed, as the parameters of these names."""
        return {
            "sale_value": self.sale_value,
            "action_cost": self.action_cost,
            "action_effect": self.effect,
            "action_every_hours": self.every / HOUR_US,
        }

    def brought(self, purchases: pd.DataFrame) -> np.ndarray:
        """What each of `purchases` (price, if that counts) brings; 0 where the log has no price of it.

        Raises ValueError where prices count and no purchase has one.
        """
        if self.sale_value:
            return np.full(len(purchases), self.sale_value)
        if purchases.price.isna().all():
            raise ValueError("sale_value = 0 takes the price of each sale, and no purchase of this log has one: set it")
        return purchases.price.fillna(0).to_numpy()

    def pays(self, expected: np.ndarray) -> np.ndarray:
        """Where `effect` times the expected value of a sale is more than an action costs; not where it is unknown."""
        return self.effect * expected > self.action_cost

    def profit(self, brought, actions):
        """effect x what the credited sales brought - action_cost x actions."""
        return self.effect * brought - self.action_cost * actions

    def break_even(self, brought: float, actions: int) -> float:
        """The effect from which these actions pay; NaN where no credited sale brought anything."""
        return self.action_cost * actions / brought if brought else float("nan")


class Market:
    """The decision points and the purchases of one log, sorted once, so that many thresholds can be tried."""

    def __init__(self, decisions: pd.DataFrame, purchases: pd.DataFrame, policy: Policy):
        """Both have user_id, item_id and timestamp, `purchases` a price where the policy counts it.

        `purchases` may hold those of other users and times too.
        """
        user, self.users = pd.factorize(pd.concat([decisions.user_id, purchases.user_id]).astype(object))
        pair = np.concatenate(pairs(decisions, purchases))
        time = np.concatenate([times_us(decisions), times_us(purchases)])
        rows = np.lexsort((time, pair))
        # Decision points and purchases apart again, each by pair and time.
        self.policy, self._order = policy, rows[rows < len(decisions)]
        sales = rows[rows >= len(decisions)]
        self._pair, self._time, self._user = pair[self._order], time[self._order], user[self._order]
        self._sale_pair, self._sale_time, self._buyer = pair[sales], time[sales], user[sales]
        self._brings = policy.brought(purchases)[sales - len(decisions)]

    def act(self, probabilities: np.ndarray, threshold: float) -> Outcome:
        """Follow the policy from `threshold` on. `probabilities` has one value a decision point."""
        rows = np.flatnonzero(probabilities[self._order] >= threshold)
        acted, credited = np.zeros(len(rows), bool), np.zeros(len(self._sale_pair), bool)
        _act(self._pair[rows], self._time[rows], self.policy.every, acted)
        rows = rows[acted]
        sales = self._sale_pair, self._sale_time
        _credit(self._pair[rows], self._time[rows], *sales, self.policy.lead, self.policy.horizon, credited)
        return Outcome(self, self._user[rows], self._buyer[credited], self._brings[credited])


@dataclass(frozen=True)
class Outcome:
    """The user of each action and of each credited sale, as places in `market.users`, and what that sale `brings`."""

    market: Market
    acted_on: np.ndarray
    credited: np.ndarray
    brings: np.ndarray

    @property
    def brought(self) -> float:
        """What the credited sales brought, however they came."""
        return float(self.brings.sum())

    @property
    def profit(self) -> float:
        """Money, by the policy."""
        return float(self.market.policy.profit(self.brought, len(self.acted_on)))

    def estimate(self, bootstrap: UserBootstrap, effect: float | None = None) -> Estimate:
        """The profit with its interval over users; also if the policy's effect were another one."""
        return estimate(*self.profits(bootstrap, effect))

    def profits(self, bootstrap: UserBootstrap, effect: float | None = None) -> tuple[float, np.ndarray]:
        """The same profit, and its value in each resample."""
        policy = self.market.policy if effect is None else replace(self.market.policy, effect=effect)
        users = self.market.users
        brought = bootstrap.totals(users[self.credited], self.brings)
        actions = bootstrap.totals(users[self.acted_on])
        return policy.profit(self.brought, len(self.acted_on)), policy.profit(brought, actions)

    @property
    def break_even(self) -> float:
        """The `action_effect` from which these actions pay; NaN where no credited sale brought anything."""
        return self.market.policy.break_even(self.brought, len(self.acted_on))

    @property
    def users(self) -> int:
        """How many different users were acted on."""
        return len(np.unique(self.acted_on))


@entry
def _act(pair, time, every, acted):
    """Mark the actions among rows at the threshold or above, sorted by pair and time."""
    last_pair, last = -1, 0
    for n in range(len(pair)):
        if pair[n] != last_pair or time[n] - last >= every:
            acted[n] = True
            last_pair, last = pair[n], time[n]


@entry
def _credit(pair, time, sale_pair, sale_time, lead, horizon, credited):
    """Mark the sales that have an action before them, within the horizon and by more than the lead."""
    first = 0
    for s in range(len(sale_pair)):
        opens = sale_time[s] - horizon
        while first < len(pair) and (
            pair[first] < sale_pair[s] or (pair[first] == sale_pair[s] and time[first] < opens)
        ):
            first += 1
        # The earliest action in reach decides: if that one is too late, so are all after it.
        credited[s] = first < len(pair) and pair[first] == sale_pair[s] and sale_time[s] - time[first] > lead
