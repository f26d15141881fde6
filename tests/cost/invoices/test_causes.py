"""Causes of a variance: each injected alone is found with its amount, and they always add up."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cost.invoices.causes import Cause, Comparison, Ours, Theirs
from cost.invoices.decimals import added, decimal, settled

CENTS = Comparison(Fraction(1, 200))
EXACT = Comparison(Fraction(0))


def theirs(quantity, amount, lines=1):
    return Theirs(
        None if quantity is None else Fraction(quantity),
        None if amount is None else Fraction(amount),
        lines,
    )


def ours(priced, cost, **more):
    return Ours(Fraction(priced), Fraction(cost), **{k: Fraction(v) for k, v in more.items()})


def explained(found):
    assert sum(found.causes.values(), Fraction(0)) == found.theirs - found.ours
    return {cause: Fraction(money) for cause, money in found.causes.items()}


@pytest.mark.parametrize(
    ("mine", "other", "expected"),
    [
        (ours(1000, "2"), theirs(1000, "2"), {}),
        (ours(800, "1.6"), theirs(1000, "2"), {Cause.MISSING_TELEMETRY: "0.4"}),
        (ours(0, 0), theirs(1000, "2"), {Cause.MISSING_TELEMETRY: "2"}),
        (ours(1000, "2"), theirs(1000, "3"), {Cause.PRICE: "1"}),
        (ours(1000, "2.004"), theirs(1000, "2.00"), {Cause.ROUNDING: "-0.004"}),
        (ours(1200, "2.4", doubled=200), theirs(1000, "2"), {Cause.DOUBLE_COUNT: "-0.4"}),
        (ours(1200, "2.4"), theirs(1000, "2"), {Cause.NOT_BILLED: "-0.4"}),
        (ours(1000, "2"), Theirs(), {Cause.NOT_BILLED: "-2"}),
        (ours(0, 0, unpriced=1000), theirs(1000, "2"), {Cause.UNPRICED: "2"}),
        (ours(600, "1.2", unpriced=400), theirs(1000, "2"), {Cause.UNPRICED: "0.8"}),
        (ours(0, 0, foreign=1000), theirs(1000, "2"), {Cause.CURRENCY: "2"}),
        (ours(1000, "2"), theirs(None, "3"), {Cause.UNEXPLAINED: "1"}),
        (ours(1000, "2"), theirs(None, "2.004"), {Cause.ROUNDING: "0.004"}),
        (ours(0, 0), theirs(None, "3"), {Cause.MISSING_TELEMETRY: "3"}),
        (ours(1000, "2"), theirs(0, "5"), {Cause.OTHER_CHARGES: "5", Cause.NOT_BILLED: "-2"}),
    ],
)
def test_one_cause_alone(mine, other, expected):
    found = CENTS.explain({"": other}, {"": mine})
    assert explained(found) == {cause: Fraction(money) for cause, money in expected.items()}


def test_a_tier_that_telemetry_did_not_say():
    """They bill half of it as batch; here all of it counted as standard."""
    found = CENTS.explain(
        {"": theirs(500, "1"), "batch": theirs(500, "0.5")}, {"": ours(1000, "2")}
    )
    assert explained(found) == {Cause.TIER: Fraction("-0.5")}
    assert found.quantities == {Cause.TIER: 500}


def test_an_unnamed_discount_is_known_by_the_price_book():
    prices = {"batch": Fraction("0.001")}
    found = CENTS.explain({None: theirs(1000, "1")}, {"": ours(1000, "2")}, prices)
    assert explained(found) == {Cause.TIER: Fraction(-1)}
    found = CENTS.explain({None: theirs(1000, "1.5")}, {"": ours(1000, "2")}, prices)
    assert explained(found) == {Cause.PRICE: Fraction("-0.5")}


def test_a_file_without_tiers_is_compared_with_all_of_ours():
    mine = {"": ours(500, "1"), "batch": ours(500, "0.5")}
    assert explained(CENTS.explain({None: theirs(1000, "1.5")}, mine)) == {}


def test_causes_together_in_one_key():
    mine = ours(1100, "2.2", unpriced=300, doubled=100)
    found = EXACT.explain({"": theirs(1500, "4.5")}, {"": mine})
    assert explained(found) == {
        Cause.PRICE: Fraction("1.1"),
        Cause.UNPRICED: Fraction("0.9"),
        Cause.MISSING_TELEMETRY: Fraction("0.3"),
    }


def test_rounding_does_not_hide_what_is_missing():
    found = CENTS.explain({"": theirs(1500, "3.01")}, {"": ours(1000, "2.004")})
    assert explained(found) == {
        Cause.ROUNDING: Fraction("0.004"),
        Cause.MISSING_TELEMETRY: Fraction("1.002"),
    }


def test_a_usage_export_without_money_is_valued_at_our_price():
    found = CENTS.explain({"": theirs(1500, None)}, {"": ours(1000, "2")})
    assert explained(found) == {Cause.MISSING_TELEMETRY: Fraction(1)}


NUMBERS = st.fractions(min_value=0, max_value=10**6, max_denominator=1000)
TIERS = st.sampled_from([None, "", "batch", "flex"])
THEIRS = st.dictionaries(
    TIERS,
    st.builds(Theirs, st.none() | NUMBERS, st.none() | NUMBERS, st.integers(1, 5)),
    max_size=4,
)
OURS = st.dictionaries(
    st.sampled_from(["", "batch", "flex"]),
    st.builds(Ours, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    max_size=3,
)


def test_parts_of_more_than_28_digits_add_up():
    money = Fraction(3131396000292, 313)
    total = decimal(money + Fraction(5, 10**18))
    assert settled({Cause.MISSING_TELEMETRY: money}, total) == {Cause.MISSING_TELEMETRY: total}


@given(THEIRS, OURS, st.sampled_from([CENTS, EXACT]))
@settings(max_examples=400, deadline=None)
def test_causes_always_add_up(their_side, our_side, comparison):
    found = comparison.explain(their_side, our_side, {"batch": Fraction(1, 7)})
    explained(found)
    total = decimal(found.theirs - found.ours)
    assert added(settled(found.causes, total).values()) == total
