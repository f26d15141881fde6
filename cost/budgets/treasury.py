"""Everything budgets are kept with, from its start to its stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cost.budgets import history
from cost.budgets.book import Book
from cost.budgets.engine import Engine
from cost.budgets.holdings import BudgetsUnavailableError, Seed
from cost.budgets.journal import Journal
from cost.budgets.matching import Sorter
from cost.budgets.memory import MemoryLedger
from cost.budgets.prices import BookPrices, DayRates
from cost.budgets.redis_ledger import RedisLedger
from cost.budgets.windows import SECOND_NS, SLOT_NS

if TYPE_CHECKING:
    from cost.budgets.definition import Budget
    from cost.budgets.ledger import Ledger
    from cost.budgets.pricing import Estimator, Exchange
    from cost.parts import CostParts
    from cost.settings import CostSettings

#: Times a budget's charges are read again because others were counted meanwhile.
_SEED_TRIES_MAX = 20


class Treasury:
    """Budgets, their ledger, and who decides; one for a process. Nothing opens before `start`."""

    def __init__(
        self, parts: CostParts, ledger: Ledger, estimator: Estimator, exchange: Exchange
    ) -> None:
        settings = parts.settings
        self.parts = parts
        self.ledger = ledger
        self.estimator = estimator
        self.exchange = exchange
        self.book = Book(parts.records, budgets_max=settings.budgets_max)
        self.engine = Engine(
            ledger,
            self.book,
            estimator,
            exchange,
            parts.clock,
            ttl_default_s=min(settings.budget_ttl_default_s, settings.budget_ttl_max_s),
            ttl_max_s=settings.budget_ttl_max_s,
        )

    def start(self) -> None:
        """Take up the ledger and read the budgets; blocking.

        Raises
        ------
        AnswerableError
            When another process has the journal, or Redis or the store does not answer.
        """
        self.ledger.start(self.watermark_ns())
        self.book.refresh()

    def stop(self) -> None:
        """Let go of the ledger."""
        self.ledger.close()

    def watermark_ns(self) -> int:
        """Up to when everything booked can be seen."""
        lag_ns = round(self.parts.settings.budget_charges_lag_s * SECOND_NS)
        rows = self.parts.store.query("cost/budget_watermark", {"lag_ns": lag_ns})
        return int(rows[0]["until_ns"])

    def seed(self, budget: Budget) -> None:
        """Read what a budget was charged in its window, and set it; blocking."""
        for _ in range(_SEED_TRIES_MAX):
            watermark_ns = self.ledger.watermark()
            start = budget.window.at(self.parts.clock()).start
            sorter = Sorter(self.exchange)
            if not budget.scope.key:
                for row in self._charged(budget, start, watermark_ns):
                    sorter.add(budget, row["slot"], row["cost"], row["currency"])
            sums = {slot: amount for (_, slot), amount in sorter.sums.items()}
            unconverted = {currency: n for (_, currency), n in sorter.unconverted.items()}
            if self.ledger.seed(Seed(budget.key, start, watermark_ns, sums, unconverted)):
                return
        raise BudgetsUnavailableError(
            f"The charges of budget {budget.budget_id!r} kept changing while they were read."
        )

    def deliver(self) -> None:
        """Bring what happened into the store; again what a crash left half done."""
        size = self.parts.settings.budget_history_batch
        while True:
            events, token = self.ledger.events(size)
            now = self.parts.clock()
            found = [
                row
                for event in events
                for row in history.rows(event, self.book, self.ledger.find, now)
            ]
            self.parts.store.insert("budget_entries", found)
            if events:
                self.ledger.delivered(token)
            if len(events) < size:
                return

    def is_seeded(self, budget: Budget) -> bool:
        """Whether everything in the budget's window is counted."""
        start = self.ledger.seeds().get(budget.key)
        return start is not None and start <= budget.window.at(self.parts.clock()).start

    def _charged(self, budget: Budget, start: int, watermark_ns: int) -> list[dict[str, Any]]:
        scope = budget.scope
        rows = self.parts.store.query(
            "cost/budget_seed",
            {
                "tenant": budget.tenant,
                "project": scope.project,
                "user": scope.user,
                "provider": scope.provider,
                "feature": scope.feature,
                "from_ns": start * SLOT_NS,
                "watermark_ns": watermark_ns,
                "slot_ns": SLOT_NS,
            },
        )
        return [row for row in rows if scope.fits_model(row["model"])]


def treasury(parts: CostParts) -> Treasury:
    """Put a treasury together as the settings say."""
    return Treasury(parts, _ledger(parts.settings), BookPrices(parts), DayRates(parts))


def _ledger(settings: CostSettings) -> Ledger:
    if settings.budget_redis_url is not None:
        return RedisLedger(
            settings.budget_redis_url.get_secret_value(),
            prefix=settings.budget_redis_prefix,
            events_max=settings.budget_events_max,
            timeout_s=settings.budget_redis_timeout_s,
        )
    journal = Journal(
        settings.budget_dir,
        segment_bytes=settings.budget_segment_mib << 20,
        total_bytes=settings.budget_journal_max_mib << 20,
    )
    return MemoryLedger(journal, reservations_max=settings.budget_reservations_max)
