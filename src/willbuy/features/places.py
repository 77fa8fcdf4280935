"""A hash table of item numbers: each gets the next place when it first turns up.

Open addressing, since the numbers are hashes already. In numpy, finding some hundred items would cost as much as
computing their features.
"""

import numpy as np

from willbuy.compiled import entry, part


def slots(items: int) -> np.ndarray:
    """An empty table with room for `items` of them."""
    return np.full(1 << (2 * items).bit_length(), -1)


@part
def _slot(number, slots, items):
    """The slot of the number: the one that holds its place, or else the free one (-1) where its place would go."""
    slot = number & (len(slots) - 1)
    while slots[slot] >= 0 and items[slots[slot]] != number:
        slot = (slot + 1) & (len(slots) - 1)
    return slot


@entry
def place(numbers, slots, items, known, places):
    """Write the place of each number into `places`; new ones go to the end of `items`, of which `known` are filled.

    Returns how many are known now.
    """
    for n in range(len(numbers)):
        slot = _slot(numbers[n], slots, items)
        if slots[slot] < 0:
            slots[slot], items[known] = known, numbers[n]
            known += 1
        places[n] = slots[slot]
    return known


@entry
def find(numbers, slots, items, places):
    """Write the place of each number into `places`, -1 where it has none."""
    for n in range(len(numbers)):
        places[n] = slots[_slot(numbers[n], slots, items)]
