"""Reports as Parquet: exact decimals, dates as dates, and the facts as metadata of the file."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from cost.reports.amounts import EXACT
from cost.reports.report import PLACES, Column, ColumnKind, Report, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Rows of a row group.
_GROUP_ROWS = 20_000

#: Larger files are held on disk until they are sent.
_MEMORY_BYTES_MAX = 8 << 20
_CHUNK_BYTES = 1 << 16

_TYPES = {
    ColumnKind.TEXT: pa.string(),
    ColumnKind.DAY: pa.date32(),
    ColumnKind.HOUR: pa.timestamp("s", tz="UTC"),
    ColumnKind.QUANTITY: pa.decimal128(38, 9),
    ColumnKind.SHARE: pa.decimal128(7, 6),
    ColumnKind.COUNT: pa.int64(),
}


def parquet_file(report: Report) -> Iterator[bytes]:
    """Write a Parquet file; it ends with its index, so it is written whole before it is sent."""
    schema = _schema(report)
    with tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES_MAX) as file:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            rows = iter(report.rows)
            while chunk := [*islice(rows, _GROUP_ROWS)]:
                writer.write_table(_table(chunk, report.columns, schema))
        file.seek(0)
        while part := file.read(_CHUNK_BYTES):
            yield part


def _schema(report: Report) -> Any:
    # 76 digits hold an amount of 38 that was multiplied by a rate.
    wide = report.places > PLACES
    money = pa.decimal256(76, report.places) if wide else pa.decimal128(38, report.places)
    fields = [
        (column.name, money if column.kind is ColumnKind.MONEY else _TYPES[column.kind])
        for column in report.columns
    ]
    facts = {f"answerable.{name}": value for name, value in report.facts.items()}
    return pa.schema(fields, metadata=facts)


def _table(rows: list[Row], columns: tuple[Column, ...], schema: Any) -> Any:
    types = [schema.field(column.name).type for column in columns]
    arrays = [
        pa.array([_value(row[column.name], column, kind) for row in rows], kind)
        for column, kind in zip(columns, types, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _value(value: Any, column: Column, kind: Any) -> Any:
    if isinstance(value, Decimal):
        # Arrow takes no more decimals than its type has, be they zeros.
        return value.quantize(Decimal(1).scaleb(-kind.scale), context=EXACT)
    if column.kind is ColumnKind.DAY:
        return date.fromisoformat(value)
    if column.kind is ColumnKind.HOUR:
        return datetime.fromisoformat(value[:13]).replace(tzinfo=UTC)
    return value
