"""Lets one process at a time migrate a database.

An embedded store belongs to one process, so a lock in memory is enough. On a server the
lock is a table: creating it is atomic, also `ON CLUSTER`, and its comment says who holds it
until when. A holder that died is overtaken when that time has passed; overtaking is checked
a moment later, because two processes may try it at once.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import orjson

from sql import queries
from sql.errors import ConflictError, PermanentStoreError
from sql.statements import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sql.client import Store
    from sql.clock import Clock

TABLE = "schema_migration_lock"
_TABLE_ALREADY_EXISTS = 57
_POLL_S = 0.25
_SETTLE_S = 1.0
_NS = 1_000_000_000

_in_process = threading.Lock()


class MigrationLock:
    """The right to change one database's schema.

    Parameters
    ----------
    owner
        Shown to processes that wait; unique to this one.
    """

    def __init__(
        self,
        store: Store,
        *,
        owner: str,
        clock: Clock,
        on_cluster: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._owner = owner
        self._clock = clock
        self._on_cluster = on_cluster
        self._sleep = sleep
        self._timeout_s = store.settings.migrate_lock_timeout_s
        self._expiry_ns = round(store.settings.migrate_lock_expiry_s * _NS)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Wait for the lock, hold it, give it back.

        Raises
        ------
        ConflictError
            When another process still held it after `migrate_lock_timeout_s`.
        """
        if not _in_process.acquire(timeout=self._timeout_s):
            raise self._conflict("another thread of this process")
        try:
            if self._store.is_embedded:
                yield
                return
            self._take()
            try:
                yield
            finally:
                self._run("sql/drop_migration_lock")
        finally:
            _in_process.release()

    def renew(self) -> None:
        """Push the expiry forward; call it before each long statement."""
        if not self._store.is_embedded:
            self._run("sql/renew_migration_lock")

    def _take(self) -> None:
        deadline_ns = self._clock() + round(self._timeout_s * _NS)
        overtook = False
        while True:
            if self._create():
                if not overtook:
                    return
                self._sleep(_SETTLE_S)
                if self._holder()[0] == self._owner:
                    return
            holder, expires_ns = self._holder()
            now_ns = self._clock()
            if holder and expires_ns < now_ns:
                self._run("sql/drop_migration_lock")
                overtook = True
                continue
            if now_ns > deadline_ns:
                raise self._conflict(holder or "an unknown process")
            self._sleep(_POLL_S)

    def _create(self) -> bool:
        try:
            self._run("sql/create_migration_lock")
        except PermanentStoreError as error:
            if error.code != _TABLE_ALREADY_EXISTS:
                raise
            return False
        return True

    def _holder(self) -> tuple[str, int]:
        found = self._store.query("sql/tables_named", {"names": [TABLE]})
        if not found:
            return "", 0
        try:
            said = orjson.loads(found[0]["comment"])
            return str(said["owner"]), int(said["expires_ns"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return f"an unknown process (comment of {TABLE} unreadable)", self._clock()

    def _run(self, name: str) -> None:
        said = {"owner": self._owner, "expires_ns": self._clock() + self._expiry_ns}
        text = queries.load(name).format(
            on_cluster=self._on_cluster, comment=quoted(orjson.dumps(said).decode())
        )
        self._store.run_text(text, tag=name)

    def _conflict(self, holder: str) -> ConflictError:
        return ConflictError(
            f"The schema of {self._store.address.shown} is being migrated by {holder} and was not "
            f"released within {self._timeout_s:g} s; wait, or drop the table {TABLE} if that "
            "process is gone."
        )
