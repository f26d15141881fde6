"""Why a call costs what it costs: the price, the rule, and the rows they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cost.prices import drafts, meters, points, providers
from cost.prices.resolution import Resolver
from web.render import decimal, timestamp

if TYPE_CHECKING:
    from cost.prices.book import Book
    from cost.prices.points import Point
    from cost.prices.price import Price

_MILLION = 1_000_000


class Call(NamedTuple):
    """What is asked about, in the words of telemetry."""

    tenant: str
    provider: str
    model: str
    meter: str
    service_tier: str
    at_ns: int
    context_tokens: int


class Explanation(NamedTuple):
    """The point that holds, the rows behind its step, or why there is none."""

    call: Call
    point: Point | None
    rows: list[Price]
    why_not: str | None

    def facts(self) -> dict[str, Any]:
        """Write it, apart from the rows."""
        call = self.call
        asked = call._asdict()
        asked["at"] = timestamp(asked.pop("at_ns"))
        asked["service_tier"] = drafts.standard(call.service_tier)
        return {**asked, "unit": meters.unit(call.meter), **self._price(), "why_not": self.why_not}

    def _price(self) -> dict[str, Any]:
        if self.point is None:
            names = ("amount", "list_amount", "per_million", "currency", "price_id", "rule")
            return dict.fromkeys((*names, "valid_from", "valid_to"))
        point, step = self.point, self.point.step(self.call.context_tokens)
        return {
            "amount": decimal(point.amounts[step]),
            "list_amount": decimal(point.list_amounts[step]),
            "per_million": decimal(point.amounts[step] * _MILLION),
            "currency": point.currency,
            "price_id": point.price_ids[step],
            "rule": point.rules[step],
            "valid_from": timestamp(point.valid_from) if point.valid_from else None,
            "valid_to": None
            if point.valid_to == points.FOREVER_NS
            else timestamp(point.valid_to + 1),
        }


def explain(book: Book, call: Call) -> Explanation:
    """Find what holds for a call in a book."""
    provider = providers.reported(call.provider.strip()).lower()
    name = (provider, call.model.strip().lower())
    resolver, tier = Resolver(book), drafts.standard(call.service_tier)
    found: list[Point] = []
    for holder in dict.fromkeys((call.tenant, "")):
        found = resolver.points((holder, *name))
        of_use = [p for p in found if (p.meter, p.service_tier) == (call.meter, tier)]
        point = points.at(of_use, call.at_ns)
        if point:
            ids = point.price_ids[point.step(call.context_tokens)].split("*")
            rows = [row for row in book.prices if row.price_id in ids]
            rows.sort(key=lambda row: ids.index(row.price_id))
            return Explanation(call, point, rows, None)
    return Explanation(call, None, [], _why_not(found, call, tier))


def _why_not(found: list[Point], call: Call, tier: str) -> str:
    """Say what is missing, given what the list has for the model at any time."""
    model = f"{call.provider or 'any provider'} {call.model}"
    if not found:
        return f"No row of the price book is about {model}."
    now = [p for p in found if p.valid_from <= call.at_ns <= p.valid_to]
    if not now:
        return f"The price book has prices for {model}, but none at {timestamp(call.at_ns)}."
    metered = {point.service_tier for point in now if point.meter == call.meter}
    if not metered:
        known = ", ".join(sorted({point.meter for point in now}))
        return f"The price book has no price for {call.meter} of {model}; it has {known}."
    shown = ", ".join(sorted(name or "standard" for name in metered))
    return f"The price book has no {tier or 'standard'} price for {model}; it has {shown}."
