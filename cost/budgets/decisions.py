"""From what budgets need and hold to one decision on a call."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from cost.budgets.answers import Decided, Standing
from cost.budgets.definition import Answer
from cost.budgets.holdings import Reservation
from cost.budgets.needs import ALLOWED, Verdict
from cost.budgets.windows import SECOND_NS, slot_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cost.budgets.calls import Call, Request
    from cost.budgets.holdings import Held, Suspension
    from cost.budgets.needs import Need


def reservation(
    request: Request,
    call: Call,
    needs: Sequence[Need],
    now: int,
    ttl_default_s: int,
    ttl_max_s: int,
) -> Reservation:
    """Build what is to be held for a call."""
    ttl_s = request.ttl_s
    if ttl_s is None:
        lives = [need.budget.reservation_ttl_s for need in needs] or [ttl_default_s]
        ttl_s = min(*lives, ttl_max_s)
    priced = [need.money for need in needs if need.money is not None]
    largest = max(priced, key=lambda money: money.amount, default=None)
    estimate = "none"
    if needs:
        estimate = "priced" if largest else "unpriced"
    if request.amount is not None:
        estimate, largest = "given", request.amount
    return Reservation(
        tenant=call.tenant,
        reservation_id=request.reservation_id,
        created_ns=now,
        expires_ns=now + ttl_s * SECOND_NS,
        slot=slot_of(now),
        trace_id=request.trace_id,
        span_id=request.span_id,
        lines={need.budget.key: need.amount for need in needs},
        info={
            **call.body(),
            "fingerprint": request.fingerprint(),
            "amount": f"{largest.amount:f}" if largest else None,
            "currency": largest.currency if largest else None,
            "estimate": estimate,
        },
    )


def decided(request: Request, needs: Sequence[Need], wanted: Reservation, held: Held) -> Decided:
    """Put together what the budgets answer, the strictest first."""
    standings = []
    for need, totals in zip(needs, held.totals, strict=True):
        verdict = need.verdict(totals)
        reserved = None
        if held.held:
            reserved = need.amount
            totals = replace(totals, held=totals.held + need.amount)  # noqa: PLW2901
        standings.append(Standing(need.budget, need.span, totals, verdict, reserved))
    strictest = max(
        (standing.verdict for standing in standings),
        key=lambda verdict: verdict.answer,
        default=ALLOWED,
    )
    resets_ns = _resets_ns(standings, strictest)
    if held.suspension is not None:
        strictest = _suspended(held.suspension)
        resets_ns = held.suspension.until_ns
    answer, model = strictest.answer, strictest.model
    if held.held and wanted.info["model"] != request.call.model:
        answer, model = Answer.DOWNGRADE, wanted.info["model"]
    return Decided(
        answer=answer,
        reason=strictest.reason if answer is not Answer.DOWNGRADE else "threshold",
        detail=strictest.detail,
        model=model,
        reservation=wanted if held.held else None,
        estimate=wanted.info["estimate"],
        resets_ns=None if held.held else resets_ns,
        replayed=False,
        standings=standings,
    )


def _resets_ns(standings: Sequence[Standing], strictest: Verdict) -> int | None:
    """Give when every budget in the way has a new window."""
    in_the_way = [one for one in standings if one.verdict.answer >= max(strictest.answer, 1)]
    if not in_the_way or not all(one.verdict.resets for one in in_the_way):
        return None
    return max(one.span.resets_ns for one in in_the_way)


def _suspended(suspension: Suspension) -> Verdict:
    return Verdict(Answer.DENY, "suspended", suspension.reason, resets=True)


def overshoot(held: Reservation) -> Decimal:
    """Give by how much a settlement exceeded its reservation, in the currency it was settled in."""
    amount, _, currency = held.settlement.partition(" ")
    if not amount:
        return Decimal(0)
    reserved = Decimal(0)
    if not held.late and held.info["currency"] == currency:
        reserved = Decimal(held.info["amount"] or 0)
    return max(Decimal(0), Decimal(amount) - reserved)
