"""The job that settles reservations from the spans of their calls."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from cost.budgets.calls import Actual, Money
from cost.budgets.windows import SECOND_NS
from sql.errors import ConflictError, InvalidInputError, NotFoundError
from web.window import DAY_NS

if TYPE_CHECKING:
    from cost.budgets.holdings import Reservation
    from cost.parts import CostParts

_RESERVATIONS_MAX = 2000
_TRACES_A_QUERY = 100

_Row = dict[str, Any]


class SpanSettling:
    """Settles what a client left open and telemetry shows.

    A reservation that names its span is settled with what that span cost. One that is alone in
    its trace is settled with what the spans cost that began after it, once nothing was booked for
    `budget_span_quiet_s`. Any other waits for its client, or its time runs out.
    """

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts

    @property
    def interval_s(self) -> float:
        """Seconds between two looks at open reservations."""
        return self._parts.settings.budget_span_interval_s

    def run(self) -> None:
        """Settle what can be settled."""
        treasury = self._parts.treasury
        quiet_ns = round(self._parts.settings.budget_span_quiet_s * SECOND_NS)
        waiting = treasury.ledger.open_traced(self._parts.clock() - quiet_ns, _RESERVATIONS_MAX)
        for first in range(0, len(waiting), _TRACES_A_QUERY):
            some = waiting[first : first + _TRACES_A_QUERY]
            rows = self._rows(some, quiet_ns)
            for held in some:
                money = self._money(held, rows[held.tenant, held.trace_id])
                if money is not None:
                    self._settle(held, money)

    def _rows(self, some: list[Reservation], quiet_ns: int) -> dict[tuple[str, str], list[_Row]]:
        found: dict[tuple[str, str], list[_Row]] = defaultdict(list)
        parameters = {
            "tenants": sorted({held.tenant for held in some}),
            "traces": sorted({held.trace_id for held in some}),
            "from_ns": max(0, min(held.created_ns for held in some) - DAY_NS),
            "to_ns": max(held.expires_ns for held in some) + DAY_NS,
            "quiet_ns": quiet_ns,
        }
        for row in self._parts.store.query("cost/budget_span_costs", parameters):
            found[row["tenant"], row["trace"]].append(row)
        return found

    def _money(self, held: Reservation, rows: list[_Row]) -> Money | None:
        own = [row for row in rows if held.span_id and row["span"] == held.span_id]
        if not own and self._parts.treasury.ledger.is_alone(held.tenant, held.trace_id):
            own = [row for row in rows if row["start_ns"] >= held.created_ns]
            if not all(row["quiet"] for row in own):
                return None
        currencies = {row["currency"] for row in own if row["currency"]}
        if len(currencies) != 1 or any(row["unpriced"] for row in own):
            return None
        return Money(sum(row["cost"] for row in own), currencies.pop())

    def _settle(self, held: Reservation, money: Money) -> None:
        engine = self._parts.treasury.engine
        try:
            engine.settle(held.tenant, held.reservation_id, Actual(money), by="span")
        except (ConflictError, InvalidInputError, NotFoundError):
            # Its client was quicker, or there is no rate: it stays as it is.
            return
