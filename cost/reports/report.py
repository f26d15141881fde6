"""A report: typed columns, rows that are read as they are written, totals, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from cost.reports.allocation import allocations, bearer
from cost.reports.amounts import EXACT
from cost.reports.dimensions import GROUPS
from cost.reports.question import Question
from cost.reports.sums import Sum
from sql.errors import InvalidInputError
from web.render import timestamp

if TYPE_CHECKING:
    from cost.reports.conversion import Conversion
    from cost.reports.sums import Sums
    from sql.client import Store

Value = str | int | Decimal | None
Row = Mapping[str, Value]

#: Rows that are read at one time.
PAGE_ROWS = 20_000

#: Most rows of a report that has to be seen as a whole before it is written.
ALLOCATED_ROWS_MAX = 50_000

#: Decimals of money in its own currency, and of money that was multiplied by a rate.
PLACES = 18
CONVERTED_PLACES = 36


class ReportKind(StrEnum):
    """Showback says what was spent; chargeback says also who is to bear what was shared."""

    SHOWBACK = "showback"
    CHARGEBACK = "chargeback"


class ColumnKind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    DAY = "day"
    HOUR = "hour"
    MONEY = "money"
    QUANTITY = "quantity"
    SHARE = "share"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    kind: ColumnKind


@dataclass(frozen=True, slots=True)
class Order:
    """A report that is asked for.

    Parameters
    ----------
    period
        The window in words.
    allocates
        Whether shared cost is spread.
    """

    kind: ReportKind
    question: Question
    period: str
    allocates: bool

    @property
    def name(self) -> str:
        """Name its file, without a suffix."""
        by = "-".join(self.question.groups) or "total"
        return f"{self.kind.value}_{self.period}_by-{by}"


@dataclass(frozen=True, slots=True)
class Report:
    """A report to be written.

    Parameters
    ----------
    facts
        What it covers and rests on, by name.
    rows
        Read once, while they are written.
    totals
        A sum a currency, of all rows.
    places
        Decimals of its money.
    """

    order: Order
    facts: Mapping[str, str]
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    totals: list[Sum]
    places: int


def build(store: Store, sums: Sums, order: Order, now_ns: int) -> Report:
    """Read what a report says; its rows are read when they are written.

    Raises
    ------
    InvalidInputError
        For what the question cannot be answered, and for too many rows to allocate.
    """
    question = order.question
    rates = sums.conversion(question)
    places = PLACES if question.currency is None else CONVERTED_PLACES
    if order.allocates:
        rows: Iterable[Row] = _allocated(sums, question, rates, places)
    else:
        rows = (_row(one, question) for one in stream(sums, question, rates))
    return Report(
        order=order,
        facts=_facts(store, order, now_ns),
        columns=columns(question, allocates=order.allocates),
        rows=rows,
        totals=sums.totals(question, rates),
        places=places,
    )


def stream(sums: Sums, question: Question, rates: Conversion) -> Iterator[Sum]:
    """Read every sum, a page at a time."""
    after: tuple[str, ...] = ()
    while True:
        page = sums.page(question, rates, after=after, limit=PAGE_ROWS)
        yield from page
        if len(page) < PAGE_ROWS:
            return
        after = page[-1].position


def columns(question: Question, *, allocates: bool) -> tuple[Column, ...]:
    """Give the columns of a report, keys first."""
    kinds = {"day": ColumnKind.DAY, "hour": ColumnKind.HOUR}
    keys = [key for group in question.groups for key in GROUPS[group]]
    found = [Column(key, kinds.get(key, ColumnKind.TEXT)) for key in (*keys, "currency")]
    found += [Column(name, ColumnKind.MONEY) for name in ("cost", "list_cost")]
    if allocates:
        found += [Column(name, ColumnKind.MONEY) for name in ("allocated", "total")]
    if "meter" in question.groups:
        found.append(Column("quantity", ColumnKind.QUANTITY))
    found += [Column(name, ColumnKind.COUNT) for name in ("events", "unpriced")]
    found.append(Column("coverage", ColumnKind.SHARE))
    return (*found, Column("quarantined", ColumnKind.COUNT))


def _row(one: Sum, question: Question) -> dict[str, Value]:
    amounts = one.amounts
    keys = {key: one.keys[key] for group in question.groups for key in GROUPS[group]}
    if "hour" in keys:
        keys["hour"] += ":00:00.000000000Z"
    return {
        **keys,
        "currency": one.currency or None,
        "cost": None if amounts.is_unpriced else amounts.cost,
        "list_cost": None if amounts.is_unpriced else amounts.list_cost,
        "quantity": amounts.quantity,
        "events": amounts.events,
        "unpriced": amounts.unpriced,
        "coverage": amounts.coverage,
        "quarantined": amounts.quarantined,
    }


def _allocated(
    sums: Sums, question: Question, rates: Conversion, places: int
) -> Iterator[dict[str, Value]]:
    to = bearer(question)
    found = sums.page(question, rates, limit=ALLOCATED_ROWS_MAX + 1)
    if len(found) > ALLOCATED_ROWS_MAX:
        raise InvalidInputError(
            f"There are more than {ALLOCATED_ROWS_MAX} rows to allocate between; group by less, or "
            "take a shorter window.",
            field="group_by",
        )
    added = allocations(found, to, places)
    return (
        {
            **_row(one, question),
            "allocated": more,
            "total": None
            if one.amounts.is_unpriced and not more
            else EXACT.add(one.amounts.cost, more),
        }
        for one, more in zip(found, added, strict=True)
    )


def _facts(store: Store, order: Order, now_ns: int) -> dict[str, str]:
    question = order.question
    book = store.query("cost/book_at", {"known_ns": question.known_ns})[0]["book_version"]
    named = {
        "kind": order.kind.value,
        "period": order.period,
        "from": timestamp(question.window.from_ns),
        "to": timestamp(question.window.to_ns),
        "known_at": timestamp(question.known_ns),
        "made_at": timestamp(now_ns),
        "tenants": ", ".join(question.tenants) or "all",
        "grouped_by": ", ".join(question.groups) or "nothing",
        "currency": question.currency or "as charged",
        "price_book_version": str(book) if book else "none",
        "allocation": f"proportional, to {bearer(question)}" if order.allocates else "none",
    }
    filters = {f"only {key}": value or "(none)" for key, value in question.filters.items()}
    return {**named, **filters}
