"""What a ledger in memory keeps beside reservations: charges, marks, suspensions, events."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from cost.budgets.holdings import Charges, Seed, Suspension
from cost.budgets.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cost.budgets.journal import Journal


class Bookkeeping:
    """The half of a memory ledger that jobs use; every change is journaled first."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._state = State()
        self._claims: dict[str, int] = {}
        self._guard = threading.RLock()

    def watermark(self) -> int:
        """Up to when charges were counted."""
        return self._state.watermark_ns

    def tracked(self) -> set[tuple[str, str]]:
        """Traces whose charges have to be told apart."""
        with self._guard:
            return set(self._state.traces)

    def charge(self, charges: Charges) -> bool:
        """Count charges once."""
        with self._guard:
            if charges.follows_ns != self._state.watermark_ns:
                return False
            if not charges.keys >= set(self._state.seeds):
                return False
            self._do(
                {
                    "op": "charge",
                    "at": charges.watermark_ns,
                    "watermark_ns": charges.watermark_ns,
                    "sums": [*charges.sums],
                    "traced": [*charges.traced],
                    "unconverted": [*charges.unconverted],
                }
            )
            return True

    def seeds(self) -> Mapping[str, int]:
        """Budgets whose charges are known, and from which slot on."""
        return dict(self._state.seeds)

    def unconverted(self) -> Mapping[str, Mapping[str, int]]:
        """Money that is in no sum."""
        with self._guard:
            return {key: dict(held) for key, held in self._state.unconverted.items() if held}

    def seed(self, seed: Seed) -> bool:
        """Set what a budget was charged."""
        with self._guard:
            if seed.watermark_ns != self._state.watermark_ns:
                return False
            operation = {"op": "seed", "key": seed.key, "start": seed.start}
            operation |= {"sums": [*seed.sums.items()], "unconverted": dict(seed.unconverted)}
            self._do(operation)
            return True

    def forget(self, key: str) -> None:
        """Drop the sums of a budget that was removed."""
        with self._guard:
            self._do({"op": "forget", "key": key})

    def claim(self, mark: str, now_ns: int, until_ns: int) -> bool:
        """Take on something that is to be done once."""
        with self._guard:
            if mark in self._state.marks or self._claims.get(mark, 0) > now_ns:
                return False
            self._claims[mark] = until_ns
            return True

    def mark(self, mark: str, now_ns: int) -> None:
        """Say that it is done."""
        with self._guard:
            self._claims.pop(mark, None)
            self._do({"op": "mark", "mark": mark, "at": now_ns})

    def marked(self, mark: str) -> bool:
        """Whether it is done."""
        return mark in self._state.marks

    def suspend(self, suspension: Suspension, now_ns: int) -> None:
        """Keep a tenant from new work."""
        with self._guard:
            body = {name: getattr(suspension, name) for name in Suspension.__dataclass_fields__}
            self._do({"op": "suspend", "at": now_ns, "suspension": body})

    def lift(self, tenant: str, now_ns: int) -> None:
        """Let a tenant work again."""
        with self._guard:
            self._do({"op": "lift", "at": now_ns, "tenant": tenant})

    def suspensions(self, now_ns: int) -> list[Suspension]:
        """List what holds now."""
        with self._guard:
            return [held for held in self._state.suspended.values() if held.until_ns > now_ns]

    def note(self, event: Mapping[str, Any]) -> None:
        """Keep an event that changes no sum."""
        with self._guard:
            self._journal.append(dict(event))

    def events(self, limit: int) -> tuple[list[dict[str, Any]], str]:
        """Read events not delivered yet."""
        found, number, offset = self._journal.read(*self._journal.position(), limit)
        return found, f"{number}.{offset}"

    def delivered(self, token: str) -> None:
        """Say that the events up to a token are in the store."""
        number, _, offset = token.partition(".")
        self._journal.deliver(int(number), int(offset))

    def _do(self, operation: dict[str, Any]) -> None:
        self._journal.append(operation)
        self._state.apply(operation)
