"""What callers get back: decisions, and how each budget stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cost.budgets.definition import Answer, Budget
from cost.budgets.holdings import Reservation, Totals
from cost.budgets.needs import Verdict
from cost.budgets.windows import Span


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget as a call meets it.

    Parameters
    ----------
    reserved
        What the call holds in it, nano-units; None where it holds nothing.
    """

    budget: Budget
    span: Span
    totals: Totals
    verdict: Verdict
    reserved: int | None


@dataclass(frozen=True, slots=True)
class Decided:
    """The answer to a request for a reservation.

    Parameters
    ----------
    model
        Of a downgrade: the model the reservation is for.
    reservation
        None where nothing is held.
    estimate
        "given", "priced", "unpriced" or "none".
    resets_ns
        Earliest time at which a denial may change; None where time alone does not help.
    """

    answer: Answer
    reason: str
    detail: str
    model: str
    reservation: Reservation | None
    estimate: str
    resets_ns: int | None
    replayed: bool
    standings: Sequence[Standing]


@dataclass(frozen=True, slots=True)
class Changed:
    """A reservation after it was settled, released or extended."""

    reservation: Reservation
    replayed: bool
    standings: Sequence[Standing]
