"""A newer list against the recorded one: only what differs, and the past stays as it was."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cost.prices import points
from cost.prices.book import Book
from cost.prices.difference import difference
from cost.prices.points import FOREVER_NS
from cost.prices.price import Price
from cost.prices.resolution import Resolver

DAY = 86_400_000_000_000
NOW = 100 * DAY


def row(amount, model="gpt-x", meter="input", start=0, end=FOREVER_NS, **more):
    return Price(
        provider="openai",
        model=model,
        meter=meter,
        valid_from=start,
        valid_to=end,
        amount=Decimal(amount),
        currency="USD",
        source="genai-prices 1",
        **more,
    )


class History:
    """Imports lists one after the other, ten days apart."""

    def __init__(self):
        self.book, self.now, self.number = Book(()), NOW, 0

    def load(self, *listed, **options):
        self.now += 10 * DAY
        found = difference(listed, self.book, "genai-prices 2", self.now, **options)
        self.number += 1
        stamped = [
            replace(price, recorded_at=self.now, price_id=f"{self.number}.{at}")
            for at, price in enumerate(found.prices)
        ]
        self.book = self.book.extended(stamped)
        return found

    def price(self, day, model="gpt-x", meter="input"):
        found = Resolver(self.book).points(("", "openai", model))
        found = [point for point in found if point.meter == meter]
        point = points.at(found, day * DAY)
        return point and point.amounts[0]


@pytest.fixture
def history():
    return History()


def test_the_first_import_prices_all_time(history):
    found = history.load(row(2), row(8, meter="output"))
    assert (len(found.new), found.changed, found.gone) == (2, [], [])
    assert history.price(0) == history.price(10_000) == 2


def test_the_same_list_again_adds_nothing(history):
    history.load(row(2), row(3, start=50 * DAY, model="gpt-y"))
    assert history.load(row(2), row(3, start=50 * DAY, model="gpt-y")).prices == []


def test_a_price_that_differs_without_a_date_holds_from_the_import_on(history):
    history.load(row(2))
    found = history.load(row(3))
    assert [(len(part)) for part in found] == [0, 1, 0]
    assert [history.price(day) for day in (0, 119, 120)] == [2, 2, 3]
    assert history.load(row(3)).prices == []


def test_a_price_with_a_date_holds_from_that_date_also_in_the_past(history):
    history.load(row(2))
    history.load(row(2, end=105 * DAY), row(3, start=105 * DAY))
    assert [history.price(day) for day in (0, 104, 105)] == [2, 2, 3]


def test_a_price_announced_for_the_future_is_recorded_at_once(history):
    history.load(row(2), row(8, meter="output"))
    found = history.load(row(2, end=200 * DAY), row(3, start=200 * DAY), row(8, meter="output"))
    assert [(price.valid_from, price.amount) for price in found.prices] == [(200 * DAY, 3)]
    assert [history.price(day) for day in (199, 200)] == [2, 3]


def test_what_the_list_no_longer_has_is_withdrawn_from_now_on(history):
    history.load(row(2), row(8, meter="output"))
    found = history.load(row(8, meter="output"))
    assert [(price.kind, price.valid_from) for price in found.gone] == [("withdrawn", 120 * DAY)]
    assert [history.price(day) for day in (119, 120)] == [2, None]


def test_a_withdrawn_price_that_comes_back_is_recorded_again(history):
    history.load(row(2))
    history.load()
    history.load(row(2))
    assert [history.price(day) for day in (0, 120, 129, 130)] == [2, None, None, 2]


def test_restating_takes_the_list_for_right_about_the_past(history):
    history.load(row(2))
    history.load(row(3), restate=True)
    assert history.price(0) == 3


def test_a_new_use_of_a_known_model_holds_from_now_on(history):
    """Cached tokens were charged as input until the list priced them; that stays so."""
    history.load(row(2))
    history.load(row(2), row(1, meter="cache_read"))
    assert [history.price(day, meter="cache_read") for day in (119, 120)] == [2, 1]


def test_a_model_that_gains_a_name_keeps_its_past(history):
    history.load(row(2))
    history.load(row(3, model="gpt-x | gpt-x-latest"))
    assert [history.price(day) for day in (0, 119, 120)] == [2, 2, 3]
    assert [history.price(day, "gpt-x-latest") for day in (0, 119, 120)] == [2, 2, 3]
    assert history.load(row(3, model="gpt-x | gpt-x-latest")).prices == []


def test_own_rows_are_no_part_of_the_comparison(history):
    history.load(row(2))
    own = replace(row(9), source="manual", recorded_at=history.now + 1, price_id="own")
    history.book = history.book.extended([own])
    assert history.load(row(2)).prices == []
    assert history.price(0) == 9
