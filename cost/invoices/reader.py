"""Reads an invoice file: finds out what wrote it, and reads all of it or nothing."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from cost.invoices import anthropic, focus, generic, openai
from cost.invoices.lines import Line, Place
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Row = dict[str, Any]

FORMATS = ("openai", "anthropic", "focus", "generic")

#: Parquet may unfold to this many times its size.
_UNFOLD_MAX = 50

_PARQUET = b"PAR1"


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be."""

    bytes_max: int
    lines_max: int


def read(content: bytes, fmt: str, limits: Limits) -> tuple[str, list[Line]]:
    """Read a file.

    Parameters
    ----------
    fmt
        One of FORMATS, or `auto` for whatever it looks like.

    Raises
    ------
    InvalidInputError
        Names line, field and value; nothing of the file is taken then.
    """
    if fmt not in {"auto", *FORMATS}:
        raise InvalidInputError(
            f"format is {fmt!r}; use auto, {', '.join(FORMATS)}.", field="format"
        )
    if len(content) > limits.bytes_max:
        raise InvalidInputError(
            f"The file is larger than {limits.bytes_max // 2**20} MiB; split it by day, or raise "
            "ANSWERABLE_INVOICE_MAX_MIB.",
            field="body",
        )
    if not content.strip():
        raise _unreadable("it is empty")
    if content.startswith(_PARQUET):
        found, rows = "focus", _parquet(content, limits)
    elif content.lstrip()[:1] in {b"{", b"["}:
        found, rows = _json(content)
    else:
        found, rows = _csv(content)
    if fmt not in {"auto", found}:
        raise InvalidInputError(
            f"format is {fmt!r}, but the file looks like {found}; use {found} or auto.",
            field="format",
        )
    return found, _bounded(rows, limits)


def _bounded(rows: Iterator[Line], limits: Limits) -> list[Line]:
    lines: list[Line] = []
    for line in rows:
        lines.append(line)
        if len(lines) > limits.lines_max:
            raise InvalidInputError(
                f"The file has more than {limits.lines_max} lines; split it by day, or raise "
                "ANSWERABLE_INVOICE_LINES_MAX.",
                field="body",
            )
    if not lines:
        raise _unreadable("it holds no use and no amounts")
    return lines


def _json(content: bytes) -> tuple[str, Iterator[Line]]:
    try:
        held = json.loads(content, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"its JSON does not end well: {error}") from None
    pages = held if isinstance(held, list) else [held]
    buckets: list[Any] = []
    for number, page in enumerate(pages, 1):
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            fix = "give the answer of a usage or cost endpoint, or a list of its pages"
            raise Place(number, "page").wrong("data", page, fix)
        if page.get("has_more") and number == len(pages):
            fix = "fetch the pages after it and give all of them as one list"
            raise Place(number, "page").wrong("has_more", True, fix)
        buckets += page["data"]
    if not buckets:
        raise _unreadable("it holds no buckets")
    first = buckets[0] if isinstance(buckets[0], dict) else {}
    module = anthropic if "starting_at" in first else openai
    return module.PROVIDER, _of_buckets(buckets, module.bucket_lines)


def _of_buckets(
    buckets: list[Any], lines: Callable[[Row, Place], Iterator[Line]]
) -> Iterator[Line]:
    for number, bucket in enumerate(buckets, 1):
        place = Place(number, "bucket")
        if not isinstance(bucket, dict):
            raise place.wrong("data", bucket, "a bucket is an object")
        yield from lines(bucket, place)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _csv(content: bytes) -> tuple[str, Iterator[Line]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(f"byte {error.start} is not UTF-8") from None
    header = text.split("\n", 1)[0]
    delimiter = "\t" if "\t" in header else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = [name.strip() for name in _next(rows)]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise Place(1).wrong("header", doubled[0], "name each column once")
    found, lines = _dialect(frozenset(names))
    return found, _of_rows(rows, names, lines)


def _next(rows: Iterator[list[str]]) -> list[str]:
    try:
        return next(rows)
    except (csv.Error, StopIteration) as error:
        raise _unreadable(f"its header cannot be read: {error}") from None


def _of_rows(
    rows: Any, names: list[str], lines: Callable[[Row, Place], Iterator[Line]]
) -> Iterator[Line]:
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise _unreadable(f"line {rows.line_num} is not CSV: {error}") from None
        place = Place(rows.line_num)
        if not row:
            continue
        if len(row) != len(names):
            fix = f"the header names {len(names)} columns"
            raise place.wrong("columns", len(row), fix)
        yield from lines(dict(zip(names, row, strict=True)), place)


def _dialect(names: frozenset[str]) -> tuple[str, Callable[[Row, Place], Iterator[Line]]]:
    if names >= focus.COLUMNS:
        return "focus", focus.row_lines
    if names >= openai.USAGE_COLUMNS or names >= openai.COST_COLUMNS:
        return "openai", openai.csv_lines
    if names >= anthropic.USAGE_COLUMNS or names >= anthropic.COST_COLUMNS:
        return "anthropic", anthropic.csv_lines
    unknown = sorted(names - {*generic.COLUMNS})
    missing = sorted(generic.NEEDED - names)
    if unknown or missing:
        what = f"has no column {missing[0]}" if missing else f"has the column {unknown[0]!r}"
        raise _unreadable(
            f"it is no export of OpenAI, Anthropic or FOCUS, and as a CSV of one's own it {what}; "
            f"the columns are {', '.join(generic.COLUMNS)}"
        )
    return "generic", generic.csv_lines


def _parquet(content: bytes, limits: Limits) -> Iterator[Line]:
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        groups = range(file.metadata.num_row_groups)
        unfolded = sum(file.metadata.row_group(n).total_byte_size for n in groups)
        if file.metadata.num_rows > limits.lines_max or unfolded > limits.bytes_max * _UNFOLD_MAX:
            raise _unreadable("it unfolds to more than is read; split it by day")
        missing = sorted(focus.COLUMNS - {*file.schema_arrow.names})
        if missing:
            raise _unreadable(f"as a FOCUS file it lacks the column {missing[0]}")
        number = 0
        for batch in file.iter_batches(batch_size=10_000):
            for row in batch.to_pylist():
                number += 1
                yield from focus.row_lines(_exact(row), Place(number, "row"))
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(f"it is no readable Parquet: {str(error)[:200]}") from None


def _exact(row: Row) -> Row:
    """Take doubles at their shortest text, which is what was meant."""
    return {
        name: Decimal(repr(value)) if isinstance(value, float) else value
        for name, value in row.items()
    }


def _unreadable(why: str) -> InvalidInputError:
    return InvalidInputError(f"The file cannot be taken: {why}.", field="body")
