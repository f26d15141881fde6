"""FOCUS files, written piece by piece: CSV and Parquet."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from cost.focus.columns import Column, Kind
from sql.errors import InvalidInputError
from web.render import decimal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cost.focus.rows import Row


class FocusFile(Protocol):
    """Turns rows into a file's bytes."""

    def rows(self, rows: Sequence[Row]) -> bytes:
        """Write some rows; what is ready so far."""
        ...

    def end(self, metadata: dict[str, str]) -> bytes:
        """Finish the file."""
        ...


class CsvFile:
    """RFC 4180 with a header line; null is an empty field. It has no place for metadata."""

    media_type = "text/csv; charset=utf-8"

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._columns = columns
        self._begun = False

    def rows(self, rows: Sequence[Row]) -> bytes:
        """Write some rows, the first time after the header."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        if not self._begun:
            writer.writerow(column.name for column in self._columns)
            self._begun = True
        for row in rows:
            writer.writerow(_text(row.get(column.name)) for column in self._columns)
        return buffer.getvalue().encode()

    def end(self, metadata: dict[str, str]) -> bytes:
        """Write the header of an empty file; else nothing is left to do."""
        return b"" if self._begun else self.rows([])


class ParquetFile:
    """Parquet with exact decimals and UTC timestamps; one row group a piece."""

    media_type = "application/vnd.apache.parquet"

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._columns = columns
        self._schema = pa.schema(
            [pa.field(c.name, _ARROW[c.kind], nullable=c.nullable) for c in columns]
        )
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")

    def rows(self, rows: Sequence[Row]) -> bytes:
        """Write some rows as a row group."""
        if rows:
            arrays = [
                pa.array([row.get(c.name) for row in rows], type=_ARROW[c.kind])
                for c in self._columns
            ]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        return self._sink.take()

    def end(self, metadata: dict[str, str]) -> bytes:
        """Write the footer, with the metadata in it."""
        self._writer.add_key_value_metadata(metadata)
        self._writer.close()
        return self._sink.take()


class _Sink(io.RawIOBase):
    """What the writer writes to; it hands over what came in since."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        held = bytes(data)
        self._held.append(held)
        self._position += len(held)
        return len(held)

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        held, self._held = b"".join(self._held), []
        return held


_ARROW = {
    Kind.TEXT: pa.string(),
    Kind.TIME: pa.timestamp("us", tz="UTC"),
    Kind.MONEY: pa.decimal128(38, 18),
    Kind.QUANTITY: pa.decimal128(38, 9),
    Kind.INTEGER: pa.int64(),
    Kind.FLAG: pa.bool_(),
}

#: Format -> what writes it.
FORMATS: dict[str, Callable[[tuple[Column, ...]], CsvFile | ParquetFile]] = {
    "csv": CsvFile,
    "parquet": ParquetFile,
}


def new_file(fmt: str, columns: tuple[Column, ...]) -> CsvFile | ParquetFile:
    """Begin a file; raises InvalidInputError for a format not written here."""
    made = FORMATS.get(fmt)
    if made is None:
        raise InvalidInputError(f"format is {fmt!r}; use {' or '.join(FORMATS)}.", field="format")
    return made(columns)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return decimal(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
