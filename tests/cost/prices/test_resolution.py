"""Which price holds: the order of precedence, over time and as far as it was known."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost.prices import drafts, points
from cost.prices.book import Book
from cost.prices.points import FOREVER_NS
from cost.prices.price import Price
from cost.prices.resolution import Resolver

DAY_NS = 86_400_000_000_000
NOW = 1_780_000_000_000_000_000
FIELDS = {"provider": "openai", "model": "gpt-5", "meter": "input"}


def book(*drafted):
    """Make a book of rows recorded one after the other."""
    found = []
    for number, one in enumerate(drafted, start=1):
        imported = one.pop("imported", False)
        amount = {} if {"discount_percent", "kind"} & set(one) else {"currency": "USD"}
        price = drafts.price({**FIELDS, **amount, **one}, NOW)
        values = {name: getattr(price, name) for name in Price.__dataclass_fields__}
        source = "genai-prices 1" if imported else "manual"
        values |= {"recorded_at": number, "price_id": f"p{number}", "source": source}
        found.append(Price(**values))
    return Book(found)


def ask(made, meter="input", tier="", tenant="", provider="openai", model="gpt-5", at=NOW, size=0):
    """Find a price as an insert would: the tenant's points, else everybody's."""
    resolver = Resolver(made)
    for holder in dict.fromkeys((tenant, "")):
        found = [
            point
            for point in resolver.points((holder, provider, model))
            if (point.meter, point.service_tier) == (meter, tier)
        ]
        point = points.at(found, at)
        if point:
            step = point.step(size)
            return point, step
    return None, 0


def amount(made, *args, **named):
    point, step = ask(made, *args, **named)
    return point and point.amounts[step]


def rule(made, *args, **named):
    point, step = ask(made, *args, **named)
    return point.rules[step]


def test_the_closer_pattern_holds_then_the_one_recorded_later():
    made = book(
        {"model": "gpt-5", "amount": "1"},
        {"model": "gpt-*", "amount": "2"},
        {"model": "gpt-5*", "amount": "3"},
        {"model": "gpt-##", "amount": "4"},
        {"model": "*", "amount": "5"},
    )
    names = ("gpt-5", "gpt-5-mini", "gpt-4", "gpt-41", "o1")
    assert [amount(made, model=name) for name in names] == [1, 3, 2, 4, 5]
    tie = book({"model": "gpt-5*", "amount": "1"}, {"model": "*gpt-5", "amount": "2"})
    assert amount(tie) == 2


def test_own_rows_hold_over_imported_ones_however_close_those_are():
    made = book(
        {"model": "gpt-*", "amount": "1"},
        {"model": "gpt-5", "amount": "2", "imported": True},
        {"model": "gpt-5", "amount": "9", "meter": "output", "imported": True},
    )
    assert amount(made) == 1
    assert amount(made, "output") == 9


def test_withdrawing_an_own_price_brings_the_imported_one_back():
    made = book(
        {"amount": "2", "imported": True},
        {"amount": "1"},
        {"kind": "withdrawn", "valid_from": "2026-07-01"},
    )
    july = 1_782_900_000_000_000_000
    assert [amount(made), amount(made, at=july)] == [1, 2]


def test_imported_patterns_are_not_mixed():
    """A cache price of another model that matches as well is not this model's."""
    made = book(
        {"model": "gpt-*", "amount": "1", "imported": True},
        {"model": "gpt-*", "amount": ".1", "meter": "cache_read", "imported": True},
        {"model": "gpt-5", "amount": "5", "imported": True},
    )
    assert amount(made, "cache_read") == 5
    assert "cache_read charged as input" in rule(made, "cache_read")


