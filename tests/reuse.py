"""Fresh databases by reuse: one that was migrated and not altered is emptied for the next test.

Hundreds of tests want a migrated database, and migrating one takes a second of processor time.
A package's conftest takes `reused` as its fixture `embedded`; tests of migrations do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conftest import Databases, _databases

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

#: Names of databases that were emptied, and what a migrated one consists of.
_emptied: list[str] = []
_schema: dict[str, str] = {}

_TABLES = "SELECT name, engine FROM system.tables WHERE database = currentDatabase()"
#: Tables of the newest migration: a database without them was not wholly migrated.
_NEWEST = {"feature_cube", "drift_results", "labels", "label_versions"}
#: Of these, what migrations wrote has to stay.
_KEPT = {"schema_migrations", "schema_migration_lock"}


def reused(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """A database of the embedded engine: empty, or migrated and emptied; migrate it either way."""
    made = _databases(request, "chdb")
    if _emptied:
        made.name = _emptied.pop()
    yield made
    if not _reusable(made):
        made.clear()


def _reusable(made: Databases) -> bool:
    """Empty a migrated database for the next test; False where it is to be dropped."""
    if not made.opened or made.opened[0]._closed:
        return False
    store = made.opened[0]
    with store.handle() as client:
        tables = dict(client.query(_TABLES).result_rows)
        if tables.keys() >= _NEWEST and not _schema:
            _schema.update(tables)
        if tables != _schema:
            return False
        for name, engine in tables.items():
            if engine.endswith("MergeTree") and name not in _KEPT:
                client.command(f"TRUNCATE TABLE {name} SYNC")
        client.command("SYSTEM RELOAD DICTIONARY price_points_dictionary")
    for opened in made.opened:
        opened.close()
    _emptied.append(made.name)
    return True
