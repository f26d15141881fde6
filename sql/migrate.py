"""Brings a database to the schema of sql/migrations, under a lock, and remembers how.

A statement is not a transaction: a migration that failed half-way is run again from its
start, so every statement carries IF [NOT] EXISTS.
"""

from __future__ import annotations

import os
import re
import socket
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sql import migration_files, queries
from sql.clock import system_clock
from sql.errors import InvalidInputError, PermanentStoreError, StoreError
from sql.migration_lock import MigrationLock
from sql.rendering import Renderer

if TYPE_CHECKING:
    from sql.client import Store
    from sql.clock import Clock
    from sql.migration_files import Migration, MigrationFiles

_STATUS_TABLE = "schema_migrations"
_LITERAL = re.compile(r"('(?:[^'\\]|\\.)*')", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PlannedMigration:
    """A migration that is not applied yet, as it would run."""

    version: int
    name: str
    sha256: str
    statements: tuple[str, ...]

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.version:04d}_{self.name}.sql"


class Migrator:
    """Plans, applies and reverts migrations on one store.

    Parameters
    ----------
    files
        The migrations; those of this package unless a test brings its own.
    owner
        Name under which this process takes the lock.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock = system_clock,
        files: MigrationFiles | None = None,
        owner: str = "",
    ) -> None:
        self._store = store
        self._clock = clock
        self._files = files or migration_files.packaged()
        self._renderer = Renderer(store.settings, self._files.fragments)
        self._owner = owner or f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    def plan(self) -> list[PlannedMigration]:
        """List what `apply` would run, rendered; changes nothing.

        Raises
        ------
        PermanentStoreError
            When an applied file has changed since, or is gone.
        """
        applied = self._applied()
        self._check(applied)
        return [self._planned(m) for m in self._files.migrations if m.version not in applied]

    def apply(self) -> list[str]:
        """Run what is pending and return the names of the files applied.

        Raises
        ------
        ConflictError
            When another process kept the lock for too long.
        """
        if not self.plan():
            return []
        lock = self._lock()
        with lock.hold():
            self._make_status_table()
            done: list[str] = []
            # Planned again: another process may have applied them while this one waited.
            for migration in self.plan():
                self._run(migration.statements, lock, source=migration.file)
                self._record(migration, "up")
                done.append(migration.file)
            return done

    def revert(self, to_version: int) -> list[str]:
        """Run the way back of every applied migration above `to_version`, newest first.

        Raises
        ------
        InvalidInputError
            When one of them has no `.down.sql`; nothing is reverted then.
        """
        with (lock := self._lock()).hold():
            applied = self._applied()
            self._check(applied)
            going = [m for m in reversed(self._files.migrations) if m.version in applied]
            going = [m for m in going if m.version > to_version]
            for migration in going:
                if not migration.down:
                    raise InvalidInputError(f"{migration.file} has no way back.", field="to")
            for migration in going:
                statements = self._renderer.statements(migration.down, source=migration.file)
                self._run(tuple(statements), lock, source=f"the way back of {migration.file}")
                self._record(self._planned(migration), "down")
            return [migration.file for migration in going]

    def dump_schema(self) -> str:
        """Write out every table and view of the database, without the database's name."""
        name = re.escape(self._store.address.database)
        own = re.compile(rf"(?<![\w.`])`?{name}`?\.")
        # A view names its dictionary in a literal, which the engine has put the database before.
        dictionary = re.compile(rf"^'{name}\.(\w+_dictionary)'$")

        def without_database(text: str) -> str:
            parts = _LITERAL.split(text)
            return "".join(
                dictionary.sub(r"'\1'", p) if p.startswith("'") else own.sub("", p) for p in parts
            )

        rows = self._store.query("sql/schema_dump")
        return "\n\n".join(without_database(row["statement"]) + ";" for row in rows) + "\n"

    def _planned(self, migration: Migration) -> PlannedMigration:
        statements = self._renderer.statements(migration.up, source=migration.file)
        return PlannedMigration(
            migration.version, migration.name, migration.sha256, tuple(statements)
        )

    def _lock(self) -> MigrationLock:
        return MigrationLock(
            self._store,
            owner=self._owner,
            clock=self._clock,
            on_cluster=self._renderer.on_cluster,
        )

    def _applied(self) -> dict[int, tuple[str, str]]:
        if not self._store.query("sql/tables_named", {"names": [_STATUS_TABLE]}):
            return {}
        rows = self._store.query("sql/applied_migrations")
        return {row["version"]: (row["name"], row["sha256"]) for row in rows}

    def _check(self, applied: dict[int, tuple[str, str]]) -> None:
        files = {migration.version: migration for migration in self._files.migrations}
        for version, (name, sha256) in applied.items():
            migration = files.get(version)
            if migration is None:
                raise PermanentStoreError(
                    f"Migration {version:04d}_{name} is applied to {self._store.address.shown} and "
                    "unknown here: a newer release made this database."
                )
            if migration.sha256 != sha256:
                raise PermanentStoreError(
                    f"{migration.file} was changed after it was applied; restore it and write the "
                    "change as a new migration."
                )

    def _make_status_table(self) -> None:
        name = "sql/create_schema_migrations"
        text = self._renderer.render(queries.load(name), source=name)
        self._store.run_text(text, tag=name)

    def _run(self, statements: tuple[str, ...], lock: MigrationLock, *, source: str) -> None:
        for number, statement in enumerate(statements, 1):
            lock.renew()
            try:
                self._store.run_text(statement, tag=f"migrate/{source}")
            except StoreError as error:
                where = f"{source}, statement {number} of {len(statements)}"
                raise type(error)(f"{where}: {error.detail}", code=error.code) from error

    def _record(self, migration: PlannedMigration, direction: str) -> None:
        row = {
            "version": migration.version,
            "name": migration.name,
            "direction": direction,
            "sha256": migration.sha256,
            "statements": len(migration.statements),
            "owner": self._owner,
            "applied_at": self._clock(),
        }
        self._store.insert(_STATUS_TABLE, [row])
