"""A price book to change and to read: an empty store, a keeper, and short ways to say prices."""

import itertools

import pytest

from cost.parts import CostParts
from cost.prices import drafts
from cost.prices.keeper import Keeper
from cost.settings import CostSettings
from sql.migrate import Migrator
from tests.conftest import Databases, FakeClock

_names = itertools.count(1)


@pytest.fixture
def store(embedded):
    found = embedded.open()
    Migrator(found).apply()
    return found


def _parts(store, clock):
    numbers = itertools.count(1)
    return CostParts(store, clock, lambda: f"id{next(numbers)}", CostSettings())


@pytest.fixture
def parts(store, clock):
    return _parts(store, clock)


@pytest.fixture(scope="module")
def empty_parts(engine_directory):
    """An empty book for the tests of a module that change nothing."""
    name = f"empty_prices_{next(_names)}"
    made = Databases(lambda database: f"chdb://{engine_directory}?database={database}", name)
    store = made.open()
    Migrator(store).apply()
    yield _parts(store, FakeClock())
    made.clear()


@pytest.fixture
def keeper(parts):
    return Keeper.of(parts)


@pytest.fixture
def record(keeper, clock):
    """Record prices, each as the fields of a draft; the clock moves on by a second."""

    def recorded(*drafted, **options):
        clock.step(seconds=1)
        prices = [drafts.price({"currency": "USD", **one}, clock()) for one in drafted]
        return keeper.record(prices, keeper.change("finance", "cfo", "tests"), **options)

    return recorded
