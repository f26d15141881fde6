"""Reads both windows from the sums of charges, in one currency and a bounded number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from cost.explain.usage import Usage, collected
from cost.explain.windows import Windows
from cost.reports.conversion import conversion
from cost.reports.dimensions import FILTERS
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from decimal import Decimal

    from cost.reports.conversion import RatesAt
    from sql.client import Store

#: Dimensions whose values may become one where there are too many to tell all apart.
FOLDED = ("tenant", "project", "feature", "service", "connector", "prompt")

#: Filters there is no sum by hour for, or that would leave half a call.
UNKNOWN = ("user", "kind", "meter")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is asked for, checked.

    Parameters
    ----------
    known_ns
        When charges had to be booked by, UTC nanoseconds.
    tenants
        Empty for all.
    filters
        By key; an empty text means the charges that have none.
    currency
        None for the one that all charges are in.
    """

    windows: Windows
    known_ns: int
    tenants: tuple[str, ...]
    filters: Mapping[str, str]
    currency: str | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """Give what the queries take, without what is folded."""
        return {
            "tenants": [*self.tenants],
            "known_ns": self.known_ns,
            **self.windows.parameters,
            **{
                key: [self.filters[key]] if key in self.filters else []
                for key in FILTERS
                if key not in UNKNOWN
            },
        }


@dataclass(frozen=True, slots=True)
class Read:
    """What was read.

    Parameters
    ----------
    currency
        None where nothing has a price.
    folded
        Dimensions whose smaller values were taken together.
    """

    usage: Usage
    currency: str | None
    folded: tuple[str, ...] = ()


class Reading:
    """Reads usage and money of two windows.

    Parameters
    ----------
    rows_max
        Most rows that are looked at; with more, the smaller values of every dimension are folded.
    kept
        Values of a dimension that are kept apart then.
    """

    def __init__(self, store: Store, rates_at: RatesAt, *, rows_max: int, kept: int) -> None:
        self._store = store
        self._rates_at = rates_at
        self._rows_max = rows_max
        self._kept = kept

    def read(self, asked: Comparison) -> Read:
        """Read what was asked for.

        Raises
        ------
        InvalidInputError
            Where charges are in several currencies and none was asked for, where a rate is
            missing, and where even the folded rows are too many.
        """
        rows, folded = self._rows(asked)
        currency, rates = self._converted(asked, rows)
        return Read(collected(rows, rates), currency, folded)

    def _rows(self, asked: Comparison) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
        rows = self._fetched(asked, {})
        if len(rows) <= self._rows_max:
            return rows, ()
        keep: dict[str, list[str]] = defaultdict(list)
        for row in self._store.query(
            "cost/explain_values", {**asked.parameters, "kept": self._kept + 1}
        ):
            keep[row["dimension"]].append(row["kept_value"])
        large = {name: values[:-1] for name, values in keep.items() if len(values) > self._kept}
        rows = self._fetched(asked, large)
        if len(rows) > self._rows_max:
            raise InvalidInputError(
                f"The windows have more than {self._rows_max} kinds of calls; name a tenant, "
                "project or model.",
                field="tenant",
            )
        return rows, tuple(name for name in FOLDED if name in large)

    def _fetched(self, asked: Comparison, keep: Mapping[str, list[str]]) -> list[dict[str, Any]]:
        return self._store.query(
            "cost/explain",
            {
                **asked.parameters,
                **{f"keep_{name}": keep.get(name, []) for name in FOLDED},
                "currency": asked.currency or "",
                "limit": self._rows_max + 1,
            },
        )

    def _converted(
        self, asked: Comparison, rows: list[dict[str, Any]]
    ) -> tuple[str | None, dict[tuple[str, str], Decimal]]:
        spent = {
            (row["by_currency"], row["by_day"])
            for row in rows
            if row["baseline_cost"] or row["current_cost"]
        }
        if asked.currency is None:
            held = sorted({currency for currency, _ in spent})
            if len(held) > 1:
                raise InvalidInputError(
                    f"The charges are in {', '.join(held)}; a change needs one currency, so give "
                    f"currency={held[0]} or another to convert them to.",
                    field="currency",
                )
            return (held[0] if held else None), {}
        days = {(held, date.fromisoformat(day)) for held, day in spent if day}
        rates = conversion(self._rates_at(asked.known_ns), days, asked.currency).rates
        return asked.currency, {
            (held, day.isoformat()): rate for (held, day), rate in rates.items()
        }
