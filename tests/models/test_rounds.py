import numpy as np
import pytest
from feature_rows import features

from willbuy.models import boosted, rounds


@pytest.fixture
def find(train, encoding, settings):
    def found(stopping, **changes):
        matrix = encoding.matrix(stopping)
        return rounds.find(train, stopping, matrix, encoding, 7, **settings | changes, verbose_every=0)

    return found


def test_enough_buyers_stop_the_boosting(find, booster, validation, monkeypatch):
    monkeypatch.setattr(rounds, "LEAST_BUYERS", 50)
    found = find(validation)
    assert found.number == booster.num_boosted_rounds() == found.booster.num_boosted_rounds()
    assert found.booster.save_raw("ubj") == booster.save_raw("ubj")
    assert "50 buyers" in found.found


def test_too_few_buyers_leave_it_to_rolling_origins_of_train(find, validation):
    few = validation[validation.user_id.isin({"u1", "u2", "u3"})]
    found, other = find(few), find(few.assign(label=1 - few.label))
    assert "3 rolling origins" in found.found
    assert found.number == other.number, "what the few say does not count"
    assert found.booster.num_boosted_rounds() == found.number > 3


def test_the_rounds_are_those_of_the_least_loss_over_all_origins(find, train, encoding, settings, validation):
    losses = list(rounds._rolling(train, encoding, 7, settings | {"verbose_every": 0}))
    longest = max(map(len, losses))
    summed = np.sum([np.append(each, [each[-1]] * (longest - len(each))) for each in losses], axis=0)
    assert find(validation.head(20)).number == 1 + summed.argmin()


def test_at_an_origin_no_label_window_reaches_into_what_is_judged(train, encoding, settings, monkeypatch):
    asked = []
    monkeypatch.setattr(boosted, "watched", lambda rows, _, stopping, **__: asked.append((rows[0][1], stopping)))
    with pytest.raises(AttributeError):  # nothing was boosted
        list(rounds._rolling(train, encoding, 7, settings))
    (known, (matrix, labels)), frame = asked[0], features(6000, seed=1)
    first, last = frame.timestamp.min(), frame.timestamp.max()
    origin = first + (last - first) / 2
    assert frame.timestamp[known].max() + np.timedelta64(7, "D") < origin
    judged = frame[(frame.timestamp >= origin) & (frame.timestamp <= first + (last - first) * 4 / 6)]
    assert len(labels) == len(matrix) == len(judged)


def test_where_no_origin_has_both_labels_the_few_decide(find, validation, monkeypatch):
    monkeypatch.setattr(rounds, "ORIGINS", (0.05,))
    assert "buyers" in find(validation.head(50)).found
