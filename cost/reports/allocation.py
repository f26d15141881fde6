"""Shared cost spread over those who share it, by what each of them spent, to the last digit."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from cost.reports.amounts import EXACT, exactly
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cost.reports.question import Question
    from cost.reports.sums import Sum

#: Whom cost is allocated to: the first of them that is grouped by.
BEARERS = ("project", "user")

#: What is spread within: cost of one tenant, one time and one currency stays there.
_POOLS = ("month", "day", "hour", "tenant")


def bearer(question: Question) -> str:
    """Find whom cost is allocated to.

    Raises
    ------
    InvalidInputError
        Where nobody is grouped by, or cost of one tenant could reach another.
    """
    found = [name for name in BEARERS if name in question.groups]
    if not found:
        raise InvalidInputError(
            "allocate=proportional spreads what has no project or no user; group by one of them.",
            field="allocate",
        )
    if "tenant" not in question.groups and len(question.tenants) != 1:
        raise InvalidInputError(
            "allocate=proportional spreads cost within a tenant; group by tenant too, or name one.",
            field="allocate",
        )
    return found[0]


def allocations(sums: Sequence[Sum], to: str, places: int) -> list[Decimal]:
    """Give what is added to each sum; all of them together come to 0.

    What has no bearer gives its cost away, and keeps it where there is nobody to bear it.

    Parameters
    ----------
    to
        Key of the bearer.
    places
        Decimals of the amounts.
    """
    pools: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, one in enumerate(sums):
        pools[(*(one.keys.get(key, "") for key in _POOLS), one.currency)].append(at)
    added = [Decimal(0)] * len(sums)
    for members in pools.values():
        costs = {at: sums[at].amounts.cost for at in members}
        sharing = {at: cost for at, cost in costs.items() if sums[at].keys[to] and cost > 0}
        shared = {at: cost for at, cost in costs.items() if not sums[at].keys[to]}
        if not sharing:
            continue
        for at, cost in shared.items():
            added[at] = cost.copy_negate()
        for at, part in spread(exactly(shared.values()), sharing, places).items():
            added[at] = part
    return added


def spread(amount: Decimal, weights: Mapping[int, Decimal], places: int) -> dict[int, Decimal]:
    """Split an amount by weights above 0 with so many decimals; the parts come to it exactly.

    Each gets its share rounded down; what is left goes, a last digit each, to those with the
    largest remainder, the first of equals.
    """
    sign = -1 if amount < 0 else 1
    units = int(amount.copy_abs().scaleb(places, context=EXACT))
    scaled = {at: int(weight.scaleb(places, context=EXACT)) for at, weight in weights.items()}
    whole = sum(scaled.values())
    parts = {at: divmod(units * weight, whole) for at, weight in scaled.items()}
    left = units - sum(part for part, _ in parts.values())
    ranked = sorted(parts, key=lambda at: (-parts[at][1], at))
    more = {*ranked[:left]}
    return {
        at: Decimal(sign * (part + (at in more))).scaleb(-places, context=EXACT)
        for at, (part, _) in parts.items()
    }
