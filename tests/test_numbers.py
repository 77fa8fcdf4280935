import math

import pytest

from willbuy.numbers import interval, number


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (0.02168, "0.0217"), (3.9, "3.9"), (10720.6, "10,721"), (-0.5, "-0.5"), (1e-7, "1.00e-07")],
)
def test_a_number_has_three_digits_and_its_whole_part(value, written):
    assert number(value) == written
    assert number(math.nan) == "–"


@pytest.mark.parametrize(
    ("estimate", "written"),
    [
        ((0.37512, 0.36104, 0.38903), "0.375 [0.361, 0.389]"),
        ((0.001304, 0.000846, 0.002211), "0.0013 [0.0008, 0.0022]"),
        ((10720.4, 9911.2, 11530.9), "10,720 [9,911, 11,531]"),
        ((0.352, 0.25, 0.55), "0.352 [0.250, 0.550]"),
        ((2.61, 1.04, 4.32), "2.6 [1.0, 4.3]"),
        ((0.1, 0.09999999999999998, 0.1), "0.1 [0.1, 0.1]"),
        ((0.5, 0.5, 0.5), "0.5 [0.5, 0.5]"),
        ((0.5, math.nan, math.nan), "0.5 [–, –]"),
    ],
)
def test_an_interval_is_written_to_the_digit_that_its_width_bears(estimate, written):
    assert interval(*estimate).replace("\N{NO-BREAK SPACE}", " ") == written