@pytest.mark.parametrize(
    ("meter", "wider"),
    [
        ("cache_read", "input"),
        ("cache_write", "input"),
        ("cache_write_1h", "input"),
        ("input_audio", "input"),
        ("reasoning", "output"),
        ("output_audio", "output"),
    ],
)
def test_tokens_without_a_price_are_charged_as_the_wider_kind(meter, wider):
    made = book({"meter": "input", "amount": "3"}, {"meter": "output", "amount": "7"})
    assert amount(made, meter) == amount(made, wider)
    # Charged again from the price, so what is written beside it says so.
    assert f"charged as {wider}" in rule(made, meter)


def test_an_hour_of_cache_without_a_price_is_charged_as_cache_written():
    made = book({"amount": "3"}, {"meter": "cache_write", "amount": "4"})
    assert amount(made, "cache_write_1h") == 4


def test_output_without_a_price_has_none_for_input_is_no_wider_kind_of_it():
    assert amount(book({"amount": "3"}), "output") is None


def test_a_price_holds_from_its_first_moment_to_before_its_last():
    made = book({"amount": "1", "valid_from": "2026-03-01", "valid_to": "2026-04-01"})
    start, end = 1_772_323_200_000_000_000, 1_775_001_600_000_000_000
    asked = (start - 1, start, end - 1, end)
    assert [amount(made, at=at) for at in asked] == [None, 1, 1, None]


def test_the_row_recorded_later_holds_where_times_overlap():
    made = book(
        {"amount": "1"},
        {"amount": "2", "valid_from": "2026-03-01"},
        {"amount": "3", "valid_from": "2026-01-01", "valid_to": "2026-02-01"},
    )
    days = {"2025-06-01": 1, "2026-01-15": 3, "2026-02-15": 1, "2026-03-15": 2}
    for day, expected in days.items():
        at = drafts.price({**FIELDS, "kind": "withdrawn", "valid_from": day}, NOW).valid_from
        assert amount(made, at=at) == expected, day


def test_a_price_of_the_future_holds_only_then():
    made = book({"amount": "1"}, {"amount": "2", "valid_from": "+30d"})
    assert [amount(made), amount(made, at=NOW + 30 * DAY_NS)] == [1, 2]


def test_the_size_of_the_input_selects_the_step():
    made = book({"amount": "1"}, {"above": "200000", "amount": "2"})
    assert [amount(made, size=size) for size in (0, 200_000, 200_001)] == [1, 1, 2]
    assert rule(made, size=200_001) == "list price above 200000 tokens"


def test_a_negotiated_price_holds_for_its_tenant():
    made = book({"amount": "2"}, {"tenant": "acme", "amount": "1.5"})
    assert [amount(made, tenant=name) for name in ("acme", "other")] == [Decimal("1.5"), 2]
    assert rule(made, tenant="acme") == "contract price"


def test_a_discount_multiplies_the_list_price_step_by_step():
    made = book(
        {"amount": "2"},
        {"above": "200000", "amount": "4"},
        {"tenant": "acme", "model": "*", "meter": "*", "discount_percent": "10"},
    )
    point, _ = ask(made, tenant="acme")
    assert point.amounts == (Decimal("1.8"), Decimal("3.6"))
    assert point.list_amounts == (2, 4)
    assert point.price_ids == ("p1*p3", "p2*p3")
    assert point.rules[1] == "contract factor 0.9 x list price above 200000 tokens"
    # What has no price of its own is discounted as what it is charged as.
    assert amount(made, "cache_read", tenant="acme") == Decimal("1.8")


def test_the_closest_of_a_tenants_patterns_holds_be_it_price_or_factor():
    made = book(
        {"amount": "2"},
        {"tenant": "acme", "model": "gpt-5", "discount_percent": "50"},
        {"tenant": "acme", "model": "gpt-*", "amount": "9"},
    )
    assert amount(made, tenant="acme") == 1
    assert amount(made, tenant="acme", model="gpt-6") == 9


