"""The read API over a migrated store, and a sender that fills it."""

import pytest

from sql.migrate import Migrator
from tests.collector.api.kit import Api, Sender


@pytest.fixture
def api_store(request):
    """A migrated store on the embedded engine, or over the transport a test names."""
    store = request.getfixturevalue(getattr(request, "param", "embedded")).open()
    Migrator(store).apply()
    return store


@pytest.fixture
def sender(api_store, tmp_path, clock):
    return Sender(api_store, tmp_path, clock)


@pytest.fixture
def api(api_store, clock):
    """The API as a reader of every tenant sees it."""
    return Api(api_store, clock)
