"""Whether an object in a JSON text holds a name twice, which decoders pass over in silence."""

import numpy as np

from willbuy.compiled import entry, part

DEEPEST, NAMES = 64, 1024
QUOTE, BACKSLASH, COLON, COMMA, OPEN, CLOSE, FIRST, LAST = (np.uint8(ord(c)) for c in '"\\:,{}[]')
ONE, MIX, PRIME = np.uint64(1), np.uint64(0x9E3779B97F4A7C15), np.uint64(0x100000001B3)


def may_repeat(text: bytes) -> bool:
    """False if no object of the valid JSON `text` holds a name twice.

    True may be said without need: of a name with an escape, of very deep or very large objects, and of one pair of
    names in 2**63.
    """
    return bool(_may_repeat(np.frombuffer(text, np.uint8)))


@entry
def _may_repeat(text):
    objects, names, others = np.zeros(DEEPEST, np.uint64), np.zeros(NAMES, np.uint64), np.zeros(NAMES, np.uint64)
    # Without a sign: Python's meaning of a negative place costs a question at each byte.
    place, end, depth, known, held = np.uint64(0), np.uint64(len(text)), np.uint64(0), np.uint64(0), 0
    here, is_name, outermost = np.uint64(0), False, 0
    while place < end:
        c = text[place]
        if c == QUOTE:
            place += ONE
            hashed = here * MIX
            while text[place] != QUOTE:
                if text[place] == BACKSLASH:
                    if is_name:
                        return True
                    place += ONE
                if is_name:
                    hashed = (hashed ^ text[place]) * PRIME
                place += ONE
            if is_name:
                outermost += depth == 1
                held += depth > 1
                is_full = outermost > NAMES // 2 or held > NAMES // 2
                if is_full or _is_held(hashed, names if depth == 1 else others):
                    return True
                is_name = False
        elif c == COMMA:
            is_name = here > 0
        elif c > COLON:
            if c == OPEN or c == FIRST:
                depth += ONE
                if depth == DEEPEST:
                    return True
                known += ONE
                # A list has no number, and so no names.
                here = objects[depth] = known if c == OPEN else np.uint64(0)
                is_name = c == OPEN
            elif c == CLOSE or c == LAST:
                depth -= ONE
                here = objects[depth]
                if depth <= 2 and held > NAMES // 4:
                    held = 0
                    others[:] = 0
        place += ONE
    return False


@part
def _is_held(hashed, names):
    """Whether the name is among the `names`; it is from now on."""
    hashed = (hashed ^ (hashed >> np.uint64(32))) | ONE
    slot = (hashed >> ONE) & np.uint64(NAMES - 1)
    while names[slot]:
        if names[slot] == hashed:
            return True
        slot = (slot + ONE) & np.uint64(NAMES - 1)
    names[slot] = hashed
    return False
