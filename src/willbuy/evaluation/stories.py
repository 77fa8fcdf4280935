"""Five single predictions, each told with its reasons: two that were right, two that were wrong, one on the edge."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from willbuy.clock import DAY_US, HOUR_US, minutes_us
from willbuy.models.encoding import Encoding
from willbuy.numbers import number
from willbuy.schema import CART

REASONS = 3  # told on either side
LEAST = 0.05  # of the log-odds: less is no reason
UNITS = {"days": DAY_US, "hours": HOUR_US, "minutes": minutes_us(1), "seconds": minutes_us(1) // 60}


def chosen(decisions: pd.DataFrame, probabilities: np.ndarray, threshold: float) -> dict[str, int]:
    """A title and a row (position) for each story, of different users where there are enough.

    `decisions` have user_id and label. A story that the rows do not hold, such as a missed sale where there is no sale,
    is left out.
    """
    bought = decisions.label.to_numpy() == 1
    # What is told is the row with the least of these, among the rows of the mask.
    wanted = {
        "Most sure, and right": (bought, -probabilities),
        "Most sure, and wrong": (~bought, -probabilities),
        "Missed": (bought, probabilities),
        "An ordinary look": (~bought, np.abs(probabilities - np.median(probabilities))),
        "On the edge of acting": (probabilities >= threshold, probabilities),
    }
    rows: dict[str, int] = {}
    for title, (among, distance) in wanted.items():
        free = among & ~decisions.user_id.isin(decisions.user_id.iloc[list(rows.values())]).to_numpy()
        if free.any():
            rows[title] = int(np.flatnonzero(free)[distance[free].argmin()])
    return rows


def told(
    rows: Mapping[str, int],
    decisions: pd.DataFrame,
    probabilities: np.ndarray,
    leads: np.ndarray,
    contributions: np.ndarray,
    values: np.ndarray,
    encoding: Encoding,
) -> str:
    """The stories of `rows` as a Markdown list.

    `decisions` have user_id, item_id, item_category, event_type, timestamp and label; `leads` (`Sales.lead`) is the
    time to the sale. `contributions` and `values` (a matrix of `encoding`) have one line a story.
    """
    return "\n".join(
        f"- **{title}: {_percent(probabilities[row])}.** {_scene(decisions.iloc[row])} "
        f"{_why(contributions[n], values[n], encoding)} {_outcome(decisions.label.iloc[row], leads[row])}"
        for n, (title, row) in enumerate(rows.items())
    )


def _percent(probability: float) -> str:
    return f"{probability:.1%}" if probability >= 0.001 else f"{number(100 * probability, 1)}%"


def _scene(decision: pd.Series) -> str:
    item = _code(decision.item_id)
    category = "" if pd.isna(decision.item_category) else f" ({_code(decision.item_category)})"
    did = f"put {item}{category} into the cart" if decision.event_type == CART else f"looked at {item}{category}"
    return f"On {decision.timestamp:%Y-%m-%d} at {decision.timestamp:%H:%M} UTC {_code(decision.user_id)} {did}."


def _code(text: str) -> str:
    """The log's own text, which Markdown and HTML leave as it is."""
    return "`" + text.replace("`", "'") + "`"


def _why(contributions: np.ndarray, values: np.ndarray, encoding: Encoding) -> str:
    order = np.argsort(contributions)
    sides = {"For": order[::-1][:REASONS], "Against": order[:REASONS]}
    said = []
    for words, strongest in sides.items():
        sign = 1 if words == "For" else -1
        named = [_reason(j, contributions, values, encoding) for j in strongest if sign * contributions[j] >= LEAST]
        said += [f"{words}: {', '.join(named)}."] if named else []
    return " ".join(said)


def _reason(j: int, contributions: np.ndarray, values: np.ndarray, encoding: Encoding) -> str:
    return f"`{encoding.names[j]}` {_value(j, values, encoding)} (odds × {np.exp(contributions[j]):.2g})"


def _value(j: int, values: np.ndarray, encoding: Encoding) -> str:
    if np.isnan(values[j]):
        return "unknown"
    levels = encoding.levels.get(encoding.names[j])
    return _code(levels[int(values[j])]) if levels else number(float(values[j]))


def _outcome(label: int, lead: int) -> str:
    if not label:
        return "*Not bought within the horizon.*"
    unit, length = next((name, us) for name, us in UNITS.items() if lead >= 2 * us or name == "seconds")
    return f"*Bought {lead / length:.0f} {unit} later.*"
