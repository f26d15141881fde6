"""What ledgers deal in: lines, reservations, settlements, charges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sql.errors import AnswerableError


class BudgetsUnavailableError(AnswerableError):
    """Budgets cannot be checked now; nothing was reserved and nothing was counted."""

    status = 503
    title = "Budgets unavailable"


OPEN, SETTLED, RELEASED, EXPIRED = "open", "settled", "released", "expired"
STATES = (OPEN, SETTLED, RELEASED, EXPIRED)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a budget counts in a window."""

    charged: int = 0
    ahead: int = 0
    held: int = 0

    @property
    def spent(self) -> int:
        """What was spent."""
        return self.charged + self.ahead

    @property
    def used(self) -> int:
        """What was spent or is held."""
        return self.charged + self.ahead + self.held


@dataclass(frozen=True, slots=True)
class Line:
    """One budget a reservation counts in.

    Parameters
    ----------
    amount
        What is to be held.
    start, end
        Slots of the budget's window now.
    levels
        Ascending; of those the budget would exceed with this call the last one says whether
        nothing is to be held anywhere.
    """

    key: str
    amount: int
    start: int
    end: int
    levels: tuple[tuple[int, bool], ...]

    def is_blocked(self, total: Totals) -> bool:
        """Whether it stands in the way of the call, at these totals."""
        blocked = False
        for level, blocks in self.levels:
            if total.used + self.amount > level:
                blocked = blocks
        return blocked


@dataclass(slots=True)
class Reservation:
    """A call that may spend.

    Parameters
    ----------
    slot
        When it was made; all its money belongs there.
    lines
        What it holds, by budget key.
    settled
        What it came to, by budget key; empty while that is not known.
    info
        What callers are told of it, and what telling it apart from another takes.
    """

    tenant: str
    reservation_id: str
    created_ns: int
    expires_ns: int
    slot: int
    trace_id: str
    span_id: str
    lines: dict[str, int]
    info: dict[str, Any]
    state: str = OPEN
    settled: dict[str, int] = field(default_factory=dict)
    settlement: str = ""
    settled_by: str = ""
    late: bool = False
    touched_ns: int = 0

    @property
    def name(self) -> tuple[str, str]:
        """Tenant and identifier."""
        return (self.tenant, self.reservation_id)

    @property
    def position(self) -> tuple[int, str]:
        """Where it stands in a list, newest last."""
        return (self.created_ns, f"{self.tenant}\x1f{self.reservation_id}")


@dataclass(frozen=True, slots=True)
class Held:
    """What came of asking to hold.

    Parameters
    ----------
    held
        Whether it is held now.
    existing
        What was held before under that identifier.
    totals
        Of every line, before it.
    suspension
        What keeps the tenant from new work.
    """

    held: bool
    existing: Reservation | None
    totals: tuple[Totals, ...]
    suspension: Suspension | None


@dataclass(frozen=True, slots=True)
class Suspension:
    """A tenant may start no new work; empty for the whole organisation."""

    tenant: str
    key: str
    since_ns: int
    until_ns: int
    reason: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a reservation came to.

    Parameters
    ----------
    amounts
        By budget key.
    text
        Amount and currency as they were said; a second settlement must say the same.
    by
        "client" or "span".
    """

    amounts: Mapping[str, int]
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Charges:
    """What telemetry booked between two watermarks.

    Parameters
    ----------
    sums
        Budget key, slot, amount.
    traced
        Tenant, trace, budget key, amount: those of the sums whose trace has a reservation.
    unconverted
        Budget key, currency, amount: money without an exchange rate, in no sum.
    keys
        Budgets that were looked at. Where the charges of another are known by now, nothing is
        counted: its charges would be missing from then on.
    """

    follows_ns: int
    watermark_ns: int
    sums: Sequence[tuple[str, int, int]]
    traced: Sequence[tuple[str, str, str, int]] = ()
    unconverted: Sequence[tuple[str, str, int]] = ()
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seed:
    """Everything a budget was charged from a slot on, up to the watermark."""

    key: str
    start: int
    watermark_ns: int
    sums: Mapping[int, int]
    unconverted: Mapping[str, int] = field(default_factory=dict)
