"""What happened, as rows of `budget_entries`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cost.budgets.money import units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cost.budgets.book import Book
    from cost.budgets.holdings import Reservation

    _Find = Callable[[str, str], Reservation | None]

#: Fields of a call that a row repeats.
_CALL = ("project", "user", "key", "feature", "provider", "model", "service_tier")


def rows(
    event: Mapping[str, Any], book: Book, find: _Find, now_ns: int
) -> Iterator[dict[str, Any]]:
    """Write one event; none of its rows where it is no part of the history."""
    match event["op"]:
        case "hold":
            held = event["reservation"]
            facts = {"info": held["info"], "trace_id": held["trace_id"]}
            name = (held["tenant"], held["reservation_id"])
            yield from _rows(event, "reserve", name, held["lines"], book, now_ns, **facts)
        case "refuse":
            facts = {name: event[name] for name in ("info", "trace_id", "decision", "reason")}
            name = (event["tenant"], event["id"])
            yield from _rows(event, "refuse", name, event["lines"], book, now_ns, **facts)
        case "settle" | "release" | "expire":
            for name in event.get("ids") or [(event["tenant"], event["id"])]:
                found = find(*name)
                if found is not None:
                    yield from _changed(event, found, book, now_ns)
        case "suspend":
            suspension = event["suspension"]
            lines = {suspension["key"]: 0}
            facts = {"reason": suspension["reason"]}
            yield from _rows(
                event, "suspend", (suspension["tenant"], ""), lines, book, now_ns, **facts
            )


def _changed(
    event: Mapping[str, Any], found: Reservation, book: Book, now_ns: int
) -> Iterator[dict[str, Any]]:
    amounts = found.lines
    if event["op"] == "settle":
        before = event["before"]
        amounts = {key: n - before.get(key, 0) for key, n in event["amounts"].items()}
    facts: dict[str, Any] = {"info": found.info, "trace_id": found.trace_id, "late": found.late}
    yield from _rows(event, event["op"], found.name, amounts, book, now_ns, **facts)


def _rows(  # noqa: PLR0913  An event, and what it says of itself.
    event: Mapping[str, Any],
    op: str,
    name: tuple[str, str],
    lines: Mapping[str, int],
    book: Book,
    now_ns: int,
    *,
    info: Mapping[str, Any] | None = None,
    trace_id: str = "",
    decision: str = "",
    reason: str = "",
    late: bool = False,
) -> Iterator[dict[str, Any]]:
    for key, amount in lines.items():
        tenant, _, budget_id = key.partition("\x1f")
        budget = book.get(key)
        yield {
            "tenant": tenant,
            "budget_id": budget_id,
            "time": int(event["at"]),
            "entry_id": f"{event['at_line']}/{name[0]}/{name[1]}",
            "op": op,
            "reservation_id": name[1],
            "amount": units(amount),
            "currency": budget.currency if budget else "",
            "decision": decision,
            "reason": reason,
            "late": late,
            "trace_id": trace_id,
            "call_tenant": name[0],
            **{field: (info or {}).get(field, "") for field in _CALL},
            "recorded_at": now_ns,
        }
