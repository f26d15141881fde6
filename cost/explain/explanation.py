"""The split of a change of cost, in all and by the values of every dimension."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from cost.explain.effects import Movement, summed
from cost.explain.factors import SIDES, Factors, LineFactors, NoProductError
from cost.explain.product import CONTEXT, MONEY, rounded, shares

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cost.explain.usage import Pair, Part, Segment, Usage

#: What a change is shown by, beside the meter; the prompt is `name@version`.
DIMENSIONS = (
    "model",
    "provider",
    "tenant",
    "project",
    "feature",
    "prompt",
    "service",
    "connector",
    "meter",
)

#: Stands for the values beyond the largest.
REST = "(rest)"


@dataclass(frozen=True, slots=True)
class Item:
    """One value of a dimension.

    Parameters
    ----------
    values
        How many values it stands for: 1, or those of the rest.
    """

    dimension: str
    value: str
    movement: Movement
    values: int = 1


@dataclass(frozen=True, slots=True)
class Explanation:
    """A change of cost, split.

    Parameters
    ----------
    calls, retries
        First attempts and repeated calls in both windows.
    by
        Movements of every value of every dimension that was asked for; those of one dimension add
        up to `total`, every effect of them.
    """

    total: Movement
    calls: tuple[Decimal, Decimal]
    retries: tuple[Decimal, Decimal]
    by: dict[str, dict[str, Movement]]

    def items(self, limit: int) -> list[Item]:
        """Give the values that moved most, and of every dimension the rest as one."""
        with localcontext(CONTEXT):
            return [item for name in self.by for item in _largest(name, self.by[name], limit)]


def explain(
    usage: Usage,
    dimensions: Iterable[str] = DIMENSIONS,
    *,
    days: tuple[Decimal, Decimal] = (Decimal(1), Decimal(1)),
) -> Explanation:
    """Split the change of cost between two windows into effects that add up to it exactly.

    Every part of the usage is written as a product (`cost.explain.factors`) and the change of the
    product is shared out by the Shapley value of the effects (`cost.explain.product`). As the value
    is additive, sums over parts are the Shapley values of the whole cost. Each part's shares are
    rounded to the last digit of money, what that leaves goes to the largest of them, and all
    figures above are sums of these: so effects add up to the change, and values of a dimension to
    the total, without a residual.

    Parameters
    ----------
    dimensions
        What to list values of.
    days
        By what both windows are divided, to compare rates a day.
    """
    with localcontext(CONTEXT):
        total = Movement()
        by: dict[str, dict[str, Movement]] = {name: defaultdict(Movement) for name in dimensions}
        for segment, part, pair, change in _changes(usage, days):
            targets = [total, *(by[name][_value(name, segment, part)] for name in by)]
            for target in targets:
                target.add_costs(*change)
                target.add_counts(pair)
        return Explanation(
            total,
            (usage.calls(SIDES[0]), usage.calls(SIDES[1])),
            (usage.calls(SIDES[0], retries=True), usage.calls(SIDES[1], retries=True)),
            by,
        )


#: Cost in both windows and the effects between them.
Change = tuple[Decimal, Decimal, dict[str, Decimal]]


def _changes(
    usage: Usage, days: tuple[Decimal, Decimal]
) -> Iterator[tuple[Segment, Part, Pair, Change]]:
    factors = Factors(usage, days)
    for segment, retry in list(usage.lines):
        line = factors.line(segment, retry=retry)
        for part, pair in usage.lines[segment, retry].parts.items():
            yield segment, part, pair, _change(pair, days, line, part)
    for (segment, part), pair in usage.fixed.items():
        yield segment, part, pair, _change(pair, days, None, part)


def _change(
    pair: Pair, days: tuple[Decimal, Decimal], line: LineFactors | None, part: Part
) -> Change:
    baseline, current = (
        _cost(amount.money.values(), by) for amount, by in zip(pair, days, strict=True)
    )
    effects: dict[str, Decimal] = defaultdict(Decimal)
    for currency in sorted({*pair[0].money, *pair[1].money}):
        try:
            if line is None:
                raise NoProductError
            product = line.product(part, currency)
        except NoProductError:
            old, new = (
                amount.money.get(currency, Decimal(0)) / by
                for amount, by in zip(pair, days, strict=True)
            )
            effects["adjustments"] += new - old
            continue
        split = shares(*zip(*product.values(), strict=True))
        for effect, value in zip(product, split, strict=True):
            effects[effect] += value
    return baseline, current, rounded(effects, current - baseline) if effects else {}


def _cost(money: Iterable[Decimal], days: Decimal) -> Decimal:
    return (sum(money, Decimal(0)) / days).quantize(MONEY)


def _value(dimension: str, segment: Segment, part: Part) -> str:
    if dimension == "meter":
        return part.meter
    if dimension == "prompt" and part.prompt_version:
        return f"{segment.prompt}@{part.prompt_version}"
    return str(getattr(segment, dimension))


def _largest(name: str, movements: dict[str, Movement], limit: int) -> Iterator[Item]:
    """Order by what moved, then by what it costs; a rest that was folded before stays the rest."""
    folded = [REST] if REST in movements else []
    ordered = sorted(
        (value for value in movements if value != REST),
        key=lambda value: (-abs(movements[value].delta), -movements[value].current, value),
    )
    for value in ordered[:limit]:
        yield Item(name, value, movements[value])
    rest = ordered[limit:] + folded
    if rest:
        yield Item(name, REST, summed(movements[value] for value in rest), len(rest))
