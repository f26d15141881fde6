"""Reports as a page to read and to print: one file, no script, nothing loaded from elsewhere."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache
from html import escape
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING

from cost.reports.amounts import EXACT, Amounts, total
from cost.reports.report import ColumnKind
from web.render import decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cost.reports.report import Column, Report, Row, Value
    from cost.reports.sums import Sum

#: Rows that are listed; the rest is one line, so that the totals are those of the table.
ROWS_MAX = 2000
_CHUNK_ROWS = 200

#: Most columns that fit on a page held upright.
_NARROW_MAX = 10

#: Decimals money is shown with; files for machines have all of them.
_PLACES = Decimal("0.0001")
_ROUNDED = Context(prec=90, rounding=ROUND_HALF_EVEN)
_SCALES = {ColumnKind.MONEY, ColumnKind.QUANTITY, ColumnKind.SHARE, ColumnKind.COUNT}
_WORDS = {
    "list_cost": "List cost",
    "allocated": "Shared cost",
    "total": "Total",
    "known_at": "Known at",
    "made_at": "Made at",
    "price_book_version": "Price book version",
    "grouped_by": "Grouped by",
}


def html_page(report: Report) -> Iterator[bytes]:
    """Write the page piece by piece."""
    yield _head(report).encode()
    rows = iter(report.rows)
    left = ROWS_MAX
    if not report.totals:
        wide = len(report.columns)
        yield f'<tr><td colspan="{wide}" class="none">Nothing was charged.</td></tr>\n'.encode()
    while left and (chunk := [*islice(rows, min(left, _CHUNK_ROWS))]):
        yield "".join(_line(row, report.columns) for row in chunk).encode()
        left -= len(chunk)
    rest = sum(1 for _ in rows)
    if rest:
        wide = len(report.columns)
        yield f'<tr><td colspan="{wide}" class="none">{rest:,} more rows</td></tr>\n'.encode()
    yield _foot(report).encode()


def _head(report: Report) -> str:
    title = f"{report.order.kind.value.capitalize()} {report.order.period}"
    named = ", ".join(report.order.question.groups) or "everything"
    body = '<body class="wide">' if len(report.columns) > _NARROW_MAX else "<body>"
    cells = "".join(
        f"<th{_class(column)}>{escape(_word(column.name))}</th>" for column in report.columns
    )
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_style()}</style></head>{body}\n"
        f"<header><h1>{escape(title)}</h1><p>by {escape(named)}</p></header>\n"
        f"{_cards(report)}{_warning(report)}"
        f"<h2>Costs</h2>\n<table><thead><tr>{cells}</tr></thead><tbody>\n"
    )


def _cards(report: Report) -> str:
    cards = [_card(one) for one in report.totals]
    everything = total(one.amounts for one in report.totals)
    share = everything.coverage
    priced = "nothing needs a price" if share is None else f"{_percent(share)} priced"
    cards.append(
        f"<li><span>Coverage</span><strong>{escape(priced)}</strong><br>"
        f"<em>{everything.unpriced:,} of {everything.events:,} charges have no price</em></li>"
    )
    return f'<ul class="cards">{"".join(cards)}</ul>\n'


def _card(one: Sum) -> str:
    amounts = one.amounts
    if amounts.is_unpriced or not one.currency:
        return "<li><span>No price yet</span><strong>unpriced</strong></li>"
    below = EXACT.subtract(amounts.list_cost, amounts.cost)
    saved = f"{_money(below)} below list price" if below > 0 else "at list price"
    return (
        f"<li><span>Cost, {escape(one.currency)}</span><strong>{_money(amounts.cost)}</strong><br>"
        f"<em>{saved}</em></li>"
    )


def _warning(report: Report) -> str:
    everything = total(one.amounts for one in report.totals)
    said = []
    if everything.unpriced > 0:
        said.append(f"{everything.unpriced:,} charges have no price; their cost is missing here.")
    if everything.quarantined > 0:
        said.append(f"{everything.quarantined:,} rows reported what cannot be and were set apart.")
    return f'<p class="warn">{" ".join(said)}</p>\n' if said else ""


def _line(row: Row, columns: tuple[Column, ...]) -> str:
    cells = "".join(_cell(row[column.name], column) for column in columns)
    return f"<tr>{cells}</tr>\n"


def _cell(value: Value, column: Column) -> str:
    if value is None or value == "":
        word = "unpriced" if column.kind is ColumnKind.MONEY else "none"
        return f"<td{_class(column, 'none')}>{word}</td>"
    if not isinstance(value, Decimal):
        text = f"{value:,}" if isinstance(value, int) else value
        return f"<td{_class(column)}>{escape(text)}</td>"
    if column.kind is ColumnKind.SHARE:
        return f"<td{_class(column, '' if value == 1 else 'low')}>{_percent(value)}</td>"
    if column.kind is ColumnKind.QUANTITY:
        return f"<td{_class(column)}>{decimal(value)}</td>"
    return f'<td{_class(column)} title="{decimal(value)}">{_money(value)}</td>'


def _foot(report: Report) -> str:
    keys = [column for column in report.columns if column.kind not in _SCALES]
    lines = "".join(_total(one, report, len(keys)) for one in report.totals)
    facts = "".join(
        f"<dt>{escape(_word(name))}</dt><dd>{escape(value)}</dd>"
        for name, value in report.facts.items()
    )
    return (
        f"</tbody><tfoot>{lines}</tfoot></table>\n"
        f"<h2>What this rests on</h2><dl>{facts}</dl>\n"
        "<footer>Amounts are rounded to four places here; CSV, JSON and Parquet have every digit. "
        "Times are UTC. What has no price is missing from a cost and is never counted as 0; "
        "coverage says how much that is.</footer>\n</body></html>\n"
    )


def _total(one: Sum, report: Report, keys: int) -> str:
    amounts = one.amounts
    money = None if amounts.is_unpriced else amounts.cost
    held: dict[str, Value] = {
        "cost": money,
        "list_cost": None if amounts.is_unpriced else amounts.list_cost,
        "allocated": Decimal(0),
        "total": money,
        "quantity": "",
        **_counts(amounts),
    }
    label = f'<td colspan="{keys}">Total {escape(one.currency or "without a price")}</td>'
    cells = "".join(
        _cell(held[column.name], column) for column in report.columns if column.kind in _SCALES
    )
    return f"<tr>{label}{cells}</tr>\n"


def _counts(amounts: Amounts) -> dict[str, Value]:
    return {
        "events": amounts.events,
        "unpriced": amounts.unpriced,
        "coverage": amounts.coverage,
        "quarantined": amounts.quarantined,
    }


def _class(column: Column, more: str = "") -> str:
    names = [name for name in ("n" if column.kind in _SCALES else "", more) if name]
    return f' class="{" ".join(names)}"' if names else ""


def _money(amount: Decimal) -> str:
    if 0 < abs(amount) < _PLACES:
        return "&lt; 0.0001" if amount > 0 else "&gt; -0.0001"
    return f"{amount.quantize(_PLACES, context=_ROUNDED):,f}"


def _percent(share: Decimal) -> str:
    return f"{decimal(share * 100)} %"


def _word(name: str) -> str:
    return _WORDS.get(name, name.replace("_", " ").capitalize())


@cache
def _style() -> str:
    return resources.files("cost.reports").joinpath("print.css").read_text(encoding="utf-8")