def test_a_contract_in_another_currency_states_no_list_price_of_its_own():
    made = book({"amount": "2"}, {"tenant": "acme", "amount": "1.5", "currency": "EUR"})
    point, _ = ask(made, tenant="acme")
    assert (point.currency, point.amounts, point.list_amounts) == (
        "EUR",
        (Decimal("1.5"),),
        (Decimal("1.5"),),
    )


def test_a_tier_has_its_price_else_its_factor_else_none():
    stated = {"service_tier": "batch", "amount": "0.7"}
    factor = {"service_tier": "batch", "kind": "factor", "model": "*", "meter": "*", "amount": ".5"}
    assert amount(book({"amount": "2"}), tier="batch") is None
    assert amount(book({"amount": "2"}, factor), tier="batch") == 1
    assert amount(book({"amount": "2"}, stated), tier="batch") == Decimal("0.7")
    assert amount(book({"amount": "2"}, stated, factor), tier="batch") == Decimal("0.7")
    assert rule(book({"amount": "2"}, factor), tier="batch") == "batch factor 0.5 x list price"


def test_an_own_factor_holds_over_an_imported_price_of_the_tier():
    made = book(
        {"amount": "2", "imported": True},
        {"amount": ".9", "service_tier": "batch", "imported": True},
        {"amount": ".4", "service_tier": "batch", "kind": "factor"},
    )
    assert amount(made, tier="batch") == Decimal("0.8")


def test_a_meter_the_tier_does_not_state_has_its_standard_price():
    """As a batch of searches costs what searches cost, but its tokens half."""
    made = book(
        {"amount": "2"},
        {"meter": "web_searches", "amount": "0.01"},
        {"service_tier": "batch", "amount": "1"},
    )
    assert amount(made, "web_searches", tier="batch") == Decimal("0.01")
    assert "there is no batch price" in rule(made, "web_searches", tier="batch")
    assert amount(made, "cache_read", tier="batch") == 1


def test_a_tenants_factor_for_a_tier_comes_before_the_lists():
    batch = {"service_tier": "batch", "kind": "factor"}
    made = book(
        {"amount": "2"}, {**batch, "amount": "0.5"}, {**batch, "tenant": "acme", "amount": "0.4"}
    )
    assert [amount(made, tier="batch", tenant=t) for t in ("acme", "other")] == [Decimal("0.8"), 1]


def test_a_tenants_discount_holds_in_every_tier_and_its_price_is_halved_in_batch():
    batch = {"service_tier": "batch", "kind": "factor", "amount": "0.5"}
    discount = {"tenant": "acme", "discount_percent": "10"}
    assert amount(book({"amount": "2"}, batch, discount), tier="batch", tenant="acme") == Decimal(
        "0.9"
    )
    price = {"tenant": "acme", "amount": "1"}
    assert amount(book({"amount": "2"}, batch, price), tier="batch", tenant="acme") == Decimal(
        "0.5"
    )


def test_a_tier_of_one_tenants_contract_is_no_tier_of_the_list():
    made = book({"amount": "2"}, {"tenant": "acme", "service_tier": "gold", "amount": "3"})
    assert amount(made, tier="gold", tenant="acme") == 3
    assert amount(made, tier="gold", tenant="other") is None


def test_azure_falls_back_on_the_developers_list_and_its_own_list_comes_first():
    made = book(
        {"amount": "2", "imported": True},
        {"provider": "azure", "model": "gpt-4", "amount": "5", "imported": True},
    )
    assert amount(made, provider="azure.ai.openai") == 2
    own = made.extended(book({"provider": "azure", "amount": "3"}).prices)
    assert amount(own, provider="azure.ai.openai") == 3
    assert amount(own, provider="openai") == 2


def test_a_contract_with_one_provider_is_none_with_another():
    made = book({"amount": "2"}, {"tenant": "acme", "amount": "1"})
    assert amount(made, provider="azure", tenant="acme") == 2


