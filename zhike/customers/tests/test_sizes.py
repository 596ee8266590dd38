"""Size classes (R1.6): one case per boundary of every row of the table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.customers.rules.sizes import size_class

# Row of the domain table: code, then large/medium/small for staff, revenue, assets.
ROWS = {
    "A01": (None, (20000, 500, 50), None),
    "B06": ((1000, 300, 20), (40000, 2000, 300), None),
    "C39": ((1000, 300, 20), (40000, 2000, 300), None),
    "D46": ((1000, 300, 20), (40000, 2000, 300), None),
    "E47": (None, (80000, 6000, 300), (80000, 5000, 300)),
    "F51": ((200, 20, 5), (40000, 5000, 1000), None),
    "F52": ((300, 50, 10), (20000, 500, 100), None),
    "G54": ((1000, 300, 20), (30000, 3000, 200), None),
    "G58": ((1000, 300, 20), (30000, 3000, 200), None),
    "G591": ((1000, 300, 20), (30000, 3000, 200), None),
    "G592": ((200, 100, 20), (30000, 1000, 100), None),
    "G60": ((1000, 300, 20), (30000, 2000, 100), None),
    "H61": ((300, 100, 10), (10000, 2000, 100), None),
    "H62": ((300, 100, 10), (10000, 2000, 100), None),
    "I63": ((2000, 100, 10), (100000, 1000, 100), None),
    "I64": ((2000, 100, 10), (100000, 1000, 100), None),
    "I65": ((300, 100, 10), (10000, 1000, 50), None),
    "K7010": (None, (200000, 1000, 100), (10000, 5000, 2000)),
    "K702": ((1000, 300, 100), (5000, 1000, 500), None),
    "L71": ((300, 100, 10), None, (120000, 8000, 100)),
    "L72": ((300, 100, 10), None, (120000, 8000, 100)),
    "M73": ((300, 100, 10), None, None),
    "N79": ((300, 100, 10), None, None),
    "O80": ((300, 100, 10), None, None),
    "R86": ((300, 100, 10), None, None),
    "Q85": ((300, 100, 10), None, None),
    "K703": ((300, 100, 10), None, None),
    "K709": ((300, 100, 10), None, None),
}
CLASSES = ("LARGE", "MEDIUM", "SMALL", "MICRO")


@pytest.mark.parametrize("code", ROWS)
@pytest.mark.parametrize("level", [0, 1, 2])
def test_bounds(code, level):
    at = [bounds[level] if bounds else None for bounds in ROWS[code]]
    assert size_class(code, *at) == CLASSES[level]
    for place, bounds in enumerate(ROWS[code]):
        if bounds:
            below = [*at[:place], bounds[level] - 1, *at[place + 1 :]]
            assert size_class(code, *below) == CLASSES[level + 1]


def test_examples_of_the_standard():
    assert size_class("I65", 103, 15735) == "MEDIUM"
    assert size_class("C13", 1500, 1999) == "SMALL"


@pytest.mark.parametrize("code", ["J66", "P83", "S91", "T97", "G53", "Q84", "J", "P"])
def test_not_covered(code):
    assert size_class(code, 1000, 1000, 1000) == "NOT_APPLICABLE"


def test_missing_figures():
    assert size_class("", 100, 100) == "UNKNOWN"
    assert size_class("C39", 1000) == "UNKNOWN"
    assert size_class("C39", 19) == "MICRO"
    assert size_class("C39", None, 299) == "MICRO"
    assert size_class("F", 1000, 50000) == "UNKNOWN"


@given(
    st.sampled_from(sorted(ROWS)),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 9),
)
def test_more_never_makes_smaller(code, staff, revenue, assets, more):
    before, after = (
        size_class(code, staff, revenue, assets),
        size_class(code, staff + more, revenue + more, assets + more),
    )
    assert CLASSES.index(after) <= CLASSES.index(before)
