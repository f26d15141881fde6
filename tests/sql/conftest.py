"""Fixtures of the store suite alone."""

from __future__ import annotations

import itertools

import pytest

from sql import migration_files
from sql.migrate import Migrator
from sql.records import Records


def apply_first(store):
    """Make records and signals, which is all this suite needs, and quicker than everything."""
    packaged = migration_files.packaged()
    files = migration_files.MigrationFiles(packaged.migrations[:1], packaged.fragments)
    Migrator(store, files=files).apply()
    return store


@pytest.fixture
def base_store(store):
    """A store with records and signals, over each transport in turn."""
    return apply_first(store)


@pytest.fixture
def embedded_records(embedded, clock):
    """Records on the embedded engine, their clock, and numbers for fresh ids."""
    return Records(apply_first(embedded.open()), clock), clock, itertools.count()
