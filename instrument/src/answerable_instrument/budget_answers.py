"""What a budget answered: may the call be made, with which model, and what is held for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

ALLOW: Final = "allow"
DOWNGRADE: Final = "downgrade"
DEFER: Final = "defer"
DENY: Final = "deny"
DECISIONS: Final = frozenset({ALLOW, DOWNGRADE, DEFER, DENY})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the budget service, or what stands in for one.

    Parameters
    ----------
    decision
        ``allow``, ``downgrade``, ``defer`` or ``deny``.
    model
        The model to call: the cheaper one of a downgrade, else None.
    held
        Whether a reservation exists now.
    amount
        What was reserved; None where no price is known.
    resets_at
        Earliest time at which the answer may change by itself; None where it will not.
    reachable
        False where the service could not be asked and ``fail_open`` let the call through.
    raw
        The whole answer, with what every budget said.
    """

    decision: str
    reason: str = ""
    detail: str = ""
    model: str | None = None
    held: bool = False
    amount: Decimal | None = None
    currency: str | None = None
    expires_at: datetime | None = None
    resets_at: datetime | None = None
    reachable: bool = True
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def allowed(self) -> bool:
        """Whether the call may be made now."""
        return self.decision in (ALLOW, DOWNGRADE)


def parsed(body: Mapping[str, Any]) -> Answer:
    """Read an answer of ``/v1/budgets/reserve``; raises ``ValueError`` for anything else."""
    decision = body.get("decision")
    if decision not in DECISIONS:
        raise ValueError(f"decision is {decision!r}")
    return Answer(
        decision=str(decision),
        reason=str(body.get("reason") or ""),
        detail=str(body.get("detail") or ""),
        model=body.get("model") or None,
        held=body.get("held") is True,
        amount=_amount(body.get("amount")),
        currency=body.get("currency") or None,
        expires_at=_time(body.get("expires_at")),
        resets_at=_time(body.get("resets_at")),
        raw=body,
    )


def unasked(decision: str, detail: str) -> Answer:
    """Stand in for an answer that did not come."""
    return Answer(decision=decision, reason="unreachable", detail=detail, reachable=False)


def _amount(value: object) -> Decimal | None:
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError("amount is no decimal") from None


def _time(value: object) -> datetime | None:
    """Read RFC 3339 with nine digits, of which Python keeps six."""
    if value is None:
        return None
    whole, _, fraction = str(value).removesuffix("Z").partition(".")
    moment = datetime.fromisoformat(f"{whole}+00:00")
    return moment.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction else moment
