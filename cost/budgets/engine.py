"""Reserve before a call, settle after it: every budget the call counts in, in one atomic step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cost.budgets.answers import Changed, Decided, Standing
from cost.budgets.calls import Call, Money
from cost.budgets.decisions import decided, reservation
from cost.budgets.definition import Answer
from cost.budgets.holdings import Reservation, Settlement
from cost.budgets.money import nano
from cost.budgets.needs import ALLOWED, Assessor, Need
from cost.budgets.outcomes import unknown
from cost.budgets.windows import SECOND_NS
from sql.errors import ConflictError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cost.budgets.book import Book
    from cost.budgets.calls import Actual, Request
    from cost.budgets.ledger import Ledger
    from cost.budgets.pricing import Estimator, Exchange
    from sql.clock import Clock

#: Models tried one after another where budgets ask for cheaper ones.
_MODELS_MAX = 8

#: Of an amount whose currency nobody has said.
DEFAULT_CURRENCY = "USD"


class Engine:
    """Decides on calls; the same for every ledger.

    Parameters
    ----------
    ttl_default_s
        How long a reservation lives that no budget counts.
    ttl_max_s
        Longest life of a reservation, extensions included.
    """

    def __init__(
        self,
        ledger: Ledger,
        book: Book,
        estimator: Estimator,
        exchange: Exchange,
        clock: Clock,
        *,
        ttl_default_s: int,
        ttl_max_s: int,
    ) -> None:
        self.ledger = ledger
        self._book = book
        self._estimator = estimator
        self._exchange = exchange
        self._clock = clock
        self._ttl_default_s = ttl_default_s
        self._ttl_max_s = ttl_max_s

    def is_ready(self, request: Request) -> bool:
        """Whether `reserve` answers without reading the store."""
        if request.amount is None and not self._estimator.is_ready(request.call):
            return False
        budgets = self._book.matching(request.call)
        currency = request.amount.currency if request.amount else None
        return currency is None or all(
            self._exchange.is_ready(currency, budget.currency) for budget in budgets
        )

    def reserve(self, request: Request) -> Decided:
        """Decide on a call, and hold what it may cost.

        Raises
        ------
        ConflictError
            When the identifier belongs to another request.
        InvalidInputError
            For a life longer than the bound.
        """
        self._check_ttl(request.ttl_s)
        now = self._clock()
        assessor = Assessor(request, self._estimator, self._exchange, now)
        call, tried = request.call, set[str]()
        while True:
            found, needs = self._attempt(request, call, assessor, now)
            if found.answer is not Answer.DOWNGRADE or found.reservation is not None:
                break
            tried.add(call.model.lower())
            if found.model.lower() in tried or len(tried) > _MODELS_MAX:
                detail = f"{found.detail} Its cheaper model {found.model!r} does not fit."
                found = replace(found, answer=Answer.DENY, model="", detail=detail)
                break
            call = call.with_model(found.model)
        if found.reservation is None:
            self._note(request, call, found, needs, now)
        return found

    def settle(self, tenant: str, reservation_id: str, actual: Actual, *, by: str) -> Changed:
        """Count what a call came to; the money counts however late it is said.

        Raises
        ------
        NotFoundError
            For a reservation that is not there.
        ConflictError
            When another amount was settled before.
        InvalidInputError
            For usage without a price, or a currency without a rate.
        """
        found = self._find(tenant, reservation_id)
        money = actual.money or self._priced(found, actual)
        if not money.currency:
            money = replace(money, currency=found.info["currency"] or DEFAULT_CURRENCY)
        amounts = {key: self._worth(found, money, key) for key in found.lines}
        text = f"{money.amount.normalize():f} {money.currency}"
        settlement = Settlement(amounts, text, by)
        held, replayed = self.ledger.settle(tenant, reservation_id, settlement, self._clock())
        return Changed(held, replayed, self._standings(held))

    def release(self, tenant: str, reservation_id: str) -> Changed:
        """Free what a call holds that will cost nothing."""
        held, replayed = self.ledger.release(tenant, reservation_id, self._clock())
        return Changed(held, replayed, self._standings(held))

    def extend(self, tenant: str, reservation_id: str, ttl_s: int) -> Changed:
        """Let a reservation live longer, from now."""
        self._check_ttl(ttl_s)
        now = self._clock()
        found = self._find(tenant, reservation_id)
        latest_ns = found.created_ns + self._ttl_max_s * SECOND_NS
        expires_ns = max(found.expires_ns, min(now + ttl_s * SECOND_NS, latest_ns))
        held = self.ledger.extend(tenant, reservation_id, expires_ns, now)
        return Changed(held, False, self._standings(held))

    def _attempt(
        self, request: Request, call: Call, assessor: Assessor, now: int
    ) -> tuple[Decided, list[Need]]:
        needs = [assessor.need(budget, call) for budget in self._book.matching(call)]
        wanted = reservation(request, call, needs, now, self._ttl_default_s, self._ttl_max_s)
        lines = [need.line for need in needs]
        refused = any(need.refusal is not None for need in needs)
        held = self.ledger.hold(wanted, lines, now, only_look=refused)
        if held.existing is not None:
            return self._replayed(request, held.existing), needs
        return decided(request, needs, wanted, held), needs

    def _replayed(self, request: Request, found: Reservation) -> Decided:
        if found.info["fingerprint"] != request.fingerprint():
            raise ConflictError(
                f"The reservation {request.reservation_id!r} was made for another call; "
                "use another identifier.",
                field="reservation_id",
            )
        downgraded = found.info["model"] != request.call.model
        return Decided(
            answer=Answer.DOWNGRADE if downgraded else Answer.ALLOW,
            reason="threshold" if downgraded else "",
            detail="",
            model=found.info["model"] if downgraded else "",
            reservation=found,
            estimate=found.info["estimate"],
            resets_ns=None,
            replayed=True,
            standings=self._standings(found),
        )

    def _note(
        self, request: Request, call: Call, found: Decided, needs: Sequence[Need], now: int
    ) -> None:
        """Keep a refusal for the history."""
        self.ledger.note(
            {
                "op": "refuse",
                "at": now,
                "tenant": call.tenant,
                "id": request.reservation_id,
                "decision": found.answer.word,
                "reason": found.reason,
                "lines": {need.budget.key: need.amount for need in needs},
                "info": call.body(),
                "trace_id": request.trace_id,
            }
        )

    def _standings(self, held: Reservation) -> list[Standing]:
        """Say how the budgets of a reservation stand now; those removed since are left out."""
        found = [budget for key in held.lines if (budget := self._book.get(key)) is not None]
        now = self._clock()
        spans = [budget.window.at(now) for budget in found]
        windows = [
            (budget.key, span.start, span.end) for budget, span in zip(found, spans, strict=True)
        ]
        totals = self.ledger.totals(windows) if windows else []
        return [
            Standing(budget, span, total, ALLOWED, held.lines.get(budget.key))
            for budget, span, total in zip(found, spans, totals, strict=True)
        ]

    def _priced(self, found: Reservation, actual: Actual) -> Money:
        info = found.info
        call = Call(
            tenant=found.tenant,
            provider=actual.provider or info["provider"],
            model=actual.model or info["model"],
            service_tier=(
                info["service_tier"] if actual.service_tier is None else actual.service_tier
            ),
        )
        money = self._estimator.cost(call, actual.usage, found.created_ns)
        if money is None:
            raise InvalidInputError(
                f"There is no price for this usage of model {call.model!r}; settle with an amount, "
                "or leave it to the telemetry.",
                field="usage",
            )
        return money

    def _worth(self, found: Reservation, money: Money, key: str) -> int:
        budget = self._book.get(key)
        if budget is None:
            return 0
        worth = self._exchange.convert(money, budget.currency, found.created_ns)
        if worth is None:
            raise InvalidInputError(
                f"There is no exchange rate from {money.currency} to {budget.currency}, the "
                f"currency of budget {budget.budget_id!r}.",
                field="currency",
            )
        return nano(worth)

    def _find(self, tenant: str, reservation_id: str) -> Reservation:
        found = self.ledger.find(tenant, reservation_id)
        if found is None:
            raise unknown(reservation_id)
        return found

    def _check_ttl(self, ttl_s: int | None) -> None:
        if ttl_s is not None and not 0 < ttl_s <= self._ttl_max_s:
            raise InvalidInputError(
                f"ttl_s is {ttl_s}; use 1 to {self._ttl_max_s}, the bound budget_ttl_max_s.",
                field="ttl_s",
            )
