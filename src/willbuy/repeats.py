"""Whether an object in a JSON text holds a name twice, which decoders pass over in silence."""

import numpy as np

from willbuy.compiled import entry, part

DEEPEST, NAMES, OUTERMOST = 64, 1024, 64
QUOTE, BACKSLASH, COLON, COMMA, OPEN, CLOSE, FIRST, LAST = (np.uint8(ord(c)) for c in '"\\:,{}[]')
ONE, MIX = np.uint64(1), np.uint64(0x9E3779B97F4A7C15)
LEFT, RIGHT = np.uint64(5), np.uint64(59)


def may_repeat(text: bytes) -> bool:
    """False if no object of the valid JSON `text` holds a name twice.

    True may be said without need: of a name with an escape, of very deep or very large objects, and seldom of two
    names that differ.
    """
    # A copy: to find out the type of memory that cannot be written to costs Numba microseconds.
    return bool(_may_repeat(np.frombuffer(bytearray(text), np.uint8)))


@entry
def _may_repeat(text):
    objects, names, others = np.zeros(DEEPEST, np.uint64), np.zeros(OUTERMOST, np.uint64), np.zeros(NAMES, np.uint64)
    # Without a sign: Python's meaning of a negative place costs a question at each byte.
    place, end, depth, known, held = np.uint64(0), np.uint64(len(text)), np.uint64(0), np.uint64(0), 0
    here, is_name, outermost = np.uint64(0), False, 0
    while place < end:
        c = text[place]
        if c == QUOTE and not is_name:
            place += ONE
            while text[place] != QUOTE:
                place += ONE + ONE if text[place] == BACKSLASH else ONE
        elif c == QUOTE:
            place += ONE
            hashed = here * MIX
            while text[place] != QUOTE:
                if text[place] == BACKSLASH:
                    return True
                # Turned, as a multiplication takes the time of two such steps.
                hashed = ((hashed << LEFT) | (hashed >> RIGHT)) ^ text[place]
                place += ONE
            outermost += depth == 1
            held += depth > 1
            is_full = outermost > OUTERMOST // 2 or held > NAMES // 2
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
    hashed = (hashed * MIX) | ONE
    slot = hashed >> np.uint64(40) & np.uint64(len(names) - 1)
    while names[slot]:
        if names[slot] == hashed:
            return True
        slot = (slot + ONE) & np.uint64(len(names) - 1)
    names[slot] = hashed
    return False
