"""The job that books, once a month is over, what a commitment was short of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import structlog

from cost.prices import commitments, providers
from cost.prices.book import pattern
from cost.prices.rates import Rates
from sql.errors import InvalidInputError, NotFoundError
from sql.records import FAR_FUTURE_NS, LIMIT_MAX
from web.window import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cost.parts import CostParts
    from cost.prices.commitments import Commitment, Month

_logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a commitment stands in a month.

    Parameters
    ----------
    spent
        What counts towards it, in its currency.
    booked
        What was booked so far for its shortfall.
    bookings
        In how many rows.
    """

    spent: Decimal
    booked: Decimal
    bookings: int

    def shortfall(self, agreed: Commitment) -> Decimal:
        """Give what was not spent of what was agreed."""
        return max(Decimal(0), agreed.monthly - self.spent)


class Shortfalls:
    """Books shortfalls; a month that changes afterwards gets a further row with the difference."""

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts

    @property
    def interval_s(self) -> float:
        """Seconds between two looks."""
        return self._parts.settings.commitment_interval_s

    def run(self) -> None:
        """Look at the months that ended lately, of every commitment."""
        settings, now = self._parts.settings, self._parts.clock()
        settled = now - round(settings.commitment_grace_s * SECOND_NS)
        since = now - round(settings.commitment_window_s * SECOND_NS)
        for agreed in self.agreed():
            for month in agreed.months(since, settled):
                self._settle(agreed, month)

    def agreed(self, tenants: list[str] | None = None) -> Iterator[Commitment]:
        """Give every commitment, also one whose time is over."""
        after = ("", "")
        while True:
            page = self._parts.records.list(
                commitments.KIND, tenants or [], as_of=FAR_FUTURE_NS, after=after, limit=LIMIT_MAX
            )
            for record in page:
                yield commitments.read(record.id, record.tenant, record.body)
            if len(page) < LIMIT_MAX:
                return
            after = (page[-1].tenant, page[-1].id)

    def standing(self, agreed: Commitment, month: Month) -> Standing:
        """Read how a commitment stands in a month.

        Raises
        ------
        RateMissingError
            When use is in another currency and there is no exchange rate.
        """
        rows = self._parts.store.query(
            "cost/commitment_use",
            {
                "tenant": agreed.tenant,
                "from_hour": month.from_ns // SECOND_NS,
                "to_hour": month.to_ns // SECOND_NS,
                "known_ns": FAR_FUTURE_NS,
            },
        )
        rates, model = Rates(self._parts.store), pattern(agreed.model)
        spent = sum(
            (
                rates.convert(row["cost"], row["currency"], agreed.currency, row["day"])
                for row in rows
                if commitments.counts(agreed, row["provider"]) and model.matches(row["model"])
            ),
            Decimal(0),
        )
        parameters = {"tenant": agreed.tenant, "commitment_id": agreed.id}
        times = {"from_ns": month.from_ns, "to_ns": month.to_ns}
        booked = self._parts.store.query("cost/commitment_booked", {**parameters, **times})[0]
        return Standing(spent, booked["booked"], booked["bookings"])

    def _settle(self, agreed: Commitment, month: Month) -> None:
        try:
            standing = self.standing(agreed, month)
        except (NotFoundError, InvalidInputError) as error:
            _logger.warning(
                "shortfall_not_booked", commitment=agreed.id, month=month.name, error=error.detail
            )
            return
        missing = standing.shortfall(agreed) - standing.booked
        if not missing:
            return
        # The number makes the key: a booking that is repeated after a crash is one row.
        entry = f"shortfall {agreed.id} {month.name} {standing.bookings + 1}"
        self._parts.store.execute(
            "cost/book_shortfall",
            {
                "tenant": agreed.tenant,
                "commitment_id": agreed.id,
                "entry": entry,
                "provider": "" if agreed.provider == providers.ANY else agreed.provider,
                "currency": agreed.currency,
                "reason": f"{agreed.monthly:f} {agreed.currency} agreed for {month.name}",
                "time_ns": month.to_ns - 1,
                "cost": missing,
            },
        )
