"""Fresh databases by reuse: one that was migrated and not altered is emptied for the next test."""

from __future__ import annotations

import pytest

from sql.migrate import Migrator
from tests.conftest import Databases, _databases
from tests.drift.worlds import drift_parts

#: Names of databases that were emptied, and what a migrated one consists of.
_emptied: list[str] = []
_schema: dict[str, str] = {}

_TABLES = "SELECT name, engine FROM system.tables WHERE database = currentDatabase()"
#: Of these, what migrations wrote has to stay.
_KEPT = {"schema_migrations", "schema_migration_lock"}


@pytest.fixture
def embedded(request):
    """A database of the embedded engine: empty, or migrated and emptied; migrate it either way."""
    made = _databases(request, "chdb")
    if _emptied:
        made.name = _emptied.pop()
    yield made
    if not _reusable(made):
        made.clear()


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


def _reusable(made: Databases) -> bool:
    """Empty a migrated database for the next test; False where it is to be dropped."""
    if not made.opened or made.opened[0]._closed:
        return False
    store = made.opened[0]
    with store.handle() as client:
        tables = dict(client.query(_TABLES).result_rows)
        if "feature_cube" in tables and not _schema:
            _schema.update(tables)
        if tables != _schema:
            return False
        for name, engine in tables.items():
            if engine.endswith("MergeTree") and name not in _KEPT:
                client.command(f"TRUNCATE TABLE {name} SYNC")
    for opened in made.opened:
        opened.close()
    _emptied.append(made.name)
    return True
