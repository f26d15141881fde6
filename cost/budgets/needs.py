"""What one call needs of one budget: how much, up to where, and what speaks against it at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cost.budgets.calls import Money
from cost.budgets.definition import Answer, Budget, Threshold, UnknownPrice
from cost.budgets.holdings import Line
from cost.budgets.money import nano, nano_up
from cost.budgets.windows import Span

if TYPE_CHECKING:
    from cost.budgets.calls import Call, Request
    from cost.budgets.holdings import Totals
    from cost.budgets.pricing import Estimator, Exchange

#: A call in this tier is what "defer" asks for.
OFFLINE_TIER = "batch"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one budget answers a call.

    Parameters
    ----------
    resets
        Whether another window would change it.
    model
        Of a downgrade: the model to call instead.
    """

    answer: Answer
    reason: str = ""
    detail: str = ""
    model: str = ""
    resets: bool = False


ALLOWED = Verdict(Answer.ALLOW)


@dataclass(frozen=True, slots=True)
class Need:
    """A budget and what a call needs of it.

    Parameters
    ----------
    money
        What the call may cost; None where that is not known.
    refusal
        What is answered whatever was spent; None where that decides.
    steps
        Amounts above which something else is answered than allow, ascending.
    """

    budget: Budget
    span: Span
    money: Money | None
    amount: int
    refusal: Verdict | None
    steps: tuple[tuple[int, Threshold | None, bool], ...]

    @property
    def line(self) -> Line:
        """What the ledger is asked."""
        return Line(
            self.budget.key,
            self.amount,
            self.span.start,
            self.span.end,
            tuple((level, blocks) for level, _, blocks in self.steps),
        )

    def verdict(self, totals: Totals) -> Verdict:
        """Say what the budget answers at these totals."""
        if self.refusal is not None:
            return self.refusal
        after = totals.used + self.amount
        passed = [(threshold, blocks) for level, threshold, blocks in self.steps if after > level]
        if not passed or not passed[-1][1]:
            return ALLOWED
        threshold = passed[-1][0]
        name = self.budget.budget_id
        if threshold is None:
            detail = f"The call would bring budget {name!r} above its limit."
            return Verdict(Answer.DENY, "over_limit", detail, resets=True)
        share = f"{threshold.at.normalize():f} of its limit"
        detail = f"The call would bring budget {name!r} above {share}."
        return Verdict(threshold.answer, "threshold", detail, threshold.model, resets=True)


class Assessor:
    """Works out the needs of one call; estimates are made once a model and number of tokens."""

    def __init__(
        self, request: Request, estimator: Estimator, exchange: Exchange, now_ns: int
    ) -> None:
        self._request = request
        self._estimator = estimator
        self._exchange = exchange
        self._now_ns = now_ns
        self._made: dict[tuple[str, int], Money | None] = {}

    def need(self, budget: Budget, call: Call) -> Need:
        """Say what a call needs of a budget."""
        money = self._estimate(call, budget.default_output_tokens)
        amount, refusal = self._amount(budget, money)
        if not budget.limit and budget.hard:
            detail = f"Budget {budget.budget_id!r} is 0: it allows nothing."
            refusal = Verdict(Answer.DENY, "zero_budget", detail)
        return Need(
            budget=budget,
            span=budget.window.at(self._now_ns),
            money=money,
            amount=amount,
            refusal=refusal,
            steps=self._steps(budget, call, money),
        )

    def _estimate(self, call: Call, default_output_tokens: int) -> Money | None:
        if self._request.amount is not None:
            return self._request.amount
        key = (call.model, default_output_tokens)
        if key not in self._made:
            usage = self._request.usage(default_output_tokens)
            self._made[key] = self._estimator.cost(call, usage, self._now_ns)
        return self._made[key]

    def _amount(self, budget: Budget, money: Money | None) -> tuple[int, Verdict | None]:
        if money is None:
            return self._unknown(budget, "unknown_price")
        worth = self._exchange.convert(money, budget.currency, self._now_ns)
        if worth is None:
            return self._unknown(budget, "no_rate")
        cap = budget.per_request_cap
        if cap is not None and worth > cap:
            detail = (
                f"The call may cost {worth:f} {budget.currency}, more than budget "
                f"{budget.budget_id!r} allows for one: {cap:f}."
            )
            return nano_up(worth), Verdict(Answer.DENY, "per_request_cap", detail)
        return nano_up(worth), None

    def _unknown(self, budget: Budget, reason: str) -> tuple[int, Verdict | None]:
        match budget.unknown_price:
            case UnknownPrice.CAP:
                return nano(budget.cap or budget.limit), None
            case UnknownPrice.ALLOW:
                # The least amount there is: an exhausted budget stops such calls too.
                return 1, None
        what = "price" if reason == "unknown_price" else "exchange rate"
        detail = f"There is no {what} for the call, and budget {budget.budget_id!r} denies those."
        return 0, Verdict(Answer.DENY, reason, detail)

    def _steps(
        self, budget: Budget, call: Call, money: Money | None
    ) -> tuple[tuple[int, Threshold | None, bool], ...]:
        limit = budget.limit_nano
        steps: list[tuple[int, Threshold | None, bool]] = [
            (
                budget.level_nano(threshold),
                threshold,
                not self._meets(budget, threshold, call, money),
            )
            for threshold in budget.thresholds
            if threshold.answer is not Answer.ALLOW
        ]
        if budget.hard:
            steps = [step for step in steps if step[0] < limit]
            steps.append((limit, None, True))
        return tuple(steps)

    def _meets(self, budget: Budget, threshold: Threshold, call: Call, money: Money | None) -> bool:
        """Whether a call is already what a threshold asks for."""
        if threshold.answer is Answer.DEFER:
            return call.service_tier == OFFLINE_TIER
        if threshold.answer is not Answer.DOWNGRADE:
            return False
        if threshold.model.lower() == call.model.lower():
            return True
        if money is None or self._request.amount is not None:
            return False
        cheaper = self._estimate(call.with_model(threshold.model), budget.default_output_tokens)
        return (
            cheaper is not None
            and cheaper.currency == money.currency
            and money.amount <= cheaper.amount
        )
