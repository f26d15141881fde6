"""A what-if over the store: money before and after, and what a budget would have stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from cost.whatif.replay import Request
from cost.whatif.scenario import Use
from sql.errors import InvalidInputError
from web.window import DAY_NS, HOUR_NS, Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cost.whatif.replay import Replay
    from cost.whatif.scenario import Scenario
    from sql.client import Store

Row = dict[str, Any]

_ZERO = Decimal(0)

#: What a what-if is grouped by -> the query's column.
GROUPS = {
    "day": "by_day",
    "tenant": "tenant",
    "project": "by_project",
    "feature": "by_feature",
    "service": "by_service",
    "provider": "provider",
    "model": "model",
    "meter": "meter",
    "tier": "service_tier",
}

#: What a budget can be kept by -> the query's column.
SCOPES = {"none": "", "tenant": "tenant", "project": "project", "user": "user", "model": "model"}

#: What charges are told apart by before a price is applied; the currency is not among it.
_KEY = (
    *(column for column in GROUPS.values() if column.startswith("by_")),
    "stretch", "tenant", "provider", "model", "meter", "unit", "service_tier",
)  # fmt: skip


@dataclass(slots=True)
class Change:
    """Money of one group and currency, before and after."""

    keys: dict[str, str]
    currency: str
    before: Decimal = _ZERO
    after: Decimal = _ZERO


@dataclass(slots=True)
class Coverage:
    """What needs a price, and what has none before and after."""

    events: int = 0
    unpriced_before: int = 0
    unpriced_after: int = 0


@dataclass(slots=True)
class Outcome:
    """What a scenario changes."""

    changes: dict[tuple[str, ...], Change] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)

    def add(self, keys: dict[str, str], before: Use, after: Use) -> None:
        """Take one use into its group."""
        for name, use in (("before", before), ("after", after)):
            for currency, cost in use.costs.items():
                key = (*keys.values(), currency)
                change = self.changes.setdefault(key, Change(keys, currency))
                setattr(change, name, getattr(change, name) + cost)
        self.coverage.events += before.events
        self.coverage.unpriced_before += before.unpriced
        self.coverage.unpriced_after += after.unpriced


class Simulation:
    """Replays one window.

    Parameters
    ----------
    tenants
        As Principal.scope gives them; empty for all.
    rows_max
        Most charges that are replayed one by one.
    """

    def __init__(
        self, store: Store, tenants: list[str], window: Window, known_ns: int, rows_max: int
    ) -> None:
        self._store = store
        self._window = window
        self._rows_max = rows_max
        self._asked: Row = {
            "tenants": tenants,
            "from_ns": window.from_ns,
            "to_ns": window.to_ns,
            "known_ns": known_ns,
        }

    def outcome(self, scenario: Scenario, groups: list[str]) -> Outcome:
        """Price the window's use anew."""
        switch = scenario.switch
        window = self._window
        boundaries = switch.boundaries(window.from_ns, window.to_ns) if switch else []
        asked = {**self._asked, "group_by": groups, "boundaries": boundaries}
        found = Outcome()
        rows = self._store.query("cost/whatif_sums", asked)
        for _, of_key in groupby(rows, key=lambda row: tuple(row[name] for name in _KEY)):
            held = [*of_key]
            before = _use(held, held[0]["at_ns"])
            keys = {name: held[0][GROUPS[name]] for name in groups}
            found.add(keys, before, scenario.apply(before))
        return found

    def replay(self, scenario: Scenario, replay: Replay, per: str) -> None:
        """Play the window's requests against a budget.

        Raises
        ------
        InvalidInputError
            For more charges than one answer may read.
        """
        charges = self._store.query("cost/whatif_count", self._asked)[0]["charges"]
        if charges > self._rows_max:
            raise InvalidInputError(
                f"from and to hold {charges} charges, and a budget is replayed over "
                f"{self._rows_max} at most; take a shorter window or one tenant, or raise "
                "ANSWERABLE_WHATIF_ROWS_MAX.",
                field="from",
            )
        replay.play(self._requests(scenario, SCOPES[per]))

    def _requests(self, scenario: Scenario, scope: str) -> Iterator[Request]:
        for start in range(self._window.from_ns, self._window.to_ns, DAY_NS):
            part = {"from_ns": start, "to_ns": min(start + DAY_NS, self._window.to_ns)}
            rows = self._store.query("cost/whatif_charges", {**self._asked, **part})
            for _, of_call in groupby(rows, key=_call):
                held = [*of_call]
                uses = [scenario.apply(_charge_use(row)) for row in held]
                yield Request(held[0]["at_ns"], held[0][scope] if scope else "", uses)


def check_hours(window: Window) -> None:
    """Refuse a window that is not whole hours, which is what sums are kept by."""
    for name, value in (("from", window.from_ns), ("to", window.to_ns)):
        if value % HOUR_NS:
            raise InvalidInputError(f"{name} must be a full hour in UTC.", field=name)


def _call(row: Row) -> tuple[Any, ...]:
    return row["at_ns"], row["tenant"], row["trace"], row["span"]


def _use(rows: list[Row], at_ns: int) -> Use:
    """Join the currencies of one key: a price that came late stands beside its quantity."""
    costs: dict[str, Decimal] = {}
    for row in rows:
        if row["currency"]:
            costs[row["currency"]] = costs.get(row["currency"], _ZERO) + row["sum_cost"]
    first = rows[0]
    return Use(
        **_named(first),
        quantity=sum((row["sum_quantity"] for row in rows), _ZERO),
        costs=costs,
        events=sum(row["sum_events"] for row in rows),
        unpriced=sum(row["sum_unpriced"] for row in rows),
        at_ns=at_ns,
    )


def _charge_use(row: Row) -> Use:
    return Use(
        **_named(row),
        quantity=row["sum_quantity"],
        costs={code: cost for code, cost in row["costs"].items() if code},
        events=row["sum_events"],
        unpriced=row["sum_unpriced"],
        at_ns=row["at_ns"],
        context_tokens=row["context_tokens"],
    )


def _named(row: Mapping[str, Any]) -> Row:
    names = ("tenant", "provider", "model", "meter", "unit", "service_tier")
    return {name: row[name] for name in names}
