"""Estimates answer from memory what the insert would charge."""

import time
from decimal import Decimal

import pytest

from cost.parts import CostParts
from cost.prices.estimate import Estimator
from cost.prices.points import FOREVER_NS, Point
from cost.settings import CostSettings
from sql.errors import StoreError
from sql.migrate import Migrator

NOON = 1_764_000_000_000_000_000


def point(tenant="", meter="input", tier="", amount="2", **more):
    values = {
        "tenant": tenant,
        "provider": "openai",
        "model": "gpt-x",
        "meter": meter,
        "service_tier": tier,
        "valid_from": 0,
        "valid_to": FOREVER_NS,
        "currency": "USD",
        "above": (0,),
        "amounts": (Decimal(amount),),
        "list_amounts": (Decimal(amount),),
        "price_ids": (f"{tenant}/{meter}/{tier}/{amount}",),
        "rules": ("list price",),
        **more,
    }
    return Point(**values)


@pytest.fixture
def parts(embedded, clock):
    store = embedded.open()
    Migrator(store).apply()
    return CostParts(store, clock, iter(map(str, range(10**6))).__next__, CostSettings())


@pytest.fixture
def publish(parts):
    def published(version, *found):
        rows = [{"book_version": version, **one.row()} for one in found]
        parts.store.insert("price_points", rows)
        book = {"book_version": version, "published_at": parts.clock(), "points": len(rows)}
        parts.store.insert("price_books", [book])

    return published


def amount(estimator, tenant="acme", meter="input", tier="", at=NOON, context=0, model="GPT-X"):
    found = estimator.price(tenant, "OpenAI", model, meter, tier, at, context)
    return found and found.amount


def test_a_contract_comes_before_the_list_and_the_list_is_for_the_rest(parts, publish):
    publish(1, point(), point(tenant="acme", amount="1.5"), point(meter="output", amount="9"))
    estimator = Estimator(parts)
    assert amount(estimator) == Decimal("1.5")
    assert amount(estimator, tenant="other") == 2
    assert amount(estimator, meter="output") == 9


def test_the_price_is_that_of_the_time_asked_about(parts, publish):
    publish(
        1,
        point(amount="3", valid_to=NOON - 1),
        point(amount="4", valid_from=NOON, valid_to=NOON + 10),
    )
    estimator = Estimator(parts)
    assert [amount(estimator, at=NOON + off) for off in (-1, 0, 10, 11)] == [3, 4, 4, None]


def test_the_size_of_the_input_selects_the_step(parts, publish):
    steps = {"above": (0, 200_000), "amounts": (Decimal(1), Decimal(2))}
    pairs = {"list_amounts": steps["amounts"], "price_ids": ("a", "b"), "rules": ("r", "s")}
    publish(1, point(**steps, **pairs))
    estimator = Estimator(parts)
    # As the insert does: the step holds for what is larger than its bound.
    assert [amount(estimator, context=size) for size in (0, 1, 200_000, 200_001)] == [1, 1, 1, 2]


def test_a_tier_named_standard_is_the_standard_one_and_another_has_no_price(parts, publish):
    publish(1, point(), point(tier="batch", amount="1"))
    estimator = Estimator(parts)
    assert [amount(estimator, tier=tier) for tier in ("default", "batch", "gold")] == [2, 1, None]


def test_a_newer_book_is_noticed_and_an_older_one_forgotten(parts, publish):
    publish(1, point())
    estimator = Estimator(parts)
    assert amount(estimator) == 2
    publish(2, point(amount="5"))
    assert amount(estimator) == 2
    parts.clock.step(seconds=parts.settings.estimate_refresh_s)
    found = estimator.price("acme", "openai", "gpt-x", "input", "", NOON)
    assert (found.amount, found.book_version) == (5, 2)


def test_held_prices_outlive_a_store_that_is_away(parts, publish):
    publish(1, point())
    estimator = Estimator(parts)
    assert amount(estimator) == 2
    parts.store.close()
    parts.clock.step(seconds=60)
    assert amount(estimator) == 2
    with pytest.raises(StoreError):
        amount(estimator, model="never asked before")


def test_no_more_names_are_held_than_the_setting_allows(parts, publish):
    publish(1, *(point(model=f"m{n}", amount=str(n)) for n in range(30)))
    settings = CostSettings(estimate_names_max=3)
    estimator = Estimator(CostParts(parts.store, parts.clock, parts.ids, settings))
    assert [amount(estimator, model=f"m{n}") for n in range(30)] == list(range(30))
    assert len(estimator._held) == 3


def test_an_estimate_takes_microseconds(parts, publish):
    publish(1, point())
    estimator = Estimator(parts)
    amount(estimator)
    start = time.perf_counter()
    for _ in range(10_000):
        amount(estimator)
    # A hundred times what it takes; a query for each would be another hundred times slower.
    assert time.perf_counter() - start < 5
