"""The limit a forecast is held against: how much, of which charges, over which time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from cost.budgets.definition import KIND, Budget
from cost.patterns import Pattern
from sql.errors import InvalidInputError, NotFoundError
from web.window import DAY_NS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sql.records import Record, Records

#: Budgets of one id that are read to see whether several tenants have it.
_BUDGETS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """How much may be spent.

    Parameters
    ----------
    budget_id
        None where only an amount was given.
    tenants
        Whose charges count; empty for all.
    filters
        By key, as questions take them.
    models
        None for all.
    from_ns
        Since when spend counts.
    to_ns
        When a new window starts; None where it moves along with time.
    """

    budget_id: str | None
    amount: Decimal
    currency: str | None
    tenants: tuple[str, ...]
    from_ns: int
    to_ns: int | None
    filters: Mapping[str, str] = field(default_factory=dict)
    models: Pattern | None = None

    def rolling_days(self, now_ns: int) -> int | None:
        """Give the length of a window that moves, in days, rounded up."""
        return None if self.to_ns is not None else -(-(now_ns - self.from_ns) // DAY_NS)


class Limits(Protocol):
    """Where budgets come from."""

    def find(self, budget_id: str, tenants: Sequence[str], now_ns: int) -> Limit:
        """Find a budget as it is now; no tenants means all of them.

        Raises
        ------
        NotFoundError
            Where none of the tenants has it.
        InvalidInputError
            Where several have it, and where its spend cannot be read from charges.
        """
        ...


class RecordedLimits:
    """Budgets as they are recorded."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def find(self, budget_id: str, tenants: Sequence[str], now_ns: int) -> Limit:
        """Find a budget; see `Limits`."""
        found = self._named(budget_id, tenants, now_ns)
        if not found:
            raise NotFoundError(f"There is no budget {budget_id!r}.", field="budget")
        if len(found) > 1:
            raise InvalidInputError(
                f"{len(found)} tenants have a budget {budget_id!r}; name the tenant.",
                field="tenant",
            )
        return _limit(Budget.from_record(found[0]), now_ns)

    def _named(self, budget_id: str, tenants: Sequence[str], now_ns: int) -> list[Record]:
        if tenants:
            each = (self._records.get(KIND, budget_id, name, as_of=now_ns) for name in tenants)
            return [record for record in each if record is not None]
        held = self._records.list(KIND, (), as_of=now_ns, limit=_BUDGETS_MAX)
        return [record for record in held if record.id == budget_id]


def _limit(budget: Budget, now_ns: int) -> Limit:
    scope = budget.scope.body()
    if scope.pop("key"):
        raise InvalidInputError(
            "Charges do not say which key made them, so a budget of a key has no forecast.",
            field="budget",
        )
    model = scope.pop("model")
    span = budget.window.at(now_ns)
    return Limit(
        budget_id=budget.budget_id,
        amount=budget.limit,
        currency=budget.currency,
        tenants=(budget.tenant,) if budget.tenant else (),
        from_ns=span.from_ns,
        to_ns=span.to_ns,
        filters={key: value for key, value in scope.items() if value},
        models=Pattern(model) if model else None,
    )
