"""Fresh databases by reuse, and what drift is built from."""

from __future__ import annotations

import pytest

from sql.migrate import Migrator
from tests.drift.worlds import drift_parts
from tests.reuse import reused

#: A database may be one that was emptied.
embedded = pytest.fixture(reused, name="embedded")


@pytest.fixture
def drift_store(embedded):
    """A migrated store on an empty database."""
    store = embedded.open()
    Migrator(store).apply()
    return store


@pytest.fixture
def parts(drift_store, clock):
    """What drift is built from, on the clock the test steps."""
    return drift_parts(drift_store, clock)
