"""The keys that tell an event from its copies."""

import numpy as np

from app.online.records import content_keys, to_records

NULL, OTHER_NAN = np.array([np.nan]), np.array([0x7FF8000000000001]).view(float)


def key(time=1, item=2, kind=0, price=1.0, seconds=2.0):
    (record,) = to_records([time], [item], [kind], np.array([price]), np.array([seconds]))
    return record["key"]


def test_an_event_without_an_id_goes_by_all_that_it_says_and_nothing_else():
    assert key() == key()
    others = [
        key(time=2),
        key(item=3),
        key(kind=1),
        key(price=1.001),
        key(price=np.nan),
        key(price=2.0, seconds=1.0),
        key(seconds=0),
    ]
    assert len({key(), *others}) == 8
    assert key(price=0.0) == key(price=-0.0)


def test_a_null_has_one_key_whatever_its_bits_and_a_copy_has_another():
    record = to_records([1], [2], [0], NULL, NULL)
    assert content_keys(record, NULL, NULL) == content_keys(record, OTHER_NAN, NULL) == record["key"]
    assert content_keys(record, NULL, NULL, 1) != record["key"]
