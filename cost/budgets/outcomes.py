"""Which changes of a reservation are possible, said the same way for every ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cost.budgets.holdings import OPEN, RELEASED, SETTLED
from sql.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from cost.budgets.holdings import Reservation, Settlement


def unknown(reservation_id: str) -> NotFoundError:
    """Build the error for a reservation that is not there."""
    return NotFoundError(
        f"There is no reservation {reservation_id!r}; it was never made, or was dropped long "
        "after it ended. Money that its telemetry shows is counted all the same.",
        field="reservation_id",
    )


def check_settle(found: Reservation, settlement: Settlement) -> bool:
    """Say whether this very settlement was done before.

    Raises
    ------
    ConflictError
        When another amount was settled by the same party. What was read from the span gives way
        to what the client says, and never the other way round.
    """
    if found.state != SETTLED:
        return False
    if settlement.by == "span" or found.settlement == settlement.text:
        return True
    if found.settled_by == "span":
        return False
    raise ConflictError(
        f"The reservation {found.reservation_id!r} was settled with {found.settlement}, not "
        f"{settlement.text}; a correction comes with the telemetry.",
        field="amount",
    )


def check_release(found: Reservation) -> bool:
    """Say whether it was released before; raises ConflictError where it was settled."""
    if found.state == SETTLED:
        raise ConflictError(
            f"The reservation {found.reservation_id!r} was settled with {found.settlement}.",
            field="reservation_id",
        )
    return found.state == RELEASED


def check_extend(found: Reservation) -> None:
    """Raise ConflictError where it is no longer open."""
    if found.state != OPEN:
        raise ConflictError(
            f"The reservation {found.reservation_id!r} is {found.state}; reserve again.",
            field="reservation_id",
        )
