"""Exchange rates: that of the day, its inverse, through a third currency, or a refusal."""

from datetime import date
from decimal import Decimal

import pytest

from cost.prices.rates import RateMissingError, Rates
from sql.errors import InvalidInputError
from sql.migrate import Migrator

DAY = date(2026, 11, 20)


@pytest.fixture
def book(embedded, clock):
    store = embedded.open()
    Migrator(store).apply()

    def record(base, quote, day, rate):
        clock.step(seconds=1)
        row = {"base": base, "quote": quote, "day": day, "rate": Decimal(rate), "source": "ecb"}
        store.insert("fx_rates", [{**row, "actor": "tests", "recorded_at": clock()}])

    return store, record


def test_the_latest_rate_on_or_before_the_day_holds(book):
    store, record = book
    record("EUR", "USD", date(2026, 11, 13), "1.10")
    record("EUR", "USD", date(2026, 11, 20), "1.25")
    record("EUR", "USD", date(2026, 11, 23), "9")
    rates = Rates(store)
    assert rates.convert(Decimal(8), "EUR", "USD", DAY) == Decimal(10)
    # A weekend has the rate of the Friday before.
    assert rates.convert(Decimal(8), "EUR", "USD", date(2026, 11, 22)) == Decimal(10)
    assert rates.convert(Decimal(8), "EUR", "USD", date(2026, 11, 19)) == Decimal("8.8")


def test_a_pair_without_a_rate_takes_the_inverse_of_its_opposite(book):
    store, record = book
    record("EUR", "USD", DAY, "1.25")
    rate = Rates(store).rate("USD", "EUR", DAY)
    assert rate.value == Decimal("0.8")
    assert rate.rule == "inverse of EUR/USD of 2026-11-20"


def test_two_currencies_meet_in_a_third(book):
    store, record = book
    record("EUR", "USD", DAY, "1.25")
    record("EUR", "JPY", DAY, "175")
    rates = Rates(store)
    assert rates.convert(Decimal(10), "USD", "JPY", DAY) == Decimal(1400)
    assert "through EUR" in rates.rate("USD", "JPY", DAY).rule


def test_what_was_not_known_then_is_not_seen(book, clock):
    store, record = book
    record("EUR", "USD", DAY, "1.25")
    then = clock()
    record("EUR", "USD", DAY, "1.5")
    assert Rates(store, then).convert(Decimal(2), "EUR", "USD", DAY) == Decimal("2.5")
    assert Rates(store).convert(Decimal(2), "EUR", "USD", DAY) == Decimal(3)


def test_a_missing_rate_is_an_error_that_names_the_pair_and_the_day(book):
    store, record = book
    record("EUR", "USD", date(2026, 10, 1), "1.25")
    with pytest.raises(RateMissingError, match="from EUR to USD for 2026-11-20"):
        Rates(store).convert(Decimal(1), "EUR", "USD", DAY)


def test_an_unknown_currency_is_refused_with_its_neighbours(book):
    with pytest.raises(InvalidInputError, match=r"'EUT'.*EUR"):
        Rates(book[0]).convert(Decimal(1), "EUT", "USD", DAY)


def test_nothing_and_the_same_currency_need_no_rate(book):
    rates = Rates(book[0])
    assert rates.convert(Decimal(0), "", "USD", DAY) == 0
    assert rates.convert(Decimal("1.5"), "USD", "USD", DAY) == Decimal("1.5")


def test_an_amount_is_rounded_once_half_to_even(book):
    store, record = book
    record("USD", "EUR", DAY, "0.5")
    tiny = Decimal("0.000000000000000001")
    assert Rates(store).convert(tiny, "USD", "EUR", DAY) == 0
    assert Rates(store).convert(3 * tiny, "USD", "EUR", DAY) == 2 * tiny
