"""A state as operations that rebuild it, for the start of a journal."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from cost.budgets.holdings import OPEN, Reservation, Suspension
from cost.budgets.state import State, Trace
from cost.budgets.tally import TraceShare

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIELDS = tuple(field.name for field in fields(Reservation))


def body(held: Reservation) -> dict[str, Any]:
    """Write a reservation as JSON has it."""
    return {name: getattr(held, name) for name in _FIELDS}


def dump(state: State) -> Iterator[dict[str, Any]]:
    """Write a state."""
    yield {
        "op": "load",
        "watermark_ns": state.watermark_ns,
        "seeds": state.seeds,
        "unconverted": state.unconverted,
        "marks": state.marks,
        "suspended": [asdict(suspension) for suspension in state.suspended.values()],
    }
    for key, tally in state.tallies.items():
        slots = [[slot, *sums] for slot, sums in tally.slots.items()]
        yield {"op": "load_tally", "key": key, "slots": slots}
    for held in state.reservations.values():
        yield {"op": "load_reservation", "reservation": body(held)}
    for (tenant, trace_id), trace in state.traces.items():
        shares = [
            [key, [*share.settled.items()], share.charged, [*share.ahead.items()]]
            for key, share in trace.shares.items()
        ]
        yield {
            "op": "load_trace",
            "name": [tenant, trace_id],
            "unfinished": trace.unfinished,
            "touched_ns": trace.touched_ns,
            "shares": shares,
        }


def restore(state: State, operation: dict[str, Any]) -> None:
    """Apply an operation of a journal, one that `dump` wrote included."""
    match operation["op"]:
        case "load":
            _load(state, operation)
        case "load_tally":
            tally = state.tally(operation["key"])
            for slot, *sums in operation["slots"]:
                for which, amount in enumerate(sums):
                    tally.add(slot, which, amount)
        case "load_reservation":
            _load_reservation(state, Reservation(**operation["reservation"]))
        case "load_trace":
            _load_trace(state, operation)
        case _:
            state.apply(operation)


def _load(state: State, operation: dict[str, Any]) -> None:
    state.watermark_ns = operation["watermark_ns"]
    state.seeds = operation["seeds"]
    state.unconverted = operation["unconverted"]
    state.marks = operation["marks"]
    found = (Suspension(**one) for one in operation["suspended"])
    state.suspended = {suspension.tenant: suspension for suspension in found}


def _load_reservation(state: State, held: Reservation) -> None:
    state.reservations[held.name] = held
    if held.state == OPEN:
        state.open[held.name] = held
        state.await_expiry(held)


def _load_trace(state: State, operation: dict[str, Any]) -> None:
    trace = Trace()
    trace.unfinished, trace.touched_ns = operation["unfinished"], operation["touched_ns"]
    for key, settled, charged, ahead in operation["shares"]:
        share = trace.shares[key] = TraceShare()
        share.settled, share.charged = dict(settled), charged
        share.ahead = dict(ahead)
    state.traces[tuple(operation["name"])] = trace
