"""Whose turn it is: threads that wait for slow bodies are many, those that compute are few.

More would only queue for the interpreter's lock, and for that of the store.
"""

from functools import partial
from queue import SimpleQueue

AT_ONCE = 2
_free: SimpleQueue[None] = SimpleQueue()
take, give = _free.get, partial(_free.put, None)
for _ in range(AT_ONCE):
    give()
