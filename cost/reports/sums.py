"""Reads sums of charges: pages of groups, totals, and money in one currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from cost.reports.amounts import Amounts
from cost.reports.conversion import UNCONVERTED, Conversion, conversion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cost.reports.conversion import RatesAt
    from cost.reports.question import Question
    from sql.client import Store

#: Most groups one report may have.
ROWS_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Sum:
    """One sum of a list.

    Parameters
    ----------
    keys
        What it is the sum of, by key; a key that was not asked for is empty.
    currency
        Empty where nothing is priced.
    position
        Where the list goes on after it.
    """

    keys: Mapping[str, str]
    currency: str
    amounts: Amounts
    position: tuple[str, ...]


class Sums:
    """Sums charges."""

    def __init__(self, store: Store, rates_at: RatesAt) -> None:
        self._store = store
        self._rates_at = rates_at

    def conversion(self, question: Question) -> Conversion:
        """Find the rates a question needs."""
        if question.currency is None:
            return UNCONVERTED
        by_day = replace(question, groups=("day",), currency=None)
        spent = {
            (row["by_currency"], date.fromisoformat(row["by_day"]))
            for row in self._rows(by_day, UNCONVERTED, (), ROWS_MAX)
            if row["by_currency"]
        }
        return conversion(self._rates_at(question.known_ns), spent, question.currency)

    def page(
        self,
        question: Question,
        rates: Conversion,
        *,
        after: Sequence[str] = (),
        limit: int = ROWS_MAX,
    ) -> list[Sum]:
        """Read sums in the order of their keys, at most `limit` of them.

        Parameters
        ----------
        after
            `position` of the last sum of the page before.
        """
        # Two rows may become one sum, and two more say whether they do.
        rows = self._rows(question, rates, after, 2 * limit + 2)
        return _merged(rows, question, rates)[:limit]

    def first(
        self, question: Question, rates: Conversion, *, limit: int
    ) -> tuple[list[Sum], list[Sum]]:
        """Read the first page and the totals; where the page is the whole list, in one go."""
        wanted = 2 * limit + 2
        rows = self._rows(question, rates, (), wanted)
        found = _merged(rows, question, rates)[:limit]
        if len(rows) == wanted:
            return found, self.totals(question, rates)
        return found, _merged(_added(rows, question), question, rates)

    def totals(self, question: Question, rates: Conversion) -> list[Sum]:
        """Add everything up, a sum a currency."""
        return self.page(replace(question, groups=()), rates, limit=1000)

    def _rows(
        self, question: Question, rates: Conversion, after: Sequence[str], limit: int
    ) -> list[dict[str, Any]]:
        return self._store.query(
            question.source.query,
            {**question.parameters, **rates.parameters, "after": [*after], "limit": limit},
        )


def _added(rows: list[dict[str, Any]], question: Question) -> list[dict[str, Any]]:
    """Add up a whole list by currency, in rows as the query without groups gives them."""
    sums: defaultdict[str, Amounts] = defaultdict(Amounts)
    for row in rows:
        sums[row["by_currency"]] += Amounts.of(row)
    blank = {f"by_{key}": "" for key in question.source.keys}
    return [
        {
            **blank,
            "by_currency": currency,
            **{f"total_{name}": value for name, value in asdict(sums[currency]).items()},
        }
        for currency in sorted(sums)
    ]


def _merged(rows: list[dict[str, Any]], question: Question, rates: Conversion) -> list[Sum]:
    """Show what has no price beside the money of its group, where that is of one currency.

    A coverage that counted only what is priced would always be whole. Where a group has money
    of several currencies, it cannot be said which of them is incomplete: the rest then stands
    by itself. A group's row without a currency is its first.
    """
    keys = question.source.keys
    sums: list[Sum] = []
    at = 0
    while at < len(rows):
        row, amounts = rows[at], Amounts.of(rows[at])
        alike = [other for other in rows[at + 1 : at + 3] if _same(row, other, keys)]
        if not row["by_currency"] and len(alike) == 1:
            row = alike[0]
            amounts += Amounts.of(row)
            at += 1
        at += 1
        position = tuple(row[f"by_{key}"] for key in keys)
        held = dict(zip(keys, position, strict=True))
        sums.append(Sum(held, rates.currency or held["currency"], amounts, position))
    return sums


def _same(one: Mapping[str, Any], other: Mapping[str, Any], keys: Sequence[str]) -> bool:
    return all(one[f"by_{key}"] == other[f"by_{key}"] for key in keys if key != "currency")
