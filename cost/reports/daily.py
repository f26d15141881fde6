"""Spend by day of one currency: what forecasts start from."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from cost.reports.amounts import EXACT, Amounts, total
from sql.errors import InvalidInputError
from web.window import SECOND_NS

if TYPE_CHECKING:
    from cost.patterns import Pattern
    from cost.reports.question import Question
    from cost.reports.sums import Sum, Sums


@dataclass(frozen=True, slots=True)
class Daily:
    """Money by day.

    Parameters
    ----------
    currency
        None where nothing was charged.
    amounts
        Of all days together, for their coverage.
    """

    currency: str | None
    spent: dict[date, Decimal]
    amounts: Amounts


def daily(sums: Sums, question: Question, models: Pattern | None) -> Daily:
    """Sum up the spend of each day.

    Parameters
    ----------
    models
        Leaves out models that do not match.

    Raises
    ------
    InvalidInputError
        For money of several currencies that is not converted.
    """
    groups = ("day",) if models is None else ("day", "model")
    by_day = replace(question, groups=groups)
    found = [
        one
        for one in sums.page(by_day, sums.conversion(by_day))
        if models is None or models.matches(one.keys["model"])
    ]
    spent: defaultdict[date, Decimal] = defaultdict(Decimal)
    for one in found:
        day = date.fromisoformat(one.keys["day"])
        spent[day] = EXACT.add(spent[day], one.amounts.cost)
    return Daily(_currency(found), dict(spent), total(one.amounts for one in found))


def day_of(at_ns: int) -> date:
    """Give the day of a time, UTC."""
    return datetime.fromtimestamp(at_ns // SECOND_NS, UTC).date()


def _currency(found: list[Sum]) -> str | None:
    named = sorted({one.currency for one in found if one.currency})
    if len(named) > 1:
        raise InvalidInputError(
            f"There are charges in {', '.join(named)}; choose a currency to convert to.",
            field="currency",
        )
    return named[0] if named else None
