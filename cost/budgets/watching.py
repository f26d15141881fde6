"""The job that raises signals when money crosses thresholds, and suspends and resumes tenants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cost.budgets.holdings import Suspension
from cost.budgets.money import nano, units
from cost.budgets.windows import LAST_SLOT, SECOND_NS, SLOT_NS, Span
from sql.signals import Severity
from web.render import decimal, timestamp

if TYPE_CHECKING:
    from decimal import Decimal

    from cost.budgets.definition import Budget
    from cost.budgets.holdings import Totals
    from cost.parts import CostParts

CROSSED, SUSPENDED = "budget_threshold", "budget_suspended"

#: How long one process may take to write a signal before another does.
_CLAIM_NS = 60 * SECOND_NS


class Watching:
    """Looks at the sums themselves, whatever moved them.

    Reservations, telemetry that came late, corrections and a lower limit all show there.
    """

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts

    @property
    def interval_s(self) -> float:
        """Seconds between two looks."""
        return self._parts.settings.budget_watch_interval_s

    def run(self) -> None:
        """Look at every budget."""
        ledger, budgets = self._parts.treasury.ledger, self._parts.treasury.book.all()
        seeds = ledger.seeds()
        looks = [
            (budget, span)
            for budget in budgets
            for span in self._spans(budget, seeds.get(budget.key, LAST_SLOT))
        ]
        totals = ledger.totals([(budget.key, span.start, span.end) for budget, span in looks])
        wanted: dict[str, Suspension] = {}
        now = self._parts.clock()
        for (budget, span), total in zip(looks, totals, strict=True):
            self._raise(budget, span, total)
            if span == budget.window.at(now):
                found = self._suspension(budget, span, total, now)
                if found is not None:
                    wanted.setdefault(budget.tenant, found)
        self._apply(wanted, now)

    def _spans(self, budget: Budget, seeded: int) -> list[Span]:
        """Give the window now, and the one before where its charges are known."""
        now = budget.window.at(self._parts.clock())
        if now.end == LAST_SLOT:
            return [now]
        before = budget.window.at(now.from_ns - 1)
        return [before, now] if seeded <= before.start else [now]

    def _raise(self, budget: Budget, span: Span, total: Totals) -> None:
        for share in budget.crossed(total.spent) if budget.limit else ():
            self._once(budget, span, total, share, nano(budget.limit * share))

    def _once(self, budget: Budget, span: Span, total: Totals, share: Decimal, level: int) -> None:
        ledger, now = self._parts.treasury.ledger, self._parts.clock()
        mark = f"crossed|{budget.key}|{_window(budget, span, now)}|{share.normalize():f}"
        if not ledger.claim(mark, now, now + _CLAIM_NS):
            return
        # A run that was cut off after the signal and before its mark has written it already.
        if not self._is_raised(budget, mark, now):
            self._parts.signals.raise_(
                CROSSED,
                budget.budget_id,
                tenant=budget.tenant,
                value=float(units(total.spent)),
                threshold=float(units(level)),
                severity=Severity.CRITICAL if share >= 1 else Severity.WARNING,
                link=f"/budgets?tenant={budget.tenant}&budget={budget.budget_id}",
                body={
                    "mark": mark,
                    "at": f"{share.normalize():f}",
                    "spent": decimal(units(total.spent)),
                    "limit": decimal(budget.limit),
                    "currency": budget.currency,
                    "window_from": timestamp(span.from_ns),
                },
                time_ns=now,
            )
        ledger.mark(mark, now)

    def _is_raised(self, budget: Budget, mark: str, now: int) -> bool:
        found = self._parts.signals.list(
            [budget.tenant],
            start_ns=max(0, now - 2 * 86_400 * SECOND_NS),
            end_ns=now + 1,
            kinds=[CROSSED, SUSPENDED],
            subjects=[budget.budget_id],
            limit=1000,
        )
        return any(signal.body.get("mark") == mark for signal in found)

    def _suspension(self, budget: Budget, span: Span, total: Totals, now: int) -> Suspension | None:
        if not budget.suspends or total.spent < budget.limit_nano:
            return None
        if self._parts.treasury.ledger.marked(lifted(budget, span, now)):
            return None
        reason = (
            f"Budget {budget.budget_id!r} is spent and suspends new work; telemetry is stored "
            "all the same."
        )
        return Suspension(budget.tenant, budget.key, now, span.resets_ns, reason)

    def _apply(self, wanted: dict[str, Suspension], now: int) -> None:
        ledger = self._parts.treasury.ledger
        held = {found.tenant: found for found in ledger.suspensions(now)}
        for tenant in held.keys() - wanted.keys():
            ledger.lift(tenant, now)
        for tenant, suspension in wanted.items():
            before = held.get(tenant)
            if before is None:
                ledger.suspend(suspension, now)
                self._tell(suspension, now)
            elif (before.key, before.until_ns) != (suspension.key, suspension.until_ns):
                ledger.suspend(suspension, now)

    def _tell(self, suspension: Suspension, now: int) -> None:
        budget = self._parts.treasury.book.get(suspension.key)
        if budget is None:
            return
        self._parts.signals.raise_(
            SUSPENDED,
            budget.budget_id,
            tenant=suspension.tenant,
            value=1.0,
            threshold=1.0,
            severity=Severity.CRITICAL,
            link=f"/budgets?tenant={budget.tenant}&budget={budget.budget_id}",
            body={"reason": suspension.reason, "until": timestamp(suspension.until_ns)},
            time_ns=now,
        )


def lifted(budget: Budget, span: Span, now_ns: int) -> str:
    """Name the mark of a suspension that was lifted until the window is another."""
    return f"lifted|{budget.key}|{_window(budget, span, now_ns)}"


def _window(budget: Budget, span: Span, now_ns: int) -> str:
    """Name a window; one that moves along gets a new name once its whole length has passed."""
    if span.end != LAST_SLOT:
        return f"{span.start}-{span.end}"
    slots = max(1, now_ns // SLOT_NS - span.start)
    return f"rolling-{now_ns // SLOT_NS // slots}"
