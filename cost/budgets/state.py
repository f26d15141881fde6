"""The state of a ledger in memory: changed by operations alone, so that a journal rebuilds it.

An operation is a dict as JSON has it. Applying the same operations in the same order gives the
same state, in the run that wrote them and in the one that reads them back.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any

from cost.budgets.holdings import (
    EXPIRED,
    OPEN,
    RELEASED,
    SETTLED,
    Reservation,
    Suspension,
)
from cost.budgets.tally import AHEAD, CHARGED, HELD, Tally, TraceShare

if TYPE_CHECKING:
    from collections.abc import Callable

Operation = dict[str, Any]


class Trace:
    """Reservations of one trace that are not finished, and its share in each budget."""

    __slots__ = ("shares", "touched_ns", "unfinished")

    def __init__(self) -> None:
        self.unfinished = 0
        self.touched_ns = 0
        self.shares: dict[str, TraceShare] = {}


class State:
    """Everything a ledger knows."""

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}
        self.reservations: dict[tuple[str, str], Reservation] = {}
        self.traces: dict[tuple[str, str], Trace] = {}
        self.due: list[tuple[int, str, str]] = []
        self.open: dict[tuple[str, str], Reservation] = {}
        self.watermark_ns = 0
        self.seeds: dict[str, int] = {}
        self.unconverted: dict[str, dict[str, int]] = {}
        self.marks: dict[str, int] = {}
        self.suspended: dict[str, Suspension] = {}
        self._apply: dict[str, Callable[[Operation], None]] = {
            "hold": self._hold,
            "settle": self._settle,
            "release": self._release,
            "extend": self._extend,
            "expire": self._expire,
            "charge": self._charge,
            "seed": self._seed,
            "forget": self._forget,
            "mark": self._mark,
            "suspend": self._suspend,
            "lift": self._lift,
            "purge": self._purge,
            "drop": self._drop,
            "start": self._start,
        }

    def apply(self, operation: Operation) -> None:
        """Carry an operation out; one that changes nothing here is passed over."""
        change = self._apply.get(operation["op"])
        if change is not None:
            change(operation)

    def tally(self, key: str) -> Tally:
        """Give a budget's sums."""
        found = self.tallies.get(key)
        if found is None:
            found = self.tallies[key] = Tally()
        return found

    def overdue(self, now_ns: int) -> list[Reservation]:
        """List the open reservations whose time has run out."""
        found: list[Reservation] = []
        while self.due and self.due[0][0] <= now_ns:
            expires_ns, tenant, reservation_id = heapq.heappop(self.due)
            held = self.reservations.get((tenant, reservation_id))
            if held is not None and held.state == OPEN and held.expires_ns == expires_ns:
                found.append(held)
        return found

    def await_expiry(self, held: Reservation) -> None:
        """Have a reservation show in `overdue` when its time runs out."""
        heapq.heappush(self.due, (held.expires_ns, held.tenant, held.reservation_id))

    def _start(self, operation: Operation) -> None:
        self.watermark_ns = operation["watermark_ns"]

    def _hold(self, operation: Operation) -> None:
        made = Reservation(**operation["reservation"])
        made.touched_ns = made.created_ns
        self.reservations[made.name] = made
        for key, amount in made.lines.items():
            self.tally(key).add(made.slot, HELD, amount)
        self.open[made.name] = made
        self.await_expiry(made)
        if made.trace_id:
            trace = self.traces.setdefault((made.tenant, made.trace_id), Trace())
            trace.unfinished += 1
            trace.touched_ns = operation["at"]

    def _settle(self, operation: Operation) -> None:
        found = self.reservations[operation["tenant"], operation["id"]]
        first = found.state != SETTLED
        if found.state == OPEN:
            self._free(found)
        amounts: dict[str, int] = operation["amounts"]
        for key, amount in amounts.items():
            self._count(found, key, amount - found.settled.get(key, 0))
        found.late = found.late or operation["late"]
        found.state, found.settled = SETTLED, amounts
        found.settlement, found.settled_by = operation["text"], operation["by"]
        found.touched_ns = operation["at"]
        self._finish(found, operation["at"], counted=first and not operation["released"])

    def _release(self, operation: Operation) -> None:
        found = self.reservations[operation["tenant"], operation["id"]]
        if found.state == OPEN:
            self._free(found)
        found.state, found.touched_ns = RELEASED, operation["at"]
        self._finish(found, operation["at"], counted=True)

    def _extend(self, operation: Operation) -> None:
        found = self.reservations[operation["tenant"], operation["id"]]
        found.expires_ns = operation["expires_ns"]
        found.touched_ns = operation["at"]
        self.await_expiry(found)

    def _expire(self, operation: Operation) -> None:
        for tenant, reservation_id in operation["ids"]:
            found = self.reservations[tenant, reservation_id]
            if found.state == OPEN:
                self._free(found)
                found.state, found.touched_ns = EXPIRED, operation["at"]

    def _charge(self, operation: Operation) -> None:
        for key, slot, amount in operation["sums"]:
            self.tally(key).add(slot, CHARGED, amount)
        touched = set()
        for tenant, trace_id, key, amount in operation["traced"]:
            trace = self.traces.get((tenant, trace_id))
            if trace is not None:
                share = trace.shares.setdefault(key, TraceShare())
                share.charged += amount
                share.place(self.tally(key))
                touched.add((tenant, trace_id))
        for name in touched:
            self._settle_trace(name)
        for key, currency, amount in operation["unconverted"]:
            held = self.unconverted.setdefault(key, {})
            held[currency] = held.get(currency, 0) + amount
        self.watermark_ns = operation["watermark_ns"]

    def _seed(self, operation: Operation) -> None:
        key = operation["key"]
        self.tally(key).replace_charged(operation["start"], dict(operation["sums"]))
        self.seeds[key] = operation["start"]
        self.unconverted[key] = dict(operation["unconverted"])

    def _forget(self, operation: Operation) -> None:
        key = operation["key"]
        self.tallies.pop(key, None)
        self.seeds.pop(key, None)
        self.unconverted.pop(key, None)
        for trace in self.traces.values():
            trace.shares.pop(key, None)
        for held in self.reservations.values():
            held.lines.pop(key, None)
            held.settled.pop(key, None)

    def _mark(self, operation: Operation) -> None:
        self.marks[operation["mark"]] = operation["at"]

    def _suspend(self, operation: Operation) -> None:
        suspension = Suspension(**operation["suspension"])
        self.suspended[suspension.tenant] = suspension

    def _lift(self, operation: Operation) -> None:
        self.suspended.pop(operation["tenant"], None)

    def _purge(self, operation: Operation) -> None:
        before_ns: int = operation["before_ns"]
        for name in [
            name
            for name, held in self.reservations.items()
            if held.state != OPEN and held.touched_ns < before_ns
        ]:
            del self.reservations[name]
        for trace in [name for name, one in self.traces.items() if one.touched_ns < before_ns]:
            del self.traces[trace]
        for mark in [mark for mark, at in self.marks.items() if at < operation["marks_before_ns"]]:
            del self.marks[mark]
        for tally in self.tallies.values():
            tally.drop(operation["before_slot"])

    def _drop(self, operation: Operation) -> None:
        for tenant, reservation_id in operation["ids"]:
            self.reservations.pop((tenant, reservation_id), None)

    def _free(self, found: Reservation) -> None:
        for key, amount in found.lines.items():
            self.tally(key).add(found.slot, HELD, -amount)
        self.open.pop(found.name, None)

    def _count(self, found: Reservation, key: str, amount: int) -> None:
        if not found.trace_id:
            self.tally(key).add(found.slot, AHEAD, amount)
            return
        trace = self.traces.setdefault((found.tenant, found.trace_id), Trace())
        share = trace.shares.setdefault(key, TraceShare())
        share.settled[found.slot] = share.settled.get(found.slot, 0) + amount
        share.place(self.tally(key))

    def _finish(self, found: Reservation, at_ns: int, *, counted: bool) -> None:
        trace = self.traces.get((found.tenant, found.trace_id)) if found.trace_id else None
        if trace is None:
            return
        trace.touched_ns = at_ns
        if counted and trace.unfinished:
            trace.unfinished -= 1
        self._settle_trace((found.tenant, found.trace_id))

    def _settle_trace(self, name: tuple[str, str]) -> None:
        """Forget a trace that has nothing open and nothing ahead: what comes is new money."""
        trace = self.traces[name]
        if not trace.unfinished and all(share.is_even for share in trace.shares.values()):
            del self.traces[name]
