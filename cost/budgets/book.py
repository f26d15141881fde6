"""Every budget in force, as one process knows them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import structlog

from cost.budgets.definition import KIND, Budget
from sql.errors import InvalidInputError
from sql.records import FAR_FUTURE_NS, LIMIT_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cost.budgets.calls import Call
    from sql.records import Record, Records

_logger = structlog.get_logger(__name__)

#: From the widest to the narrowest.
LEVELS = ("organisation", "tenant", "project", "user", "key")


class Book:
    """Budgets by tenant; a look-up never touches the store, `refresh` does.

    Parameters
    ----------
    budgets_max
        Most budgets there may be.
    """

    def __init__(self, records: Records, *, budgets_max: int) -> None:
        self._records = records
        self.budgets_max = budgets_max
        self._by_tenant: Mapping[str, Sequence[Budget]] = {}
        self._by_key: Mapping[str, Budget] = {}
        self._guard = threading.Lock()

    def refresh(self) -> None:
        """Read every budget of every tenant; a record that is none is logged and left out."""
        with self._guard:
            found = []
            for record in self._stored():
                try:
                    found.append(Budget.from_record(record))
                except (KeyError, TypeError, ValueError, InvalidInputError) as error:
                    _logger.error("budget_record_invalid", budget_id=record.id, error=repr(error))
            self.replace(found)

    def replace(self, budgets: Iterable[Budget]) -> None:
        """Put other budgets in force; look-ups on other threads keep what they hold."""
        by_tenant: dict[str, list[Budget]] = {}
        for budget in sorted(budgets, key=_rank):
            by_tenant.setdefault(budget.tenant, []).append(budget)
        self._by_key = {one.key: one for held in by_tenant.values() for one in held}
        self._by_tenant = by_tenant

    def matching(self, call: Call) -> list[Budget]:
        """List the budgets a call counts in, the widest first."""
        tenants = [""] if not call.tenant else ["", call.tenant]
        return [
            budget
            for tenant in tenants
            for budget in self._by_tenant.get(tenant, ())
            if budget.holds(call)
        ]

    def all(self, tenants: Sequence[str] = ()) -> list[Budget]:
        """List budgets by tenant and rank; no tenants means all of them."""
        names = sorted(self._by_tenant) if not tenants else sorted(tenants)
        return [budget for tenant in names for budget in self._by_tenant.get(tenant, ())]

    def get(self, key: str) -> Budget | None:
        """Look one up."""
        return self._by_key.get(key)

    def parents(self, budget: Budget) -> list[str]:
        """Name the budgets of its tenant that contain it, the widest first."""
        candidates = self._by_tenant.get(budget.tenant, ())
        return [other.budget_id for other in candidates if other.contains(budget)]

    def _stored(self) -> Iterator[Record]:
        after = ("", "")
        while True:
            # The newest version whatever the clock says: a clock set back must not bring an old
            # limit back.
            page = self._records.list(KIND, [], as_of=FAR_FUTURE_NS, after=after, limit=LIMIT_MAX)
            yield from page
            if len(page) < LIMIT_MAX:
                return
            after = (page[-1].tenant, page[-1].id)


def _rank(budget: Budget) -> tuple[int, str]:
    return (LEVELS.index(budget.level), budget.budget_id)