def test_a_conventional_name_may_have_a_price_of_its_own():
    made = book(
        {"provider": "google", "model": "gemini-x", "amount": "2"},
        {"provider": "gcp.vertex_ai", "model": "gemini-x", "amount": "3"},
    )
    names = ("gcp.vertex_ai", "gcp.gemini", "google")
    assert [amount(made, provider=name, model="gemini-x") for name in names] == [3, 2, 2]


def test_a_span_without_a_provider_has_the_price_of_the_one_developer_that_has_its_model():
    made = book(
        {"amount": "2"},
        {"provider": "openrouter", "amount": "3"},
        {"provider": "mistral", "model": "shared", "amount": "4"},
        {"provider": "cohere", "model": "shared", "amount": "5"},
    )
    assert amount(made, provider="") == 2
    assert amount(made, provider="", model="shared") is None


def test_any_provider_and_any_model_price_what_is_no_model_at_all():
    made = book(
        {"provider": "*", "model": "*", "meter": "gpu_seconds", "amount": "0.001"}, {"amount": "2"}
    )
    assert amount(made, "gpu_seconds", provider="", model="") == Decimal("0.001")
    assert amount(made, "gpu_seconds") == Decimal("0.001")
    assert amount(made, "input", provider="", model="") is None


# Amounts, times and orders as they come; a second way to find a price, row by row.
TIMES = st.integers(0, 8)


@st.composite
def rows(draw):
    start = draw(TIMES)
    kind = draw(st.sampled_from(["price", "price", "withdrawn"]))
    return Price(
        provider="openai",
        model=draw(st.sampled_from(["gpt-5", "gpt-*", "*"])),
        meter=draw(st.sampled_from(["input", "cache_read"])),
        valid_from=start * DAY_NS,
        valid_to=draw(st.integers(start + 1, 9)) * DAY_NS,
        kind=kind,
        amount=Decimal(draw(st.integers(0, 5))) if kind == "price" else Decimal(0),
        currency="USD",
        source="manual",
        recorded_at=draw(st.integers(1, 1000)),
    )


def plainly(found, meter, at, known):
    """Of each pattern the last row known; of the patterns the closest that has a price."""
    for model in ("gpt-5", "gpt-*", "*"):
        last = [
            row
            for row in found
            if (row.model, row.meter) == (model, meter)
            and row.valid_from <= at < row.valid_to
            and row.recorded_at <= known
        ]
        newest = max(last, key=lambda row: row.rank, default=None)
        if newest and newest.kind == "price":
            return newest.amount
    return plainly(found, "input", at, known) if meter == "cache_read" else None


@given(
    st.lists(rows(), max_size=12, unique_by=lambda row: row.recorded_at),
    st.integers(0, 1000),
    st.sampled_from(["input", "cache_read"]),
)
def test_prices_over_time_are_those_found_row_by_row(found, known, meter):
    known_rows = Book(row for row in found if row.recorded_at <= known)
    resolved = Resolver(known_rows).points(("", "openai", "gpt-5"))
    mine = [point for point in resolved if point.meter == meter]
    for at in (edge + off for edge in (day * DAY_NS for day in range(10)) for off in (-1, 0, 1)):
        if at >= 0:
            point = points.at(mine, at)
            assert (point and point.amounts[0]) == plainly(found, meter, at, known)


@given(st.lists(rows(), max_size=12, unique_by=lambda row: row.recorded_at))
def test_points_of_one_use_never_overlap_and_are_as_few_as_can_be(found):
    resolved = Resolver(Book(found)).points(("", "openai", "gpt-5"))
    uses = itertools.groupby(sorted(resolved), key=lambda point: (point.meter, point.service_tier))
    for _, group in uses:
        ordered = sorted(group, key=lambda point: point.valid_from)
        for one, other in itertools.pairwise(ordered):
            assert one.valid_to < other.valid_from
            joined = one.valid_to + 1 == other.valid_from
            assert not (joined and one[7:] == other[7:])
        assert all(point.valid_from <= point.valid_to <= FOREVER_NS for point in ordered)
