r"""Cost written as a product of factors, for every part of the usage.

A part is a meter `m` of the calls of a segment `s`, with one version `v` of its prompt. In one
window, and for money priced in currency `i`,

.. math:: C = N \cdot \frac{n_s}{N} \cdot \frac{r_s}{n_s} \cdot \frac{F}{r_s} \cdot \frac{q_m}{F}
          \cdot \frac{q_{m,v}}{q_m} \cdot k \cdot \frac{c_i}{q_{m,v} k} \cdot x_i

========================  ==============================================  =====================
factor                    what it is                                      effect
========================  ==============================================  =====================
:math:`N`                 first attempts in the window                    volume
:math:`n_s / N`           share of them in the segment                    mix
:math:`r_s / n_s`         repeated calls for one first attempt; only in   retries
                          the line of repeated calls
:math:`F / r_s`           tokens of the family a call; for other units    tokens_per_call,
                          what is used a call                             other_meters
:math:`q_m / F`           share of the input that the meter has           cache_share
:math:`q_{m,v} / q_m`     share of the prompt's version                   mix
:math:`k`                 share of the charges that have a price          coverage
:math:`c_i / (q k)`       what one priced unit costs                      price
:math:`x_i`               what one unit of the currency is worth          currency
========================  ==============================================  =====================

The product is the cost, as everything else cancels. Versions of a prompt are no segments: where a
new version makes calls longer, that is tokens_per_call and not mix.

What a window has nothing of has no value for the later factors, a model without calls no tokens a
call. Such a factor takes its value from the other window, so it counts as unchanged, and what came
or went is put down to the factor that is 0. The price of a unit is taken, where the window has it,
from the same tenant's other calls to the model: a project that is new does not hide a new price.

Where there are no calls to divide by, `N`, the segment's share and the calls fall away: a quantity
of tokens then counts as volume, any other as other_meters.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from cost.explain.usage import BASELINE, CURRENT, INPUT_FAMILY, ZERO, Line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from cost.explain.usage import Amount, Part, Segment, Usage

SIDES = (BASELINE, CURRENT)

#: A factor: its effect, and its value in a window or None where it has none.
Factor = tuple[str, "Decimal | None"]

#: What every effect of a part was in both windows.
Product = dict[str, tuple["Decimal", "Decimal"]]


class NoProductError(Exception):
    """A part whose cost cannot be written as a product: money or usage without what it is of."""


def ratio(value: Decimal, base: Decimal) -> Decimal | None:
    """Divide; None for nothing of nothing, an error for something of nothing."""
    if base:
        return value / base
    if value:
        raise NoProductError
    return None


class Factors:
    """Writes parts of the usage as products.

    Parameters
    ----------
    days
        What the windows are divided by: their days where rates a day are compared, else 1.
    """

    def __init__(self, usage: Usage, days: tuple[Decimal, Decimal]) -> None:
        self._usage = usage
        self._calls = tuple(usage.calls(side) for side in SIDES)
        self._days = days
        self._prices = Prices(usage)

    def line(self, segment: Segment, *, retry: bool) -> LineFactors:
        """Look at the calls of a segment, or at those that repeat one."""
        line = self._usage.lines[segment, retry]
        other = self._usage.lines.get((segment, not retry), Line())
        firsts, repeats = (other, line) if retry else (line, other)
        drivers = tuple(self._driver(firsts, repeats, retry, side) for side in SIDES)
        return LineFactors(segment, line, drivers, self._usage.units, self._prices)

    def _driver(self, firsts: Line, repeats: Line, retry: bool, side: int) -> Driver:
        """Find the calls that usage is divided by, and the factors that make them up."""
        everything, days = self._calls[side], self._days[side]
        first = firsts.totals(side).get("requests", ZERO)
        repeated = repeats.totals(side).get("requests", ZERO)
        volume: Factor = ("volume", everything / days)
        if self._counted(firsts) and not retry:
            return Driver(first, (volume, ("mix", ratio(first, everything))))
        if retry and self._counted(repeats):
            if self._counted(firsts) and self._preceded(firsts, repeats):
                mix: Factor = ("mix", ratio(first, everything))
                return Driver(repeated, (volume, mix, ("retries", ratio(repeated, first))))
            # First tried elsewhere, as where a fallback model takes over.
            return Driver(repeated, (volume, ("retries", ratio(repeated, everything))))
        return Driver(days, (), calls=False)

    def _counted(self, line: Line) -> bool:
        """Whether calls are known wherever the line has usage."""
        return all(
            line.is_empty(side) or (line.totals(side).get("requests") and self._calls[side])
            for side in SIDES
        )

    @staticmethod
    def _preceded(firsts: Line, repeats: Line) -> bool:
        return all(repeats.is_empty(side) or firsts.totals(side).get("requests") for side in SIDES)


class Driver(NamedTuple):
    """What usage is divided by in one window: calls, or days where no calls are known."""

    base: Decimal
    factors: tuple[Factor, ...]
    calls: bool = True


class LineFactors:
    """Writes the parts of one line as products."""

    def __init__(
        self,
        segment: Segment,
        line: Line,
        drivers: tuple[Driver, ...],
        units: Mapping[str, str],
        prices: Prices,
    ) -> None:
        self._segment = segment
        self._line = line
        self._drivers = drivers
        self._units = units
        self._prices = prices
        self._totals = tuple(line.totals(side) for side in SIDES)

    def product(self, part: Part, currency: str) -> Product:
        """Give every effect's factor in both windows.

        Raises
        ------
        NoProductError
            Where the cost of a window is no product.
        """
        chains = [self._chain(part, currency, side) for side in SIDES]
        found: Product = {}
        for place, ((effect, old), (_, new)) in enumerate(zip(*chains, strict=True)):
            from_end = place - len(chains[0])
            before, after = self._filled(part, currency, from_end, old, new)
            held = found.get(effect)
            found[effect] = (held[0] * before, held[1] * after) if held else (before, after)
        return found

    def _chain(self, part: Part, currency: str, side: int) -> list[Factor]:
        amount = self._line.parts[part][side]
        native = amount.native.get(currency, ZERO)
        share = amount.priced_share if amount.quantity else None
        priced = amount.quantity * share if share is not None else ZERO
        return [
            *self._drivers[side].factors,
            *self._intensity(part, amount.quantity, side),
            ("coverage", share),
            ("price", ratio(native, priced)),
            ("currency", ratio(amount.money.get(currency, ZERO), native)),
        ]

    def _intensity(self, part: Part, quantity: Decimal, side: int) -> list[Factor]:
        driver, totals = self._drivers[side], self._totals[side]
        tokens = "tokens_per_call" if driver.calls else "volume"
        effect = tokens if self._units[part.meter] == "tokens" else "other_meters"
        mine = totals[part.meter]
        version: Factor = ("mix", ratio(quantity, mine))
        if part.meter not in INPUT_FAMILY:
            return [(effect, ratio(mine, driver.base)), version]
        whole = sum((totals.get(meter, ZERO) for meter in INPUT_FAMILY), ZERO)
        return [(effect, ratio(whole, driver.base)), ("cache_share", ratio(mine, whole)), version]

    def _filled(
        self, part: Part, currency: str, place: int, old: Decimal | None, new: Decimal | None
    ) -> tuple[Decimal, Decimal]:
        """Give a factor a value in the window that has none."""
        if old is None:
            old = self._prices.usual(self._segment, part, currency, place, BASELINE)
        if new is None:
            new = self._prices.usual(self._segment, part, currency, place, CURRENT)
        before = old if old is not None else new
        after = new if new is not None else old
        return (before or ZERO), (after or ZERO)


#: Places of the last two factors of a chain, counted from its end.
_PRICE, _CURRENCY = -2, -1


class Prices:
    """What a unit usually costs, and what a currency is worth, in each window."""

    def __init__(self, usage: Usage) -> None:
        self._priced: dict[tuple[object, ...], Decimal] = defaultdict(lambda: ZERO)
        self._native: dict[tuple[object, ...], Decimal] = defaultdict(lambda: ZERO)
        self._money: dict[tuple[object, ...], Decimal] = defaultdict(lambda: ZERO)
        for (segment, _), line in usage.lines.items():
            for part, pair in line.parts.items():
                for side in SIDES:
                    self._add(_sold(segment, part), side, pair[side])

    def usual(
        self, segment: Segment, part: Part, currency: str, place: int, side: int
    ) -> Decimal | None:
        """Find the value of a price or rate in a window; None where the window has none."""
        if place == _PRICE:
            sold = _sold(segment, part)
            return self._quotient(self._native[side, sold, currency], self._priced[side, sold])
        if place == _CURRENCY:
            return self._quotient(self._money[side, currency], self._native[side, currency])
        return None

    def _add(self, sold: tuple[str, ...], side: int, amount: Amount) -> None:
        self._priced[side, sold] += amount.quantity * amount.priced_share
        for currency, native in amount.native.items():
            self._native[side, sold, currency] += native
            self._native[side, currency] += native
            self._money[side, currency] += amount.money[currency]

    @staticmethod
    def _quotient(value: Decimal, base: Decimal) -> Decimal | None:
        return value / base if value and base else None


def _sold(segment: Segment, part: Part) -> tuple[str, ...]:
    return segment.tenant, segment.provider, segment.model, segment.service_tier, part.meter
