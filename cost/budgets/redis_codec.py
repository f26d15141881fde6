"""How ledgers in Redis write what they hold: money as text, reservations as hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from cost.budgets.holdings import Reservation, Suspension, Totals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cost.budgets.holdings import Line


def line(found: Line) -> dict[str, Any]:
    """Write a line."""
    return {
        "key": found.key,
        "amount": str(found.amount),
        "from": found.start,
        "to": found.end,
        "levels": [[str(level), blocks] for level, blocks in found.levels],
    }


def totals(found: Sequence[str]) -> Totals:
    """Read three sums."""
    return Totals(*(int(amount) for amount in found))


def body(held: Reservation) -> dict[str, Any]:
    """Write a reservation for the history."""
    return {
        "tenant": held.tenant,
        "reservation_id": held.reservation_id,
        "trace_id": held.trace_id,
        "lines": held.lines,
        "info": held.info,
    }


def fields(held: Reservation) -> list[str]:
    """Write a reservation as fields of a hash; the script adds its lines."""
    pairs = {
        "tenant": held.tenant,
        "id": held.reservation_id,
        "created_ns": str(held.created_ns),
        "expires_ns": str(held.expires_ns),
        "slot": str(held.slot),
        "trace_id": held.trace_id,
        "span_id": held.span_id,
        "info": orjson.dumps(held.info).decode(),
        "state": held.state,
        "settled": "{}",
        "settlement": "",
        "settled_by": "",
        "late": "0",
        "touched_ns": str(held.created_ns),
    }
    return [part for pair in pairs.items() for part in pair]


def reservation(found: Mapping[str, str] | Sequence[str]) -> Reservation:
    """Read a reservation from a hash, or from its fields and values in turn."""
    if not hasattr(found, "keys"):
        found = dict(zip(found[::2], found[1::2], strict=True))
    held: Mapping[str, str] = found  # type: ignore[assignment]
    return Reservation(
        tenant=held["tenant"],
        reservation_id=held["id"],
        created_ns=int(held["created_ns"]),
        expires_ns=int(held["expires_ns"]),
        slot=int(held["slot"]),
        trace_id=held["trace_id"],
        span_id=held["span_id"],
        lines=_amounts(held["lines"]),
        info=orjson.loads(held["info"]),
        state=held["state"],
        settled=_amounts(held["settled"]),
        settlement=held["settlement"],
        settled_by=held["settled_by"],
        late=held["late"] == "1",
        touched_ns=int(held["touched_ns"]),
    )


def suspension(text: str) -> Suspension:
    """Read a suspension."""
    held = orjson.loads(text)
    held.pop("until_us")
    return Suspension(
        **{**held, "since_ns": int(held["since_ns"]), "until_ns": int(held["until_ns"])}
    )


def suspension_text(found: Suspension) -> str:
    """Write a suspension; times as text, which a script would round as numbers."""
    held = {
        "tenant": found.tenant,
        "key": found.key,
        "since_ns": str(found.since_ns),
        "until_ns": str(found.until_ns),
        "until_us": found.until_ns // 1000,
        "reason": found.reason,
    }
    return orjson.dumps(held).decode()


def _amounts(text: str) -> dict[str, int]:
    return {key: int(amount) for key, amount in orjson.loads(text).items()}
