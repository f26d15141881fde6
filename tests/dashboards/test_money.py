"""Money and coverage in words, by example and by properties."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import money as m
from dashboards.theme import GREEN, GREY, ORANGE, VERMILLION
from tests.dashboards.cost_answers import money

AMOUNTS = st.decimals(0, Decimal(10) ** 12, places=18)
SHARES = st.decimals(0, 1, places=6)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, "not priced"),
        ("0", "0.00"),
        ("1234.567", "1,234.57"),
        ("12345678.9", "12.35 M"),
        ("0.6", "0.60"),
        ("0.0041234", "0.004123"),
        ("0.000000000000000001", "< 0.00000001"),
        ("0.99999", "1.00"),
        ("-3.5", "-3.50"),
        ("-0.000012345", "-0.00001234"),
    ],
)
def test_amounts(text, shown):
    assert m.amount(text) == shown


def test_money_names_its_currency_and_an_unpriced_sum_none():
    assert m.money("3.5", "EUR") == "3.50 EUR"
    assert m.money(None, "EUR") == m.money(None, None) == "not priced"
    assert (m.change("3", "USD"), m.change("-3", "USD"), m.change("0", "USD")) == (
        "+3.00 USD",
        "-3.00 USD",
        "0.00 USD",
    )


@given(AMOUNTS)
def test_an_amount_is_within_half_a_cent_or_its_last_digit(value):
    text = m.amount(value)
    if text.startswith("<"):
        assert 0 < value < Decimal("0.00000001")
        return
    read, _, unit = text.replace(",", "").partition(" ")
    shown = Decimal(read) * (1_000_000 if unit else 1)
    slack = Decimal(5000) if unit else Decimal("0.005") if value >= 1 else value / 1000
    assert abs(shown - value) <= slack
    assert "E" not in text


@given(SHARES)
def test_coverage_says_all_and_nothing_only_where_that_is_so(share):
    text = m.coverage(f"{share:f}")
    assert (text == "100 % priced") == (share == 1)
    assert (text == "0 % priced") == (share == 0)
    if text[0].isdigit():
        assert Decimal(text.split(" ")[0]) <= share * 100


def test_coverage_of_nothing_and_its_colours():
    assert m.coverage(None) == "nothing to price"
    colours = [m.coverage_colour(share) for share in (None, "1", "0.999999", "0.979")]
    assert colours == [GREY, GREEN, ORANGE, VERMILLION]


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))))
def test_covered_never_rounds_up_to_whole(pairs):
    rows = [money(events=max(pair), unpriced=min(pair)) for pair in pairs]
    events, missing = sum(map(max, pairs)), sum(map(min, pairs))
    share = m.covered(rows)
    if not events:
        assert share is None
    else:
        exact = 1 - Decimal(missing) / events
        assert exact - Decimal("0.000001") < Decimal(share) <= exact


def test_quantities_and_shares():
    assert [m.quantity(text) for text in ("18300", "0.4219", "7", "1234.5")] == [
        "18.3 k",
        "0.4219",
        "7",
        "1,234",
    ]
    assert (m.percent("1", "8"), m.percent("1", "0")) == ("12.5 %", "\u2013")


def test_currencies_are_listed_once_and_in_order():
    rows = [money(currency="USD"), money(None), money(currency="EUR"), money(currency="USD")]
    assert m.by_currency(rows) == ["USD", "EUR"]
