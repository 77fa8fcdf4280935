"""The clocks of this process are 400 days and some hours ahead."""

import datetime
import time

import pandas  # noqa: F401  compiled code takes hold of the real classes here

SHIFT = 400 * 86_400 + 12_345.678

_time, _time_ns, _gmtime, _localtime = time.time, time.time_ns, time.gmtime, time.localtime
time.time = lambda: _time() + SHIFT
time.time_ns = lambda: _time_ns() + int(SHIFT * 1e9)
time.gmtime = lambda seconds=None: _gmtime(time.time() if seconds is None else seconds)
time.localtime = lambda seconds=None: _localtime(time.time() if seconds is None else seconds)

real_date, real_datetime = datetime.date, datetime.datetime


class Kin(type):
    def __instancecheck__(cls, thing):
        return isinstance(thing, cls.__bases__[0])


class date(real_date, metaclass=Kin):
    __slots__ = ()

    @classmethod
    def today(cls):
        return cls.fromtimestamp(time.time())


class shifted(real_datetime, metaclass=Kin):
    __slots__ = ()

    @classmethod
    def now(cls, tz=None):
        return real_datetime.fromtimestamp(time.time(), tz)

    today = now


datetime.date, datetime.datetime = date, shifted
