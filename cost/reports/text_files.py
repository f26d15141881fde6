"""Reports as text for machines: CSV that spreadsheets may open, and JSON."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

import orjson

from cost.reports.report import ColumnKind
from web.render import decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cost.reports.report import Column, Report, Row, Value

#: Rows written at one time.
_CHUNK_ROWS = 1000

#: What makes a spreadsheet take a cell for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_text(report: Report) -> Iterator[bytes]:
    """Write CSV (RFC 4180, UTF-8).

    Text that a spreadsheet would run as a formula gets an apostrophe in front. Numbers stay as they
    are, negative ones too; a figure that is not known is an empty cell, never 0.
    """
    yield _lines([[column.name for column in report.columns]])
    rows = iter(report.rows)
    while chunk := [*islice(rows, _CHUNK_ROWS)]:
        yield _lines([[_cell(row[c.name], c) for c in report.columns] for row in chunk])


def json_text(report: Report) -> Iterator[bytes]:
    """Write one JSON object: facts, items, totals; numbers of any size are text."""
    yield b'{"report":' + orjson.dumps(dict(report.facts)) + b',"items":['
    rows, first = iter(report.rows), True
    while chunk := [*islice(rows, _CHUNK_ROWS)]:
        items = b",".join(orjson.dumps(_item(row, report.columns)) for row in chunk)
        yield items if first else b"," + items
        first = False
    totals = [{"currency": one.currency or None, **one.amounts.shown()} for one in report.totals]
    yield b'],"totals":' + orjson.dumps(totals) + b"}"


def _lines(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cell(value: Value, column: Column) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return decimal(value)
    text = str(value)
    risky = column.kind is ColumnKind.TEXT and text.startswith(_FORMULA_STARTS)
    return f"'{text}" if risky else text


def _item(row: Row, columns: tuple[Column, ...]) -> dict[str, str | int | None]:
    return {
        column.name: decimal(value) if isinstance(value := row[column.name], Decimal) else value
        for column in columns
    }
