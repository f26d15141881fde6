"""Worlds where one thing changed: it is the whole change, everything else is 0. By hand."""

from decimal import Decimal

import pytest

from tests.cost.explain.worlds import calls, effects, explained

D = Decimal
PRICES = {"input": "0.002", "cache_read": "0.001", "output": "0.01", "gpu_seconds": "0.5"}
#: One call: 700 x 0.002 + 300 x 0.001 + 100 x 0.01 = 2.70.
CALL = {"input": 700, "cache_read": 300, "output": 100}


def many(number, **more):
    return calls(number, **{"call": CALL, "prices": PRICES, **more})


def test_twice_the_calls_is_volume():
    found = explained(many(10), many(20))
    assert found.total.delta == D("27.00")
    assert effects(found) == {"volume": D("27.00")}
    assert found.calls == (10, 20)


def test_a_new_price_is_price():
    dearer = {**PRICES, "output": "0.013"}
    found = explained(many(10), many(10, prices=dearer))
    assert effects(found) == {"price": D("3.000")}
    assert found.by["meter"]["output"].effects == {"price": D("3.000")}
    assert found.by["meter"]["input"].effects == {}


def test_longer_answers_are_tokens_per_call():
    found = explained(many(10), many(10, call={**CALL, "output": 250}))
    assert effects(found) == {"tokens_per_call": D("15.00")}


def test_longer_input_with_the_same_cached_share_is_tokens_per_call():
    found = explained(many(10), many(10, call={"input": 1400, "cache_read": 600, "output": 100}))
    assert effects(found) == {"tokens_per_call": D("17.00")}


def test_a_cache_that_is_hit_less_is_cache_share():
    found = explained(many(10), many(10, call={"input": 1000, "cache_read": 0, "output": 100}))
    # 3000 tokens at 0.002 where they were 0.001.
    assert effects(found) == {"cache_share": D("3.000")}


def test_a_cache_that_is_new_is_cache_share():
    found = explained(many(10, call={"input": 1000, "output": 100}), many(10))
    assert effects(found) == {"cache_share": D("-3.000")}


def test_another_model_is_mix():
    # The other model: 700 x 0.004 + 300 x 0.001 + 100 x 0.03 = 6.10 a call.
    dear = many(10, model="gpt-y", prices={**PRICES, "input": "0.004", "output": "0.03"})
    found = explained(many(10), dear)
    assert found.total.delta == D("34.00")
    assert effects(found) == {"mix": D("34.00")}
    assert found.by["model"]["gpt-x"].effects == {"mix": D("-27.00")}
    assert found.by["model"]["gpt-y"].effects == {"mix": D("61.00")}


def test_calls_that_move_to_a_dearer_feature_are_mix():
    short = {"call": {"input": 100}, "feature": "hints"}
    long = {"call": {"input": 900}, "feature": "essays"}
    found = explained(many(5, **short) + many(5, **long), many(2, **short) + many(8, **long))
    assert effects(found) == {"mix": 3 * 800 * D("0.002")}


def test_a_storm_of_retries_is_retries():
    found = explained(many(10, retries=1), many(10, retries=6))
    assert effects(found) == {"retries": 5 * D("2.70")}
    assert found.retries == (1, 6)


def test_the_first_retries_ever_are_retries():
    found = explained(many(10), many(10, retries=4))
    assert effects(found) == {"retries": 4 * D("2.70")}


def test_retries_that_grow_with_the_calls_are_volume():
    found = explained(many(10, retries=1), many(20, retries=2))
    assert effects(found) == {"volume": 11 * D("2.70")}


def test_retries_at_another_model_are_retries():
    fallback = {"model": "gpt-fallback"}
    found = explained(many(10), many(10) + many(0, retries=3, **fallback))
    assert effects(found) == {"retries": 3 * D("2.70")}


def test_more_gpu_time_a_call_is_other_meters():
    found = explained(
        many(10, call={"gpu_seconds": 2}, model=""), many(10, call={"gpu_seconds": 3}, model="")
    )
    assert effects(found) == {"other_meters": D("5.0")}


def test_what_no_call_belongs_to_is_other_meters():
    stored = [row for row in many(2, call={"gpu_seconds": 2}) if row["by_meter"] != "requests"]
    more = [row for row in many(5, call={"gpu_seconds": 2}) if row["by_meter"] != "requests"]
    assert effects(explained(stored, more)) == {"other_meters": D("3.0")}


