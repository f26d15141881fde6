"""What `GET /v1/budgets/{budget_id}/history` answers: versions, entries, and the burn-down."""

from decimal import Decimal
from typing import Any

from pydantic import Field

from cost.budgets.definition import KIND, Budget
from cost.budgets.money import text as money
from cost.budgets.windows import LAST_SLOT, SLOT_NS
from cost.parts import CostParts
from sql.errors import InvalidInputError
from web import pages
from web.parameters import LIMIT_MAX, ListQuery
from web.render import decimal, interval, timestamp
from web.window import DAY_NS, HOUR_NS, Window, parse

_LIST = "budget history"

#: Steps of the burn-down; the first is taken that gives no more points than this.
_STEPS_NS = (SLOT_NS, HOUR_NS, 6 * HOUR_NS, DAY_NS)
_POINTS_MAX = 400

#: What a point says of entries, by their kind.
_MONEY = {"reserve": "reserved", "settle": "settled", "release": "released", "expire": "expired"}


class HistoryQuery(ListQuery):
    """Which stretch of a budget's history; its window now where left out."""

    from_: str = Field("", alias="from", max_length=64, examples=["-7d"])
    to: str = Field("", max_length=64, examples=["now"])
    limit: int = Field(100, ge=1, le=LIMIT_MAX, description="Most entries in the answer.")

    def resolved(self, budget: Budget, now_ns: int) -> Window:
        """Resolve the window."""
        if not self.from_ and not self.to:
            span = budget.window.at(now_ns)
            return Window(span.from_ns, span.to_ns or now_ns + 1)
        return parse(self.from_ or "-30d", self.to or "now", now_ns)


def history_facts(parts: CostParts, budget: Budget, query: HistoryQuery) -> dict[str, Any]:
    """Read a budget's history."""
    now = parts.clock()
    window, after = _position(query, budget, now)
    entries = _entries(parts, budget, window, after, query.limit + 1)
    shown = entries[: query.limit]
    last = shown[-1] if len(entries) > query.limit else None
    return {
        "as_of": timestamp(now),
        "window": interval(window),
        "versions": _versions(parts, budget),
        "series": _series(parts, budget, window),
        "entries": [_entry(row) for row in shown],
        "next_cursor": last
        and pages.next_cursor(_LIST, window, (last["time_ns"], last["entry_id"])),
    }


def _position(
    query: HistoryQuery, budget: Budget, now: int
) -> tuple[Window, tuple[int | str, ...]]:
    if not query.cursor:
        window = query.resolved(budget, now)
        return window, (window.to_ns, "")
    found = pages.position(_LIST, query, (int, str), now)
    if found.after is None:
        raise InvalidInputError("The cursor is not one this list gave out.", field="cursor")
    return found.window, found.after


def _entries(
    parts: CostParts, budget: Budget, window: Window, after: tuple[int | str, ...], limit: int
) -> list[dict[str, Any]]:
    return parts.store.query(
        "cost/budget_entries",
        {
            "tenant": budget.tenant,
            "budget_id": budget.budget_id,
            "from_ns": window.from_ns,
            "to_ns": window.to_ns,
            "before_ns": after[0],
            "before_entry": after[1],
            "limit": limit,
        },
    )


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if name not in {"time_ns", "entry_id"}}
    shown |= {"amount": decimal(row["amount"]), "late": bool(row["late"])}
    return {"time": timestamp(row["time_ns"]), **shown}


def _versions(parts: CostParts, budget: Budget) -> list[dict[str, Any]]:
    return [
        {
            "version": record.version,
            "op": record.op,
            "changed_at": timestamp(record.recorded_at_ns),
            "changed_by": record.actor,
            "reason": record.reason,
            "definition": record.body or None,
        }
        for record in parts.records.history(KIND, budget.budget_id, budget.tenant)
    ]


def _series(parts: CostParts, budget: Budget, window: Window) -> list[dict[str, Any]]:
    """Sum up by steps; `spent` and `held` come from the ledger and are exact at every step."""
    length = window.to_ns - window.from_ns
    step_ns = next((s for s in _STEPS_NS if length <= s * _POINTS_MAX), _STEPS_NS[-1])
    rows = parts.store.query(
        "cost/budget_entry_sums",
        {
            "tenant": budget.tenant,
            "budget_id": budget.budget_id,
            "from_ns": window.from_ns,
            "to_ns": window.to_ns,
            "step_ns": step_ns,
        },
    )
    points: dict[int, dict[str, Any]] = {}
    for row in rows:
        point = points.setdefault(row["step"], _point())
        if row["op"] in _MONEY:
            point[_MONEY[row["op"]]] += row["amount"]
        elif row["op"] == "refuse":
            point["denied"] += row["entries"]
    first, last = window.from_ns // SLOT_NS, min(LAST_SLOT, -(-window.to_ns // SLOT_NS))
    for slot, totals in parts.treasury.ledger.series(budget.key, first, last).items():
        point = points.setdefault(slot * SLOT_NS // step_ns, _point())
        point["charged"] += totals.charged
        point["spent"] += totals.spent
        point["held"] += totals.held
    spent, shown = 0, []
    for step in sorted(points):
        spent += points[step]["spent"]
        shown.append(_shown(step * step_ns, points[step], spent))
    return shown


def _point() -> dict[str, Any]:
    return dict.fromkeys((*_MONEY.values(), "denied", "charged", "spent", "held"), 0)


def _shown(at_ns: int, point: dict[str, Any], spent: int) -> dict[str, Any]:
    """Write a point; `spent` is the running total since the window began."""
    return {
        "at": timestamp(at_ns),
        **{name: decimal(Decimal(point[name])) for name in _MONEY.values()},
        "denied": point["denied"],
        "charged": money(point["charged"]),
        "held": money(point["held"]),
        "spent": money(spent),
    }
