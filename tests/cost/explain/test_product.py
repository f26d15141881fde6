"""The split of a product's change: complete, symmetric, and what the definition says."""

import doctest
import itertools
import math
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost.explain import product

numbers = st.decimals(-1000, 1000, places=3)
pairs = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5)


@pytest.fixture(autouse=True)
def _exact():
    with localcontext(product.CONTEXT):
        yield


def by_definition(before, after):
    """Average every factor's effect over all orders, in fractions."""
    found = [Fraction(0)] * len(before)
    orders = list(itertools.permutations(range(len(before))))
    for order in orders:
        values = [Fraction(value) for value in before]
        for i in order:
            old = math.prod(values)
            values[i] = Fraction(after[i])
            found[i] += math.prod(values) - old
    return [value / len(orders) for value in found]


@given(pairs)
def test_shares_are_the_average_over_all_orders(given_pairs):
    before, after = zip(*given_pairs, strict=True)
    for found, wanted in zip(
        product.shares(before, after), by_definition(before, after), strict=True
    ):
        assert abs(Fraction(found) - wanted) <= Fraction(1, 10**6) * (1 + abs(wanted))


@given(pairs)
def test_rounded_shares_sum_to_the_change(given_pairs):
    before, after = zip(*given_pairs, strict=True)
    change = math.prod(after) - math.prod(before)
    names = [str(i) for i in range(len(before))]
    parts = dict(zip(names, product.shares(before, after), strict=True))
    assert sum(product.rounded(parts, change).values(), Decimal(0)) == change


@given(pairs, st.randoms())
def test_the_order_of_factors_does_not_matter(given_pairs, rng):
    mixed = list(enumerate(given_pairs))
    rng.shuffle(mixed)
    straight = product.shares(*zip(*given_pairs, strict=True))
    shuffled = product.shares(*zip(*(pair for _, pair in mixed), strict=True))
    for place, (i, _) in enumerate(mixed):
        assert abs(shuffled[place] - straight[i]) <= Decimal("1e-6")


def test_a_factor_that_stood_still_has_no_share():
    found = product.shares([Decimal(2), Decimal(7), Decimal(5)], [Decimal(3), Decimal(7), 0])
    assert found[1] == 0
    assert sum(found) == -70


def test_the_remainder_goes_to_the_largest_part():
    parts = {"small": Decimal("-0.1"), "large": Decimal(-2) / 3}
    found = product.rounded(parts, Decimal("-0.766666666666666667"))
    assert found["small"] == Decimal("-0.1")
    assert found["large"] == Decimal("-0.666666666666666667")


def test_the_examples_hold():
    assert doctest.testmod(product).failed == 0
