"""What one decision costs: sums of charges over counts of decisions, by keys both have."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from cost.reports.amounts import Amounts
from cost.reports.dimensions import GROUPS
from cost.reports.sums import Sum
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cost.reports.conversion import Conversion
    from cost.reports.question import Question
    from cost.reports.sums import Sums
    from sql.client import Store

#: Groups that decisions have as charges do.
UNIT_GROUPS = ("month", "day", "hour", "tenant", "model", "prompt", "service", "environment")
UNIT_FILTERS = ("model", "prompt", "prompt_version", "service", "environment")

#: Most groups that are worked out at once.
GROUPS_MAX = 50_000

_PLACES = Decimal(1).scaleb(-18)
_DIVISION = Context(prec=100, rounding=ROUND_HALF_EVEN)


class Per(StrEnum):
    """What a cost is divided by."""

    DECISION = "decision"
    OUTCOME = "outcome"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class UnitCost:
    """What a group cost, and how many decisions it had."""

    sum: Sum
    count: int

    @property
    def value(self) -> Decimal | None:
        """Cost of one; None where there is none, and where nothing that was charged has a price."""
        amounts = self.sum.amounts
        unknown = amounts.is_unpriced or (not amounts.cost and not amounts.events)
        if not self.count or unknown:
            return None
        exact = _DIVISION.divide(amounts.cost, Decimal(self.count))
        return exact.quantize(_PLACES, context=_DIVISION)


def check_common(groups: Sequence[str], filters: Sequence[str]) -> None:
    """Raise InvalidInputError for a group or filter that decisions do not have."""
    for field, asked, common in (
        ("group_by", groups, UNIT_GROUPS),
        ("", filters, UNIT_FILTERS),
    ):
        for name in asked:
            if name not in common:
                raise InvalidInputError(
                    f"Decisions have no {name}; unit costs go by {', '.join(UNIT_GROUPS)}.",
                    field=field or name,
                )


def unit_costs(
    store: Store,
    sums: Sums,
    question: Question,
    rates: Conversion,
    per: Per,
    outcomes: Sequence[str],
) -> list[UnitCost]:
    """Divide what groups cost by their decisions, in the order of their keys.

    Raises
    ------
    InvalidInputError
        For more than GROUPS_MAX groups.
    """
    found = sums.page(question, rates, limit=GROUPS_MAX + 1)
    counts = _counts(store, question, per, outcomes)
    if max(len(found), len(counts)) > GROUPS_MAX:
        raise InvalidInputError(
            f"There are more than {GROUPS_MAX} groups; ask for fewer keys or a shorter window.",
            field="group_by",
        )
    costs = [UnitCost(one, counts.get(one.position[:-1], 0)) for one in found]
    charged = {one.position[:-1] for one in found}
    costs += [
        UnitCost(_uncharged(question, key, rates), count)
        for key, count in counts.items()
        if key not in charged
    ]
    return sorted(costs, key=lambda one: one.sum.position)


def _counts(
    store: Store, question: Question, per: Per, outcomes: Sequence[str]
) -> dict[tuple[str, ...], int]:
    asked = question.parameters
    rows = store.query(
        "cost/decision_counts",
        {
            **{name: asked[name] for name in (*UNIT_FILTERS, "tenants", "from_ns", "to_ns")},
            "known_ns": question.known_ns,
            "group_by": [*question.groups],
            "per": per.value,
            "outcomes": [*outcomes],
            "limit": GROUPS_MAX + 1,
        },
    )
    common = {key for group in UNIT_GROUPS for key in GROUPS[group]}
    return {
        tuple(row[f"by_{key}"] if key in common else "" for key in question.source.keys[:-1]): row[
            "decisions_counted"
        ]
        for row in rows
        # Without a key there is one row, also of nothing.
        if row["decisions_counted"]
    }


def _uncharged(question: Question, key: tuple[str, ...], rates: Conversion) -> Sum:
    position = (*key, "")
    held = dict(zip(question.source.keys, position, strict=True))
    return Sum(held, rates.currency or "", Amounts(), position)
