"""Random worlds: whatever happened, the parts add up to the change to the last digit."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cost.explain.effects import EFFECTS
from cost.explain.explanation import DIMENSIONS
from cost.explain.product import CONTEXT
from tests.cost.explain.worlds import effects, explained, many_rows

few = st.integers(0, 3)
counts = st.integers(0, 40)
prices = st.none() | st.decimals(0, 100, places=9)
meters = st.sampled_from(
    ["input", "cache_read", "cache_write", "output", "reasoning", "gpu_seconds"]
)

usual = st.fixed_dictionaries(
    {
        "number": counts,
        "retries": few,
        "model": st.sampled_from(["gpt-x", "gpt-y"]),
        "tenant": st.sampled_from(["a", "b"]),
        "project": st.sampled_from(["", "p"]),
        "prompt": st.sampled_from(["", "rubric"]),
        "by_prompt_version": st.sampled_from(["", "1", "2"]),
        "by_currency": st.sampled_from(["USD", "EUR", "JPY"]),
        "by_day": st.sampled_from(["", "1", "2"]),
        "call": st.dictionaries(meters, st.decimals(0, 5000, places=3), max_size=4),
        "prices": st.dictionaries(meters, prices, max_size=4),
        "requests_price": prices,
    }
)
#: Bookings by themselves: corrections, late prices, reversals, shortfalls; also what no source
#: should ever write, as a negative count.
booked = st.fixed_dictionaries(
    {
        "by_model": st.sampled_from(["gpt-x", "gpt-y"]),
        "by_retry": st.booleans(),
        "by_meter": meters | st.just("requests"),
        "by_shortfall": st.booleans(),
        "by_currency": st.sampled_from(["", "USD", "EUR"]),
        "quantity": st.just(Decimal(0)) | st.decimals(-500, 500, places=2),
        "cost": st.just(Decimal(0)) | st.decimals(-500, 500, places=18),
        "events": st.integers(-2, 3),
        "unpriced": st.integers(-2, 2),
    }
)
windows = st.lists(usual, max_size=4).flatmap(
    lambda kinds: st.lists(booked, max_size=3).map(lambda rows: many_rows(kinds, rows))
)
rates = st.dictionaries(
    st.tuples(st.sampled_from(["EUR", "JPY"]), st.sampled_from(["", "1", "2"])),
    st.decimals("0.0001", 200, places=18),
)
days = st.tuples(*[st.sampled_from([Decimal(1), Decimal(7), Decimal(31), Decimal("0.25")])] * 2)


@pytest.fixture(autouse=True)
def _exact():
    """Add up here without rounding, as otherwise 28 digits would do."""
    with localcontext(CONTEXT):
        yield


def total(rows, rates, divisor):
    """Add up money independently: exact but for the last digit a division leaves in each row."""
    return (
        sum(
            (row["cost"] * rates.get((row["by_currency"], row["by_day"]), 1) for row in rows),
            Decimal(0),
        )
        / divisor
    )


@settings(max_examples=300, deadline=None)
@given(windows, windows, rates, days)
def test_effects_add_up_to_the_change_and_values_to_the_whole(before, after, rates, days):
    found = explained(before, after, rates=rates, days=days)
    whole = found.total
    assert sum(whole.effects.values(), Decimal(0)) == whole.delta
    assert whole.effects.keys() <= EFFECTS.keys()
    assert abs(whole.baseline - total(before, rates, days[0])) < Decimal("1e-15")
    assert abs(whole.current - total(after, rates, days[1])) < Decimal("1e-15")
    for name in DIMENSIONS:
        values = found.by[name].values()
        assert sum((one.delta for one in values), Decimal(0)) == whole.delta
        for effect in EFFECTS:
            parts = (one.effects.get(effect, Decimal(0)) for one in values)
            assert sum(parts, Decimal(0)) == whole.effects.get(effect, Decimal(0)), effect
        for one in values:
            assert sum(one.effects.values(), Decimal(0)) == one.delta


@settings(max_examples=100, deadline=None)
@given(windows, windows, st.integers(1, 3))
def test_the_largest_values_and_the_rest_add_up_to_the_whole(before, after, limit):
    found = explained(before, after)
    items = found.items(limit)
    for name in DIMENSIONS:
        shown = [item for item in items if item.dimension == name]
        assert len(shown) <= limit + 1
        assert sum(item.values for item in shown) == len(found.by[name])
        assert sum((item.movement.delta for item in shown), Decimal(0)) == found.total.delta
        for side in (0, 1):
            counted = sum(item.movement.events[side] for item in shown)
            assert counted == found.total.events[side]


@settings(max_examples=100, deadline=None)
@given(windows, windows)
def test_the_way_back_is_the_opposite(before, after):
    there, back = effects(explained(before, after)), effects(explained(after, before))
    for name in EFFECTS:
        away = there.get(name, Decimal(0)) + back.get(name, Decimal(0))
        assert abs(away) < Decimal("1e-14"), name


def test_a_meter_in_two_units_goes_back_the_way_it_came():
    booking = {"by_model": "gpt-x", "by_retry": True, "by_meter": "requests", "by_currency": ""}
    counts = {"quantity": Decimal("0.01"), "cost": Decimal(1), "events": 0, "unpriced": 0}
    booking["by_shortfall"] = False
    nothing = {"quantity": Decimal(0), "cost": Decimal(0), "by_retry": False}
    before = many_rows([], [{**booking, **counts, **nothing}, {**booking, **counts}])
    after = many_rows([{"number": 0, "retries": 0}])
    there, back = effects(explained(before, after)), effects(explained(after, before))
    assert there == {name: -value for name, value in back.items()}


@settings(max_examples=100, deadline=None)
@given(windows)
def test_the_same_window_twice_has_no_effect(rows):
    found = explained(rows, rows)
    assert effects(found) == {}
    assert found.total.delta == 0


@settings(max_examples=100, deadline=None)
@given(st.lists(usual, min_size=1, max_size=4), st.integers(2, 5))
def test_calls_that_all_grow_alike_are_volume(kinds, times):
    grown = [
        {**kind, "number": kind["number"] * times, "retries": kind["retries"] * times}
        for kind in kinds
    ]
    found = explained(many_rows(kinds), many_rows(grown))
    if all(kind["number"] for kind in kinds):
        assert found.total.effects.keys() <= {"volume"}
    assert sum(found.total.effects.values(), Decimal(0)) == found.total.delta
