"""Worlds where several things changed at once, worked by hand."""

from decimal import Decimal

from tests.cost.explain.worlds import calls, effects, explained

D = Decimal


def test_volume_and_price_share_what_they_did_together():
    # 10 calls at 1 become 20 at 2. Volume is 10 x 1.5, price 15 x 1: Bennet's midpoints.
    found = explained(
        calls(10, call={"input": 100}, prices={"input": "0.01"}),
        calls(20, call={"input": 100}, prices={"input": "0.02"}),
    )
    assert found.total.delta == 30
    assert effects(found) == {"volume": D(15), "price": D(15)}


def test_three_changes_are_averaged_over_all_orders():
    # Calls 1 to 2, tokens 1 to 3, price 1 to 5; each alone, in pairs and together:
    # volume 1/3 (1 x 1) + 1/6 (3 x 1) + 1/6 (1 x 5) + 1/3 (3 x 5) = 20/3.
    # tokens 2 x (1/3 (1 x 1) + 1/6 (2 x 1) + 1/6 (1 x 5) + 1/3 (2 x 5)) = 29/3.
    # price  4 x (1/3 (1 x 1) + 1/6 (2 x 1) + 1/6 (1 x 3) + 1/3 (2 x 3)) = 38/3.
    found = explained(
        calls(1, call={"output": 1}, prices={"output": 1}),
        calls(2, call={"output": 3}, prices={"output": 5}),
    )
    assert found.total.delta == 29
    # The thirds are rounded, and the largest takes what that leaves: here 1e-18 too little.
    assert effects(found) == {
        "volume": D("6.666666666666666667"),
        "tokens_per_call": D("9.666666666666666667"),
        "price": D("12.666666666666666666"),
    }
    assert sum(effects(found).values()) == 29


def test_a_tenant_that_doubles_is_volume_in_all_and_mix_between_tenants():
    same = {"call": {"input": 100}, "prices": {"input": "0.01"}}
    found = explained(
        calls(10, tenant="a", **same) + calls(10, tenant="b", **same),
        calls(20, tenant="a", **same) + calls(10, tenant="b", **same),
    )
    assert found.total.delta == 10
    assert effects(found).keys() == {"volume"}
    tenants = found.by["tenant"]
    assert tenants["a"].delta == 10
    assert tenants["b"].delta == 0
    # 10 more calls: each tenant's share of them at the mean of its shares, 1/2 and 2/3 or 1/3.
    assert tenants["b"].effects["volume"] == D("4.166666666666666667")
    assert tenants["b"].effects["mix"] == D("-4.166666666666666667")


def test_a_switch_to_a_cheaper_model_against_more_calls():
    dear = {"model": "gpt-x", "call": {"output": 10}, "prices": {"output": "0.4"}}
    cheap = {"model": "gpt-nano", "call": {"output": 10}, "prices": {"output": "0.1"}}
    found = explained(calls(10, **dear), calls(20, **cheap))
    # 40 becomes 20. Volume: 10 x (4 + 1) / 2; mix: 15 x (1 - 4).
    assert found.total.delta == -20
    assert effects(found) == {"volume": D(25), "mix": D(-45)}


def test_a_cold_cache_during_a_storm_of_retries():
    prices = {"input": "0.010", "cache_read": "0.001"}
    warm = {"call": {"input": 20, "cache_read": 80}, "prices": prices}
    cold = {"call": {"input": 100}, "prices": prices}
    found = explained(calls(10, retries=0, **warm), calls(10, retries=5, **cold))
    # A call: 0.28 warm, 1.00 cold. First calls: 10 x 0.72 for the cache; retries are new: 5 x 1.
    assert found.total.delta == D("12.2")
    assert effects(found) == {"cache_share": D("7.2"), "retries": D("5")}


def test_a_price_that_fell_hides_nothing_of_what_grew():
    found = explained(
        calls(100, call={"input": 1000}, prices={"input": "0.002"}),
        calls(200, call={"input": 1000}, prices={"input": "0.001"}),
    )
    assert found.total.delta == 0
    assert effects(found) == {"volume": D(150), "price": D(-150)}


def test_prices_of_two_models_move_against_each_other():
    def both(one, other):
        return calls(5, model="a", call={"input": 100}, prices={"input": one}) + calls(
            5, model="b", call={"input": 100}, prices={"input": other}
        )

    found = explained(both("0.01", "0.02"), both("0.02", "0.01"))
    assert found.total.delta == 0
    assert effects(found) == {}
    assert found.by["model"]["a"].effects == {"price": D(5)}
    assert found.by["model"]["b"].effects == {"price": D(-5)}
