"""Shared cost is spread to the last digit, whatever the weights."""

import random
from decimal import Decimal

import pytest

from cost.reports.allocation import spread
from cost.reports.amounts import EXACT, exactly


def test_the_largest_remainders_get_the_last_digits():
    parts = spread(Decimal("1.00"), {0: Decimal(1), 1: Decimal(1), 2: Decimal(1)}, 2)
    assert parts == {0: Decimal("0.34"), 1: Decimal("0.33"), 2: Decimal("0.33")}
    parts = spread(Decimal("0.10"), {0: Decimal(5), 1: Decimal(25), 2: Decimal(70)}, 2)
    assert parts == {0: Decimal("0.01"), 1: Decimal("0.02"), 2: Decimal("0.07")}


def test_a_credit_is_spread_too():
    parts = spread(Decimal("-1.00"), {0: Decimal(1), 1: Decimal(2)}, 2)
    assert parts == {0: Decimal("-0.33"), 1: Decimal("-0.67")}


@pytest.mark.parametrize("places", [18, 36])
def test_parts_come_to_the_amount_and_stay_within_a_digit_of_their_share(places):
    # Built-in abs and minus would round to 28 digits.
    rng = random.Random(places)
    for _ in range(300):
        amount = Decimal(rng.randrange(-(10**30), 10**30)).scaleb(-18)
        weights = {
            at: Decimal(rng.randrange(1, 10**25)).scaleb(-18) for at in range(rng.randrange(1, 9))
        }
        parts = spread(amount, weights, places)
        assert exactly(parts.values()) == amount
        whole = int(exactly(weights.values()).scaleb(18, context=EXACT))
        units = int(amount.copy_abs().scaleb(places, context=EXACT))
        for at, part in parts.items():
            low = units * int(weights[at].scaleb(18, context=EXACT)) // whole
            assert int(part.copy_abs().scaleb(places, context=EXACT)) - low in (0, 1)
