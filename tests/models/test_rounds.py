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


def test_too_few_buyers_share_the_word_with_rolling_origins_of_train(find, train, encoding, settings, validation):
    few = validation[validation.user_id.isin({"u1", "u2", "u3"})]
    losses = list(rounds._rolling(train, encoding, 7, settings | {"verbose_every": 0}))
    watched = (encoding.matrix(few), few.label)
    losses.append(len(few) * boosted.watched([(train, None)], encoding, watched, **settings, verbose_every=0).losses)
    longest = max(map(len, losses))
    summed = np.sum([np.append(each, [each[-1]] * (longest - len(each))) for each in losses], axis=0)
    found = find(few)
    assert "3 buyers, and at 2 rolling origins" in found.found
    assert found.number == found.booster.num_boosted_rounds() == 1 + summed.argmin()


def test_at_an_origin_no_label_window_reaches_into_what_is_judged(train, encoding, settings, monkeypatch):
    asked = []
    monkeypatch.setattr(boosted, "watched", lambda rows, _, stopping, **__: asked.append((rows[0][1], stopping)))
    with pytest.raises(AttributeError):  # nothing was boosted
        list(rounds._rolling(train, encoding, 7, settings))
    (known, (matrix, labels)), frame = asked[0], features(6000, seed=1)
    first, last = frame.timestamp.min(), frame.timestamp.max()
    origin = first + (last - first) * 4 / 6
    assert frame.timestamp[known].max() + np.timedelta64(7, "D") < origin
    judged = frame[(frame.timestamp >= origin) & (frame.timestamp <= first + (last - first) * 5 / 6)]
    assert len(labels) == len(matrix) == len(judged)


def test_an_origin_without_both_labels_says_nothing(find, validation, monkeypatch):
    monkeypatch.setattr(rounds, "ORIGINS", (0.05,))
    assert "at 0 rolling origins" in find(validation.head(50)).found
