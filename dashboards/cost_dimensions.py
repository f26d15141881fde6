"""What costs can be shown by, and the rows of an answer made ready for charts; pure functions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dashboards.formatters import ABSENT
from dashboards.money import covered, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dashboards.window import Window

#: Dimensions by their name in the API.
DIMENSIONS: dict[str, str] = {
    "model": "Model",
    "tenant": "Tenant",
    "project": "Project",
    "feature": "Product feature",
    "prompt": "Prompt version",
    "service": "Service",
    "provider": "Provider",
    "connector": "Connector",
    "meter": "Meter",
    "tier": "Service tier",
    "user": "User",
}

#: Nestings of the treemap: the API keeps users with some dimensions only.
TREES: dict[str, str] = {
    "tenant,project,model": "Tenant, project, model",
    "tenant,feature,prompt": "Tenant, feature, prompt",
    "provider,model,meter": "Provider, model, meter",
    "service,model,tier": "Service, model, tier",
    "tenant,project,user": "Tenant, project, user",
}

#: What unit costs go by.
UNIT_DIMENSIONS = ("prompt", "model", "tenant", "service")

#: Series drawn each in a colour of its own; the rest are one.
SERIES_MAX = 9

_HOURS_SHOWN_MAX = 72
_DAYS_SHOWN_MAX = 400

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Series:
    """One layer of a chart: money by time, with the coverage of every point."""

    name: str
    times: tuple[str, ...]
    costs: tuple[Decimal, ...]
    coverages: tuple[str | None, ...]

    @property
    def total(self) -> Decimal:
        """What all of it comes to."""
        return sum(self.costs, Decimal(0))


def step(window: Window, dimension: str) -> str:
    """Choose hour, day or month for a window; what users cost is kept by day."""
    hours = window.hours
    if hours <= _HOURS_SHOWN_MAX:
        return "day" if dimension == "user" else "hour"
    return "day" if hours <= 24 * _DAYS_SHOWN_MAX else "month"


def label(row: Row, dimension: str) -> str:
    """Write a row's value of a dimension; an absence is said."""
    if dimension == "prompt":
        text = " ".join(part for part in (row["prompt"], row["prompt_version"]) if part)
    elif dimension == "tier":
        text = row["tier"] or "standard"
    else:
        text = str(row.get(dimension) or "")
    return text or f"no {DIMENSIONS[dimension].lower()}"


def series(rows: Iterable[Row], time: str, dimension: str) -> list[Series]:
    """Split rows of one currency into layers, dearest first; beyond SERIES_MAX they become one.

    A group of which nothing has a price is no layer: its cost is unknown, which is not 0.
    """
    layers: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["cost"] is not None:
            layers[label(row, dimension)].append(row)
    made = sorted(
        (_layer(name, held, time) for name, held in layers.items()), key=lambda one: -one.total
    )
    if len(made) <= SERIES_MAX:
        return made
    kept, rest = made[: SERIES_MAX - 1], {one.name for one in made[SERIES_MAX - 1 :]}
    folded = [row for name in rest for row in layers[name]]
    return [*kept, _layer(f"{len(rest)} others", folded, time)]


def ranked(rows: Iterable[Row], dimension: str) -> list[Row]:
    """Add rows up by value and currency, dearest first; what has no price at all comes last.

    A share is of the money in the same currency.
    """
    groups: defaultdict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for row in rows:
        # What needs no price, such as a count of connector calls, is no money either.
        if row["events"] or row["cost"] != "0":
            groups[label(row, dimension), row["currency"]].append(row)
    costs = {key: _cost(held) for key, held in groups.items()}
    wholes: defaultdict[str | None, Decimal] = defaultdict(Decimal)
    for (_, currency), cost in costs.items():
        wholes[currency] += cost or 0
    made = [
        {
            "label": name,
            "currency": currency,
            "cost": cost,
            "share": ABSENT if cost is None else percent(cost, wholes[currency]),
            "coverage": covered(groups[name, currency]),
        }
        for (name, currency), cost in costs.items()
    ]
    return sorted(made, key=lambda row: (row["cost"] is None, -(row["cost"] or 0), row["label"]))


def of_currency(rows: Iterable[Row], currency: str) -> list[Row]:
    """Pick the rows of one currency; amounts of two are never added up."""
    return [row for row in rows if row["currency"] == currency]


def levels(tree: str) -> tuple[str, ...]:
    """Read the dimensions of a nesting, outermost first."""
    return tuple(tree.split(","))


def _cost(rows: Iterable[Row]) -> Decimal | None:
    known = [Decimal(row["cost"]) for row in rows if row["cost"] is not None]
    return sum(known, Decimal(0)) if known else None


def _layer(name: str, rows: Sequence[Row], time: str) -> Series:
    slots: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        slots[row[time]].append(row)
    times = tuple(sorted(slots))
    return Series(
        name,
        times,
        tuple(sum((Decimal(row["cost"]) for row in slots[at]), Decimal(0)) for at in times),
        tuple(covered(slots[at]) for at in times),
    )
