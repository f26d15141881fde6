"""How budgets and reservations look in JSON, and to whom."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cost.budgets.decisions import overshoot
from cost.budgets.definition import Answer
from cost.budgets.holdings import OPEN, RELEASED
from cost.budgets.money import text as money
from cost.budgets.money import units
from web.render import decimal, timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cost.budgets.answers import Changed, Decided, Standing
    from cost.budgets.book import Book
    from cost.budgets.definition import Budget
    from cost.budgets.holdings import Reservation, Suspension, Totals
    from cost.budgets.windows import Span
    from sql.access import Principal

_PLACES = Decimal("0.0001")


def decision(decided: Decided, reservation_id: str, reader: Principal) -> dict[str, Any]:
    """Write the answer to a reserve."""
    held = decided.reservation
    resets_ns = decided.resets_ns
    return {
        "reservation_id": reservation_id,
        "decision": decided.answer.word,
        "reason": decided.reason,
        "detail": decided.detail,
        "model": decided.model or None,
        "held": held is not None and held.state == OPEN,
        "amount": _amount(held),
        "currency": held.info["currency"] if held else None,
        "estimate": decided.estimate,
        "expires_at": timestamp(held.expires_ns) if held else None,
        "resets_at": None if resets_ns is None else timestamp(resets_ns),
        "replayed": decided.replayed,
        "budgets": [standing(one, reader) for one in decided.standings],
    }


def change(changed: Changed, reader: Principal) -> dict[str, Any]:
    """Write the answer to a settle, release or extend."""
    held = changed.reservation
    settled, _, currency = held.settlement.partition(" ")
    if held.state == RELEASED:
        settled = "0"
    return {
        "reservation_id": held.reservation_id,
        "state": held.state,
        "reserved": _amount(held),
        "settled": settled or None,
        "currency": currency or held.info["currency"],
        "late": held.late,
        "overshoot": decimal(overshoot(held)),
        "replayed": changed.replayed,
        "expires_at": timestamp(held.expires_ns) if held.state == OPEN else None,
        "budgets": [standing(one, reader) for one in changed.standings],
    }


def standing(one: Standing, reader: Principal) -> dict[str, Any]:
    """Write how a budget stands; a tenant's key does not see the organisation's figures."""
    budget, totals = one.budget, one.totals
    shown: dict[str, Any] = {
        "budget_id": budget.budget_id,
        "tenant": budget.tenant,
        "name": budget.name,
        "decision": one.verdict.answer.word,
        "reason": one.verdict.reason,
    }
    figures = {
        "reserved": None if one.reserved is None else money(one.reserved),
        "limit": money(budget.limit_nano),
        "currency": budget.currency,
        "spent": money(totals.spent),
        "held": money(totals.held),
        "remaining": money(max(0, budget.limit_nano - totals.used)),
        "window": window(one.span),
    }
    if not budget.tenant and not reader.all_tenants:
        figures = dict.fromkeys(figures)
    return shown | figures


@lru_cache(maxsize=4096)
def window(span: Span) -> dict[str, str | None]:
    """Write a window; one that moves along has no end."""
    end = span.to_ns
    return {"from": timestamp(span.from_ns), "to": None if end is None else timestamp(end)}


def budget_facts(budget: Budget, parents: Sequence[str]) -> dict[str, Any]:
    """Write a definition with what became of it."""
    return {
        "budget_id": budget.budget_id,
        "tenant": budget.tenant,
        **budget.body(),
        "version": budget.version,
        "changed_at": timestamp(budget.changed_at_ns),
        "changed_by": budget.changed_by,
        "level": budget.level,
        "parents": [*parents],
    }


def state(
    budget: Budget,
    span: Span,
    totals: Totals,
    *,
    unconverted: Mapping[str, int],
    opened: int,
    suspension: Suspension | None,
) -> dict[str, Any]:
    """Write how a budget stands now."""
    answer = budget.answer_at(totals.used)
    used = None
    if budget.limit:
        used = decimal((units(totals.used) / budget.limit).quantize(_PLACES))
    return {
        "window": window(span),
        "spent": money(totals.spent),
        "charged": money(totals.charged),
        "ahead": money(totals.ahead),
        "held": money(totals.held),
        "remaining": money(max(0, budget.limit_nano - totals.used)),
        "used": used,
        "decision": answer.word,
        "crossed": [f"{share.normalize():f}" for share in budget.crossed(totals.spent)],
        "resets_at": None if answer is Answer.ALLOW else timestamp(span.resets_ns),
        "suspended": None if suspension is None else _suspension(suspension),
        "unconverted": [
            {"currency": currency, "amount": money(amount)}
            for currency, amount in unconverted.items()
            if amount
        ],
        "open": opened,
    }


def suspension_facts(suspension: Suspension) -> dict[str, Any]:
    """Write what keeps a tenant from new work."""
    budget_id = suspension.key.partition("\x1f")[2]
    named = {"tenant": suspension.tenant, "budget_id": budget_id}
    return {**named, **_suspension(suspension)}


def reservation_facts(held: Reservation, book: Book, reader: Principal) -> dict[str, Any]:
    """Write a reservation for a list."""
    info = held.info
    settled, _, currency = held.settlement.partition(" ")
    lines = []
    for key, amount in held.lines.items():
        budget = book.get(key)
        if budget is not None and (budget.tenant or reader.all_tenants):
            lines.append(
                {
                    "budget_id": budget.budget_id,
                    "tenant": budget.tenant,
                    "reserved": money(amount),
                    "currency": budget.currency,
                }
            )
    fields = ("project", "user", "feature", "key", "provider", "model", "service_tier")
    return {
        "reservation_id": held.reservation_id,
        "tenant": held.tenant,
        "state": held.state,
        **{name: info[name] for name in fields},
        "reserved": _amount(held),
        "settled": settled or None,
        "currency": currency or info["currency"],
        "late": held.late,
        "settled_by": held.settled_by,
        "created_at": timestamp(held.created_ns),
        "expires_at": timestamp(held.expires_ns),
        "trace_id": held.trace_id or None,
        "span_id": held.span_id or None,
        "budgets": lines,
    }


def _suspension(suspension: Suspension) -> dict[str, Any]:
    return {
        "since": timestamp(suspension.since_ns),
        "until": timestamp(suspension.until_ns),
        "reason": suspension.reason,
    }


def _amount(held: Reservation | None) -> str | None:
    if held is None or held.info["amount"] is None:
        return None
    return decimal(Decimal(held.info["amount"]))
