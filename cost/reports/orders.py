"""What a schedule orders for a period: the parameters of a report, read as the API reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from cost.api.report import ReportQuery
from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cost.reports.periods import Period
    from cost.reports.report import Order
    from cost.reports.schedules import Schedule

#: What a schedule says by itself.
_OWN = frozenset({"tenant", "from", "to", "period", "as_of", "known_at", "format"})


def order_of(schedule: Schedule, period: Period, known_ns: int) -> Order:
    """Order the report of a period, as it is known at a time."""
    query = _read(schedule.query)
    tenants = [schedule.tenant] if schedule.tenant else []
    question = query.of(tenants, period.window(schedule.time_zone), known_ns)
    return query.order(question, period.name)


def _read(query: Mapping[str, str]) -> ReportQuery:
    for name in query:
        if name in _OWN:
            raise InvalidInputError(
                f"query holds {name}, which the schedule itself says; leave it out.",
                field=f"query.{name}",
            )
    try:
        return ReportQuery.model_validate(dict(query))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InvalidInputError(f"query.{name}: {first['msg']}.", field=f"query.{name}") from None
