import numpy as np
import pandas as pd
import pytest

from willbuy.shop.circumstances import CHANNEL_CHANCES, CHANNELS, DEVICE_CHANCES, DEVICES, evidence


def shares(numbers, count):
    return np.bincount(numbers, minlength=count) / len(numbers)


def close(found, chances, draws):
    """Within four standard errors of each chance."""
    chances = np.array(chances)
    return (np.abs(found - chances) < 4 * np.sqrt(chances * (1 - chances) / draws)).all()


@pytest.mark.parametrize("sold", [False, True])
def test_the_channel_goes_by_whether_the_first_look_is_to_end_in_a_purchase(parts, sold):
    first = parts.came.landing & (parts.looks.buys == sold)
    channel = parts.came.channel[parts.looks.session[first]]
    assert first.sum() > 200 and close(shares(channel, len(CHANNELS)), CHANNEL_CHANCES[sold], len(channel))


def test_neither_other_looks_nor_an_intent_alone_play_a_part(parts):
    looks, first = parts.looks, parts.came.landing
    sold = np.zeros(len(parts.sessions), bool)
    sold[looks.session[first]] = looks.buys[first]
    for others in (~first & looks.buys & ~sold[looks.session], first & looks.intent & ~looks.buys):
        channel = parts.came.channel[np.unique(looks.session[others])]
        assert len(channel) > 200 and close(shares(channel, len(CHANNELS)), CHANNEL_CHANCES[0], len(channel))


@pytest.mark.parametrize("persona", range(3))
def test_the_device_goes_by_the_persona(parts, persona):
    device = parts.came.device[parts.population.persona[parts.sessions.user] == persona]
    assert close(shares(device, len(DEVICES)), DEVICE_CHANCES[persona], len(device))


def test_a_session_has_one_landing_which_its_first_event_belongs_to(shop, events, parts):
    landings = np.bincount(parts.looks.session[parts.came.landing], minlength=len(parts.sessions))
    assert set(landings[np.unique(parts.looks.session)]) == {1}
    line, looks = parts.line, parts.looks
    first = pd.DataFrame({"session": looks.session[line.look], "look": line.look, "time": line.microsecond})
    first = first.sort_values("time").drop_duplicates("session").look
    assert parts.came.landing[first].all()


def test_a_session_has_one_channel_and_one_device(events):
    hour = events.timestamp.dt.floor("h")  # sessions lie within their hour
    each = events.groupby(["user_id", hour])[["context_channel", "context_device"]].nunique()
    assert (each == 1).all(axis=None)
    assert set(events.context_channel) == set(CHANNELS) and set(events.context_device) == set(DEVICES)


def test_chances_are_chances_and_the_evidence_is_their_ratio(parts):
    assert np.allclose(np.sum(CHANNEL_CHANCES, axis=1), 1) and np.allclose(np.sum(DEVICE_CHANCES, axis=1), 1)
    found = evidence(parts.looks, parts.came)
    email = parts.came.landing & (parts.came.channel[parts.looks.session] == CHANNELS.index("email"))
    assert found[email] == pytest.approx(CHANNEL_CHANCES[1][2] / CHANNEL_CHANCES[0][2])
    assert (found[~parts.came.landing] == 1).all()