def test_tokens_without_counted_calls_are_volume():
    few = [row for row in many(2) if row["by_meter"] != "requests"]
    more = [row for row in many(4) if row["by_meter"] != "requests"]
    assert effects(explained(few, more)) == {"volume": D("5.40")}


def test_a_price_a_request_counts_as_price_and_volume():
    assert effects(
        explained(many(10, call={}, requests_price="0.1"), many(10, call={}, requests_price="0.3"))
    ) == {"price": D("2.0")}
    assert effects(
        explained(many(10, call={}, requests_price="0.1"), many(30, call={}, requests_price="0.1"))
    ) == {"volume": D("2.0")}


def test_a_price_that_was_missing_is_coverage():
    found = explained(many(10, prices={}), many(10))
    assert effects(found) == {"coverage": D("27.00")}
    assert found.total.coverage(0) == 0
    assert found.total.coverage(1) == 1


def test_a_price_that_went_missing_is_coverage():
    without = {"input": "0.002", "cache_read": "0.001"}
    found = explained(many(10), many(10, prices=without))
    assert effects(found) == {"coverage": D("-10.00")}
    assert found.total.coverage(1) == D("0.666666")


def test_half_the_calls_unpriced_is_coverage():
    found = explained(many(10, prices={}) + many(10), many(20))
    assert effects(found) == {"coverage": D("27.00")}


def test_a_rate_of_exchange_is_currency():
    rates = {("EUR", "1"): D("1.10"), ("EUR", "2"): D("1.20")}
    euro = {"by_currency": "EUR"}
    found = explained(many(10, by_day="1", **euro), many(10, by_day="2", **euro), rates=rates)
    assert found.total.baseline == D("29.70")
    assert effects(found) == {"currency": D("2.700")}


def test_a_contract_in_another_currency_is_price():
    rates = {("EUR", "2"): D("1.20")}
    found = explained(many(10), many(10, by_day="2", by_currency="EUR"), rates=rates)
    assert effects(found) == {"price": D("5.400")}


def test_money_for_no_usage_is_adjustments():
    shortfall = {
        **many(1)[0],
        "by_meter": "commitment",
        "by_unit": "",
        "by_shortfall": True,
        "by_currency": "USD",
        "quantity": D(0),
        "cost": D(40),
    }
    found = explained(many(10), [*many(10), shortfall])
    assert effects(found) == {"adjustments": D(40)}


def test_a_prompt_version_that_writes_more_is_tokens_per_call():
    prompt = {"prompt": "rubric", "call": {"output": 100}}
    longer = {**prompt, "call": {"output": 300}}
    found = explained(
        many(10, by_prompt_version="1", **prompt), many(10, by_prompt_version="2", **longer)
    )
    assert effects(found) == {"tokens_per_call": D("20.00")}
    assert found.by["prompt"]["rubric@1"].delta == D("-10.00")
    assert found.by["prompt"]["rubric@2"].delta == D("30.00")


def test_a_new_project_does_not_hide_a_new_price():
    dearer = {"input": "0.004"}
    one = {"call": {"input": 100}}
    found = explained(
        many(5, project="a", prices={"input": "0.002"}, **one)
        + many(5, project="b", prices={"input": "0.002"}, **one),
        many(5, project="a", prices=dearer, **one) + many(5, project="c", prices=dearer, **one),
    )
    assert effects(found) == {"price": D("2.000")}


def test_the_first_costs_ever_are_volume():
    found = explained([], many(10))
    assert effects(found) == {"volume": D("27.00")}
    assert found.calls == (0, 10)


def test_the_last_costs_are_volume():
    assert effects(explained(many(10), [])) == {"volume": D("-27.00")}


def test_nothing_at_all_is_no_change():
    found = explained([], [])
    assert found.total.delta == 0
    assert effects(found) == {}
    assert found.total.coverage(0) is None


@pytest.mark.parametrize("number", [1, 3, 7])
def test_the_same_again_is_no_change(number):
    found = explained(many(number), many(number))
    assert found.total.baseline == number * D("2.70")
    assert effects(found) == {}


def test_rates_a_day_leave_longer_windows_no_effect():
    found = explained(many(70), many(10), days=(D(7), D(1)))
    assert found.total.baseline == D("27.00")
    assert effects(found) == {}
