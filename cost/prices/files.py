"""Files of prices and rates: CSV and YAML, read whole or refused with line, column and value.

Values are texts as they stand: a price of 0.1 is read as 0.1 and never as the nearest double.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import yaml

from cost.prices import drafts
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cost.prices.price import Price

ROWS_MAX = 50_000

Made = TypeVar("Made")

#: A row's values by column, all texts.
Row = Mapping[str, str]


class Rows(NamedTuple):
    """The rows of a file, and what to call each in an error."""

    rows: list[Row]
    labels: list[str]


def read(text: str, form: str) -> Rows:
    """Read a file.

    Parameters
    ----------
    form
        "csv", with the columns' names in its first line, or "yaml": a list of mappings, or a
        mapping with that list under `prices` (or `rates`) and what all of them share under
        `defaults`.

    Raises
    ------
    InvalidInputError
        For what is no such file, and for one of more than ROWS_MAX rows.
    """
    found = list(_of_csv(text) if form == "csv" else _of_yaml(text))
    if not found:
        raise _wrong("The file has no rows.")
    if len(found) > ROWS_MAX:
        raise _wrong(f"The file has {len(found)} rows; send at most {ROWS_MAX} at a time.")
    return Rows([row for _, row in found], [label for label, _ in found])


def prices(text: str, form: str, now_ns: int, *, source: str) -> tuple[list[Price], list[str]]:
    """Read a file of prices, with what to call each; the columns are `drafts.FIELDS`.

    Raises
    ------
    InvalidInputError
        For the first row that is wrong: its line, the column, the value and what to write.
    """
    rows, labels = read(text, form)
    found = [
        each(label, partial(drafts.price, row, now_ns, source=source))
        for row, label in zip(rows, labels, strict=True)
    ]
    return found, labels


def each(label: str, made: Callable[[], Made]) -> Made:
    """Make something of a row; an error says which row it is."""
    try:
        return made()
    except InvalidInputError as error:
        column = f", column {error.field}" if error.field else ""
        raise InvalidInputError(f"{label}{column}: {error.detail}", field=error.field) from None


def _of_csv(text: str) -> Iterator[tuple[str, Row]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if len({*header}) != len(header) or not all(header):
            raise _wrong(f"line 1: the columns {', '.join(header)} need names that differ.")
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            label = f"line {reader.line_num}"
            if len(values) != len(header):
                raise _wrong(f"{label} has {len(values)} values for {len(header)} columns.")
            yield label, dict(zip(header, values, strict=True))
    except csv.Error as error:
        raise _wrong(f"line {reader.line_num}: the CSV cannot be read: {error}.") from None


def _of_yaml(text: str) -> Iterator[tuple[str, Row]]:
    try:
        # Nodes and not objects: every value stays a text, and an alias is never unfolded.
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or error
        raise _wrong(f"{where}the YAML cannot be read: {problem}.") from None
    defaults: Row = {}
    if isinstance(root, yaml.MappingNode):
        parts = {key.value: value for key, value in root.value}
        unknown = sorted(set(parts) - {"prices", "rates", "defaults"})
        if unknown:
            raise _wrong(f"{unknown[0]!r} at the top; use defaults and prices (or rates).")
        if "defaults" in parts:
            defaults = _scalars(parts["defaults"])
        root = parts.get("prices") or parts.get("rates")
    if not isinstance(root, yaml.SequenceNode):
        raise _wrong("The YAML is no list of prices, nor a mapping with one under `prices`.")
    for node in root.value:
        yield f"line {node.start_mark.line + 1}", {**defaults, **_scalars(node)}


def _scalars(node: yaml.Node) -> Row:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(f"line {line} is no mapping of names to values.")
    values: dict[str, str] = {}
    for key, value in node.value:
        if not isinstance(value, yaml.ScalarNode):
            raise _wrong(f"line {line}: {key.value} is no plain value.")
        values[str(key.value)] = "" if value.value in {"~", "null"} else str(value.value)
    return values


def _wrong(detail: str) -> InvalidInputError:
    return InvalidInputError(detail, field="content")
