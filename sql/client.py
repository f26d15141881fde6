"""The store: named statements, inserts and arrow tables over chDB or a ClickHouse server."""

from __future__ import annotations

import io
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa  # type: ignore[import-untyped]
from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from sql import connection, dsn, failures, ownership, queries
from sql.errors import DataError, PermanentStoreError, StoreError
from sql.pool import HandlePool
from sql.statements import clause, identifier, insert_from_file, opened, tagged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from clickhouse_connect.driver.client import Client

    from sql.settings import StoreSettings

#: Bound parameters of a statement; the driver sends them beside the text, never inside it.
Parameters = dict[str, Any]


class Store:
    """One database, reached by a bounded pool of handles; safe to share between threads.

    Open it with `Store.open`. Nothing connects before the first statement, so a server that
    is down shows as RetryableStoreError there and not at start.
    """

    def __init__(self, address: dsn.StoreAddress, settings: StoreSettings) -> None:
        self.address = address
        self.settings = settings
        self._pool = HandlePool(
            self._connect,
            bound=settings.store_handles,
            acquire_timeout_s=settings.store_acquire_timeout_s,
        )
        self._guard = threading.Lock()
        self._database_ready = False
        self._closed = False

    @classmethod
    def open(cls, settings: StoreSettings) -> Self:
        """Check the address and, for an embedded store, take its directory.

        Raises
        ------
        InvalidInputError
            When the address is wrong.
        PermanentStoreError
            When another process holds the directory.
        """
        address = dsn.parse(settings.store.get_secret_value())
        if address.directory is not None:
            ownership.take(address.directory)
        return cls(address, settings)

    @property
    def is_embedded(self) -> bool:
        """Whether the engine runs in this process."""
        return self.address.directory is not None

    @property
    def version(self) -> str:
        """The engine's version."""
        with self.handle() as client:
            return str(client.server_version)

    @property
    def busy_handles(self) -> int:
        """Statements running now."""
        return self._pool.busy

    @contextmanager
    def handle(self) -> Iterator[Client]:
        """Lend a driver client; whatever the driver raises comes out as a StoreError."""
        try:
            with self._pool.lend() as client:
                yield client
        except StoreError:
            raise
        except (ClickHouseError, HTTPError) as error:
            raise self._translated(error) from None

    def query(
        self,
        name: str,
        parameters: Parameters | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
        tag: str | None = None,
    ) -> list[dict[str, Any]]:
        """Run a named query and return its rows as dicts of native Python values.

        Parameters
        ----------
        name
            File under sql/queries without its suffix, as "collector/ledger".
        parameters
            Values of the query's `{name:Type}` placeholders.
        tag
            Stands in the engine's log in place of the query's name.
        """
        with self.handle() as client:
            result = client.query(
                queries.load(name), parameters=parameters, settings=tagged(tag or name, settings)
            )
            return list(result.named_results())

    def query_arrow(
        self,
        name: str,
        parameters: Parameters | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
        tag: str | None = None,
    ) -> pa.Table:
        """Run a named query and return an Arrow table; strings arrive as strings."""
        chosen = {
            **tagged(tag or name, settings),
            "output_format_arrow_string_as_string": 1,
            "output_format_arrow_compression_method": "none",
        }
        # A clause works alike on both transports; the embedded driver would otherwise set
        # and restore each setting in statements of their own.
        text = f"{queries.load(name)}\n SETTINGS {clause(chosen)}"
        with self.handle() as client:
            body = client.raw_query(text, parameters=parameters, fmt="ArrowStream")
        with pa.ipc.open_stream(io.BytesIO(body)) as reader:
            return reader.read_all()

    def execute(
        self,
        name: str,
        parameters: Parameters | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
        tag: str | None = None,
    ) -> None:
        """Run a named statement that returns no rows."""
        self.run_text(queries.load(name), parameters, settings=settings, tag=tag or name)

    def run_text(
        self,
        text: str,
        parameters: Parameters | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
        tag: str,
    ) -> None:
        """Run a rendered statement; for the migrator and statements with identifiers."""
        with self.handle() as client:
            client.command(text, parameters=parameters, settings=tagged(tag, settings))

    def insert(
        self,
        table: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Insert a few rows in the engine's own format; the first row names the columns.

        Raises
        ------
        DataError
            When a value does not fit its column, or a row lacks a column of the first.
        """
        if not rows:
            return
        columns = list(rows[0])
        try:
            data = [[row[column] for column in columns] for row in rows]
        except KeyError as error:
            raise DataError(
                f"A row for {table} lacks the column {error.args[0]!r}, which its first row has."
            ) from None
        try:
            with self.handle() as client:
                client.insert(
                    identifier(table),
                    data,
                    column_names=columns,
                    # On a cluster the table may be Distributed, which by default answers
                    # before the rows have reached their shard.
                    settings=tagged(
                        f"insert/{table}", {"distributed_foreground_insert": 1, **(settings or {})}
                    ),
                )
        except (AttributeError, TypeError, ValueError, OverflowError, struct.error) as error:
            # The driver lets the conversion's own error out where a value has the wrong type.
            raise DataError(f"A value for {table} does not fit its column: {error}.") from None

    def insert_file(
        self,
        table: str,
        path: Path,
        fmt: str,
        *,
        columns: Sequence[str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Insert a local file: the embedded engine reads it in place, a server gets it as body.

        Parameters
        ----------
        path
            An uncompressed file in the format `fmt`; its suffix does not matter.
        settings
            Engine settings of this insert, such as format_schema.
        """
        chosen = tagged(f"insert/{table}", settings)
        if self.is_embedded:
            text = insert_from_file(table, path, fmt, columns, chosen)
            with self.handle() as client:
                client.command(text)
            return
        with opened(path) as body, self.handle() as client:
            client.raw_insert(
                identifier(table),
                list(columns) if columns else None,
                insert_block=body,
                # Without it a server may answer 200 before the insert has failed.
                settings={**chosen, "wait_end_of_query": 1},
                fmt=identifier(fmt),
            )

    def ping(self) -> bool:
        """Whether the engine answers; False where it does not, or where no handle is free."""
        try:
            with self.handle() as client:
                return client.ping()
        except StoreError:
            return False

    def close(self) -> None:
        """Wait for running statements, at most `store_close_timeout_s`, and let go.

        Raises
        ------
        PermanentStoreError
            When statements were still running; the directory then stays taken.
        """
        with self._guard:
            if self._closed:
                return
            self._closed = True
        if not self._pool.close(self.settings.store_close_timeout_s):
            raise PermanentStoreError(
                f"{self._pool.busy} statements still ran "
                f"{self.settings.store_close_timeout_s:g} s after the store was closed."
            )
        if self.address.directory is not None:
            ownership.release(self.address.directory)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({self.address.shown!r})"

    def _connect(self) -> Client:
        client = connection.connect(self.address, self.settings)
        try:
            with self._guard:
                if not self._database_ready:
                    self._create_database(client)
                    self._database_ready = True
        except BaseException:
            client.close()
            raise
        client.database = self.address.database
        return client

    def _create_database(self, client: Client) -> None:
        name = "sql/create_database_on_cluster" if self.settings.cluster else "sql/create_database"
        parameters = {"database": self.address.database}
        if self.settings.cluster:
            parameters["cluster"] = self.settings.cluster
        client.command(queries.load(name), parameters=parameters, use_database=False)

    def _translated(self, error: BaseException) -> StoreError:
        where = "" if self.is_embedded else self.address.shown
        return failures.translate(error, secret=self.address.password, where=where)
