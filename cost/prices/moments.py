"""What the rows that speak for a name come to at one moment: the order of precedence, spelled out.

For a meter and a service tier, the first of these that there is:

1. the tenant's contract: of the patterns that match, the closest that states it. A price for the
   tier stands as it is; a factor for the tier multiplies the standard price; a factor for the
   standard tier multiplies the list's price of any tier that the contract does not state.
2. the list: the user's own rows first, each pattern for what it states, a price before a factor for
   the tier; then the imported rows of the closest pattern alone, so no two models are mixed.
3. the standard price, where the tier is stated for another meter.
4. the price of the wider meter, as cached tokens are input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cost.prices import meters
from cost.prices.ladders import Ladder, ladder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cost.prices.book import Group, Level, Voices
    from cost.prices.price import Price

#: A meter and a service tier.
Use = tuple[str, str]


class Held:
    """What one group states at one time."""

    __slots__ = ("factors", "prices")

    def __init__(self, rows: Iterable[Price], who: str) -> None:
        stated: dict[Use, list[Price]] = {}
        self.factors: dict[Use, Price] = {}
        for row in rows:
            if row.kind == "factor":
                self.factors[row.meter, row.service_tier] = row
            else:
                stated.setdefault((row.meter, row.service_tier), []).append(row)
        made = ((use, ladder(found, who)) for use, found in stated.items())
        self.prices = {use: found for use, found in made if found is not None}

    def factor(self, meter: str, tier: str) -> Price | None:
        """Find what multiplies a meter, named or any."""
        return self.factors.get((meter, tier)) or self.factors.get((meters.ANY, tier))


def holding(group: Group, time_ns: int) -> list[Price]:
    """Give the rows of a group that hold at a time: of each key the one recorded last."""
    newest: dict[tuple[str, str, int], Price] = {}
    for row in group.rows:
        if row.holds(time_ns):
            use = (row.meter, row.service_tier, row.above)
            if use not in newest or newest[use].rank < row.rank:
                newest[use] = row
    return [row for row in newest.values() if row.kind != "withdrawn"]


def moment(voices: Voices, time_ns: int) -> Moment:
    """Ask everybody who speaks for a name."""
    contract = [Held(holding(group, time_ns), "contract") for group in voices.contract]
    chosen: list[Held] = []
    for level in voices.levels:
        sources, speaks = _sources(level, time_ns)
        chosen = chosen or sources
        if speaks:
            chosen = sources
            break
    return Moment(contract, chosen)


def _sources(level: Level, time_ns: int) -> tuple[list[Held], bool]:
    """Give the sources of one level in order, and whether the provider itself has a price."""
    sources: list[Held] = []
    speaks = imported = False
    for group in level:
        if group.imported and imported:
            continue
        held = Held(holding(group, time_ns), "list")
        if held.prices or held.factors:
            sources.append(held)
            imported = imported or group.imported
            speaks = speaks or (bool(held.prices) and not group.for_any_provider)
    return sources, speaks


class Moment:
    """Prices of one name at one time.

    Parameters
    ----------
    contract, sources
        What the tenant's rows and the list's state, the first to be asked first.
    """

    def __init__(self, contract: Sequence[Held], sources: Sequence[Held]) -> None:
        self._contract = contract
        self._sources = sources
        everybody = (*contract, *sources)
        stated = {use for held in everybody for use in (*held.prices, *held.factors)}
        named = {meter for meter, _ in stated} - {meters.ANY}
        self.meters = sorted(named.union(*(meters.dependants(meter) for meter in named)))
        self.tiers = sorted({tier for _, tier in stated} | {""})
        self._list_tiers = {tier for held in sources for _, tier in (*held.prices, *held.factors)}

    def listed(self, meter: str, tier: str) -> Ladder | None:
        """Give what everybody without a contract pays."""
        if tier and tier not in self._list_tiers:
            return None
        found = self._listed(meter, tier)
        if found is None and tier:
            found = _noted(self._listed(meter, ""), f"there is no {tier} price")
        if found is None and meter in meters.FALLBACKS:
            wider = meters.FALLBACKS[meter]
            found = _noted(self.listed(wider, tier), f"{meter} charged as {wider}")
        return found

    def contracted(self, meter: str, tier: str) -> Ladder | None:
        """Give what the tenant pays where its contract has a say; None: the list's price."""
        found, agreed = self._either(meter, tier)
        return found if agreed or self.listed(meter, tier) is None else None

    def _either(self, meter: str, tier: str) -> tuple[Ladder | None, bool]:
        found, agreed = self._stated(meter, tier)
        if found is None and tier:
            found, agreed = self._stated(meter, "")
            found = _noted(found, f"there is no {tier} price")
        if found is None and meter in meters.FALLBACKS:
            wider = meters.FALLBACKS[meter]
            found, agreed = self._either(wider, tier)
            found = _noted(found, f"{meter} charged as {wider}")
        return found, agreed

    def _stated(self, meter: str, tier: str) -> tuple[Ladder | None, bool]:
        agreed = self._agreed(meter, tier)
        return (agreed, True) if agreed else (self._listed(meter, tier), False)

    def _agreed(self, meter: str, tier: str) -> Ladder | None:
        for held in self._contract:
            if (meter, tier) in held.prices:
                return held.prices[meter, tier]
            factor = held.factor(meter, tier)
            base = self._stated(meter, "")[0] if tier else self._listed(meter, "")
            if factor and base:
                return base.scaled(factor, f"contract {tier} factor" if tier else "contract factor")
        return self._agreed_for_tier(meter, tier) if tier else None

    def _agreed_for_tier(self, meter: str, tier: str) -> Ladder | None:
        """Carry what is agreed for the standard tier over to one the contract does not state."""
        for held in self._contract:
            if (meter, "") in held.prices:
                factor = self._tier_factor(meter, tier)
                return held.prices[meter, ""].scaled(factor, f"{tier} factor") if factor else None
            discount = held.factor(meter, "")
            base = self._listed(meter, tier)
            if discount and base:
                return base.scaled(discount, "contract factor")
        return None

    def _listed(self, meter: str, tier: str) -> Ladder | None:
        for held in self._sources:
            if (meter, tier) in held.prices:
                return held.prices[meter, tier]
            factor = held.factor(meter, tier) if tier else None
            base = self._listed(meter, "") if factor else None
            if factor and base:
                return base.scaled(factor, f"{tier} factor")
        return None

    def _tier_factor(self, meter: str, tier: str) -> Price | None:
        """Find the list's factor for a tier, unless a price for the tier comes before it."""
        for held in self._sources:
            if (meter, tier) in held.prices:
                return None
            if factor := held.factor(meter, tier):
                return factor
        return None


def _noted(found: Ladder | None, note: str) -> Ladder | None:
    return found.noted(note) if found else None
