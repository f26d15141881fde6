"""What keeps the sums: the one contract of the ledger in this process and the one in Redis.

For every budget and quarter of an hour three sums are kept, in nano-units of its currency:

- `charged`: what telemetry said was spent, the charges booked up to the watermark;
- `ahead`: what reservations settled and telemetry has not shown yet. A trace counts once, with
  the larger of the two: ahead is max(0, settled - charged) of each trace;
- `held`: what open reservations hold.

Every operation is atomic over all the budgets it touches. None calls the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cost.budgets.holdings import (
        Charges,
        Held,
        Line,
        Reservation,
        Seed,
        Settlement,
        Suspension,
        Totals,
    )


class Ledger(Protocol):
    """Sums, reservations and marks; safe to share between threads."""

    @property
    def waits(self) -> bool:
        """Whether an operation waits for a network, and so must not run on an event loop."""
        ...

    def start(self, watermark_ns: int) -> None:
        """Take up what was left; a fresh ledger starts with this watermark."""
        ...

    def close(self) -> None:
        """Let go; every operation before was kept."""
        ...

    def sync(self) -> None:
        """Make what was kept safe from a power cut."""
        ...

    def hold(
        self, wanted: Reservation, lines: Sequence[Line], now_ns: int, *, only_look: bool = False
    ) -> Held:
        """Hold in every budget or in none."""
        ...

    def find(self, tenant: str, reservation_id: str) -> Reservation | None:
        """Look a reservation up."""
        ...

    def settle(
        self, tenant: str, reservation_id: str, settlement: Settlement, now_ns: int
    ) -> tuple[Reservation, bool]:
        """Count what it came to; the second value says whether that was done before."""
        ...

    def release(self, tenant: str, reservation_id: str, now_ns: int) -> tuple[Reservation, bool]:
        """Free what it holds; the second value says whether that was done before."""
        ...

    def extend(self, tenant: str, reservation_id: str, expires_ns: int, now_ns: int) -> Reservation:
        """Let it live longer."""
        ...

    def expire(self, now_ns: int) -> int:
        """Free what reservations hold whose time ran out."""
        ...

    def totals(self, windows: Sequence[tuple[str, int, int]]) -> list[Totals]:
        """Sum up windows: budget key, first slot, slot after the last."""
        ...

    def reservations(
        self, tenants: Sequence[str], *, key: str, state: str, after: tuple[int, str], limit: int
    ) -> list[Reservation]:
        """List reservations, newest first; empty texts and no tenants mean any."""
        ...

    def open_traced(self, before_ns: int, limit: int) -> list[Reservation]:
        """List open reservations made before a time that belong to a trace, oldest first."""
        ...

    def is_alone(self, tenant: str, trace_id: str) -> bool:
        """Whether a trace has one reservation that is not finished, and none that was settled."""
        ...

    def series(self, key: str, start: int, end: int) -> dict[int, Totals]:
        """Give the sums of a budget by slot."""
        ...

    def open_counts(self) -> Mapping[str, int]:
        """Count open reservations by budget key."""
        ...

    def watermark(self) -> int:
        """Up to when charges were counted, on the engine's clock."""
        ...

    def tracked(self) -> set[tuple[str, str]]:
        """Traces whose charges have to be told apart: tenant and trace."""
        ...

    def charge(self, charges: Charges) -> bool:
        """Count charges once: nothing happens where the watermark is another."""
        ...

    def seeds(self) -> Mapping[str, int]:
        """Budgets whose charges are known, and from which slot on."""
        ...

    def unconverted(self) -> Mapping[str, Mapping[str, int]]:
        """Money that is in no sum, by budget key and currency."""
        ...

    def seed(self, seed: Seed) -> bool:
        """Set what a budget was charged; nothing happens where the watermark is another."""
        ...

    def forget(self, key: str) -> None:
        """Drop the sums of a budget that was removed."""
        ...

    def claim(self, mark: str, now_ns: int, until_ns: int) -> bool:
        """Take on something that is to be done once; False where it is done or claimed."""
        ...

    def mark(self, mark: str, now_ns: int) -> None:
        """Say that it is done."""
        ...

    def marked(self, mark: str) -> bool:
        """Whether it is done."""
        ...

    def suspend(self, suspension: Suspension, now_ns: int) -> None:
        """Keep a tenant from new work."""
        ...

    def lift(self, tenant: str, now_ns: int) -> None:
        """Let a tenant work again."""
        ...

    def suspensions(self, now_ns: int) -> list[Suspension]:
        """List what holds now."""
        ...

    def note(self, event: Mapping[str, Any]) -> None:
        """Keep an event that changes no sum, for the history."""
        ...

    def events(self, limit: int) -> tuple[list[dict[str, Any]], str]:
        """Read events not delivered yet, oldest first, and a token for having delivered them."""
        ...

    def delivered(self, token: str) -> None:
        """Say that the events up to a token are in the store."""
        ...

    def purge(self, before_ns: int) -> None:
        """Drop finished reservations, traces and marks last touched before a time."""
        ...
