"""The price list that comes with the installed genai-prices, as rows of the book."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import version
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from genai_prices import types
from genai_prices.data_units import unit_data

from cost.prices import meters
from cost.prices.clauses import UntranslatableError, patterns
from cost.prices.ladders import rounded
from cost.prices.points import FOREVER_NS, STANDARD_TIERS
from cost.prices.price import IMPORTED, Price
from web.window import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_CURRENCY = "USD"

#: Tokens the list prices apart, by the meter of charges that has exactly those.
_TOKENS = {
    "input_tokens": "input",
    "cache_read_tokens": "cache_read",
    "cache_write_tokens": "cache_write",
    "cache_write_1h_tokens": "cache_write_1h",
    "input_audio_tokens": "input_audio",
    "output_tokens": "output",
    "output_reasoning_tokens": "reasoning",
    "output_audio_tokens": "output_audio",
}
_UNITS: dict[str, tuple[str, int]] = {
    unit["price_key"]: (key, unit["per"]) for key, unit in unit_data.items()
}


class Skipped(NamedTuple):
    """Something of the list that the book has no row for."""

    provider: str
    model: str
    what: str
    reason: str


class PriceList(NamedTuple):
    """A list as rows, not yet recorded, and what of it is not in them."""

    source: str
    prices: list[Price]
    skipped: list[Skipped]


#: What a price is for: meter, service tier, and the size of input it starts above.
_Use = tuple[str, str, int]
_Amounts = dict[_Use, Decimal]


def read(listed: Iterable[types.Provider] | None = None) -> PriceList:
    """Read the bundled list, which takes a fifth of a second, or one given."""
    if listed is None:
        # A module of 1.5 MB that nothing else needs.
        from genai_prices.data import providers  # noqa: PLC0415

        listed = providers
    source = f"{IMPORTED} {version(IMPORTED)}"
    found = PriceList(source, [], [])
    for provider in listed:
        urls = provider.pricing_urls or [""]
        taken: set[str] = set()
        for model in provider.models:
            reader = _Reader(provider.id, model, found.skipped)
            for pattern in reader.patterns(taken):
                found.prices.extend(reader.rows(pattern, source, urls[0]))
    return found


class _Reader:
    """Reads one model of a provider."""

    def __init__(self, provider: str, model: types.ModelInfo, skipped: list[Skipped]) -> None:
        self._provider = provider
        self._model = model
        self._skipped = skipped
        self._timed: list[tuple[int, int, _Amounts]] | None = None

    def patterns(self, taken: set[str]) -> list[str]:
        """Give the patterns of the model that no model before it has."""
        try:
            found = patterns(self._model.match)
        except UntranslatableError as error:
            self._skip("model", f"patterns cannot say {error.detail}")
            return []
        fresh = [pattern for pattern in found if pattern not in taken]
        if fresh != found:
            self._skip("model", "a model before it has the same names")
        taken.update(fresh)
        return fresh

    def rows(self, pattern: str, source: str, url: str) -> Iterator[Price]:
        """Give the rows of one pattern; times that follow each other at one price are one row."""
        if self._timed is None:
            self._timed = self._timeline()
        open_: dict[_Use, tuple[int, int, Decimal]] = {}
        closed: list[tuple[_Use, tuple[int, int, Decimal]]] = []
        for start, end, amounts in self._timed:
            for use, amount in amounts.items():
                before = open_.get(use)
                if before and before[1] == start and before[2] == amount:
                    open_[use] = (before[0], end, amount)
                    continue
                if before:
                    closed.append((use, before))
                open_[use] = (start, end, amount)
        for (meter, tier, above), (start, end, amount) in (*closed, *open_.items()):
            yield Price(
                provider=self._provider,
                model=pattern,
                meter=meter,
                service_tier=tier,
                above=above,
                valid_from=start,
                valid_to=end,
                amount=amount,
                currency=_CURRENCY,
                unit=meters.unit(meter),
                source=source,
                source_url=url,
            )

    def _timeline(self) -> list[tuple[int, int, _Amounts]]:
        conditional = self._conditional()
        variants = self._variants()
        constraints = [
            *(c.constraint for c in conditional),
            *(v.constraint for _, v in variants),
        ]
        dates = {c.start_date for c in constraints if isinstance(c, types.StartDateConstraint)}
        bounds = [0, *sorted(_midnight(day) for day in dates), FOREVER_NS]
        return [
            (start, end, self._amounts(start, conditional, variants))
            for start, end in pairwise(bounds)
        ]

    def _conditional(self) -> list[types.ConditionalPrice]:
        prices = self._model.prices
        if isinstance(prices, types.ModelPrice):
            return [types.ConditionalPrice(prices=prices)]
        kept = []
        for one in prices:
            if isinstance(one.constraint, types.TimeOfDateConstraint):
                self._skip("price by time of day", "a price of the book holds all day")
            else:
                kept.append(one)
        return kept

    def _variants(self) -> list[tuple[str, types.PriceVariant]]:
        """Give the variants that are service tiers, with the tier."""
        kept = []
        for variant in self._model.price_variants or ():
            tier = _tier(variant.when)
            shown = ", ".join(f"{key}={value}" for key, value in sorted(variant.when.items()))
            if isinstance(variant.constraint, types.TimeOfDateConstraint):
                self._skip(f"variant {shown}", "a price of the book holds all day")
            elif tier is None and _stated(variant.prices):
                self._skip(f"variant {shown}", "telemetry does not tell these calls apart")
            elif tier:
                kept.append((tier, variant))
        return kept

    def _amounts(
        self,
        time_ns: int,
        conditional: list[types.ConditionalPrice],
        variants: list[tuple[str, types.PriceVariant]],
    ) -> _Amounts:
        """Give what holds at a time: the last conditional price that does, the first variant."""
        active = [one for one in conditional if _active(one.constraint, time_ns)]
        found: _Amounts = {}
        for one in (active or conditional[:1])[-1:]:
            self._add(found, "", _stated(one.prices))
        for tier in dict.fromkeys(tier for tier, _ in variants):
            stated: dict[str, Decimal | types.TieredPrices] = {}
            for named, variant in variants:
                if named == tier and _active(variant.constraint, time_ns):
                    stated = {**_stated(variant.prices), **stated}
            self._add(found, tier, stated)
        return found

    def _add(
        self,
        found: _Amounts,
        tier: str,
        stated: Mapping[str, Decimal | types.TieredPrices],
    ) -> None:
        for price_key, price in stated.items():
            usage_key, per = _UNITS.get(price_key, (price_key, 1))
            meter = _TOKENS.get(usage_key, usage_key)
            if meter.endswith("_tokens") or price_key not in _UNITS:
                reason = (
                    "charges do not tell these tokens apart; they are charged as the wider kind"
                )
                self._skip(f"price {price_key}", reason)
                continue
            steps = [(0, price)] if isinstance(price, Decimal) else _steps(price)
            for above, amount in steps:
                found[meter, tier, above] = rounded(amount / per)

    def _skip(self, what: str, reason: str) -> None:
        skipped = Skipped(self._provider, self._model.id, what, reason)
        if skipped not in self._skipped[-32:]:
            self._skipped.append(skipped)


def _stated(prices: types.ModelPrice) -> dict[str, Decimal | types.TieredPrices]:
    return {key: price for key, price in vars(prices).items() if price is not None}


def _steps(price: types.TieredPrices) -> list[tuple[int, Decimal]]:
    return [(0, price.base), *((tier.start, tier.price) for tier in price.tiers)]


def _tier(when: Mapping[str, str]) -> str | None:
    """Give the service tier a variant stands for: empty for the standard one, None for no tier."""
    match dict(when):
        case {"processing": tier, **rest} | {"service_tier": tier, **rest} if not rest:
            return "" if tier in STANDARD_TIERS else tier
        case {"speed": "fast", **rest} if not rest:
            return "fast"
    return None


def _active(constraint: object, time_ns: int) -> bool:
    if not isinstance(constraint, types.StartDateConstraint):
        return True
    return time_ns >= _midnight(constraint.start_date)


def _midnight(day: date) -> int:
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(moment.timestamp()) * SECOND_NS
