import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from willbuy.features import places

NUMBERS = st.lists(st.one_of(st.integers(-4, 4), st.integers(-(2**63), 2**63 - 1)))


@settings(deadline=None)
@given(columns=st.lists(NUMBERS, min_size=1, max_size=4), wanted=NUMBERS)
def test_numbers_get_places_in_the_order_in_which_they_turn_up(columns, wanted):
    total = sum(map(len, columns))
    slots, items, known = places.slots(total), np.empty(total, np.int64), 0
    expected = {number: place for place, number in enumerate(dict.fromkeys(n for column in columns for n in column))}
    for column in columns:
        found = np.empty(len(column), np.int64)
        known = places.place(np.array(column, np.int64), slots, items, known, found)
        assert found.tolist() == [expected[number] for number in column]
    assert items[:known].tolist() == list(expected)
    found = np.empty(len(wanted), np.int64)
    places.find(np.array(wanted, np.int64), slots, items, found)
    assert found.tolist() == [expected.get(number, -1) for number in wanted]
