"""Both sides of a reconciliation, brought to the same keys: names, meters, currencies."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from cost.focus.labels import undated
from cost.invoices.causes import Ours, Theirs
from cost.invoices.imports import UNSTATED
from sql.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from cost.invoices.imports import Invoice
    from cost.prices.rates import Rates
    from sql.client import Store

Row = dict[str, Any]

#: Meters that an invoice without them has inside another.
_INSIDE = {
    "reasoning": "output",
    "output_audio": "output",
    "input_audio": "input",
    "cache_write_1h": "cache_write",
}


class Key(NamedTuple):
    """What is compared. An empty meter is what is no metered use."""

    tenant: str
    day: date
    provider: str
    model: str
    meter: str
    currency: str


@dataclass(slots=True)
class Entry:
    """One key from both sides, by service tier; None is a tier the file does not state."""

    unit: str = ""
    theirs: dict[str | None, Theirs] = field(default_factory=dict)
    ours: dict[str | None, Ours] = field(default_factory=dict)


class Sides:
    """Reads both sides of one invoice.

    Parameters
    ----------
    tenants
        Whose charges are compared; empty for all.
    known_ns
        The last booking counted.
    usage
        A usage export whose quantities belong to an invoice that has only amounts.
    """

    def __init__(
        self,
        store: Store,
        rates: Rates,
        invoice: Invoice,
        known_ns: int,
        usage: Invoice | None = None,
    ) -> None:
        self._store = store
        self._rates = rates
        self._invoice = invoice
        self._usage = usage
        self._tenants = [invoice.tenant] if invoice.tenant else []
        self._window = self._days(known_ns)
        self._main = max(invoice.amounts, key=lambda c: invoice.amounts[c], default="")

    def entries(self) -> dict[Key, Entry]:
        """Give every key that either side has."""
        theirs = self._their_rows()
        mine = self._store.query("cost/invoice_charges", self._window)
        meters: dict[str, set[str]] = defaultdict(set)
        for row in theirs:
            meters[row["provider"]].add(row["meter"])
        mine = [_with_meter(row, meters[row["provider"]]) for row in mine]
        aliases = _aliases(theirs, mine)
        found: dict[Key, Entry] = {}
        currencies: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for row in theirs:
            self._put_theirs(found, currencies, row)
        named = [{**row, "model": _named(row, aliases)} for row in mine]
        for row in named:
            self._put_ours(found, currencies, row)
        if any(row["apart"] for row in named):
            self._move(found, currencies, meters, aliases)
        if self._exceeds(found):
            self._put_doubles(found, currencies, meters, aliases)
        return {key: entry for key, entry in found.items() if _says_something(key, entry, meters)}

    def tier_prices(
        self, entries: Iterable[Key]
    ) -> dict[tuple[str, str, str, str], list[tuple[int, int, str, Fraction]]]:
        """Give what other tiers cost: by provider, model, meter, currency."""
        keys = [*entries]
        asked = {
            "providers": sorted({key.provider for key in keys}),
            "models": sorted({key.model for key in keys}),
            "from_ns": self._window["from_ns"],
            "to_ns": self._window["to_ns"],
        }
        prices: dict[tuple[str, str, str, str], list[tuple[int, int, str, Fraction]]]
        prices = defaultdict(list)
        for row in self._store.query("cost/invoice_tier_prices", asked):
            key = (row["provider"], row["model"], row["meter"], row["currency"])
            held = (row["valid_from"], row["valid_to"], row["service_tier"])
            prices[key].append((*held, Fraction(row["amount"])))
        return prices

    def _days(self, known_ns: int) -> Row:
        first, last = self._invoice.first_day, self._invoice.last_day
        return {
            "tenants": self._tenants,
            "scoped": sorted({*self._invoice.scopes.values()}),
            "providers": self._invoice.providers,
            "from_ns": day_ns(first),
            "to_ns": day_ns(last + timedelta(days=1)),
            "known_ns": known_ns,
        }

    def _their_rows(self) -> list[Row]:
        rows = self._sums(self._invoice)
        if self._usage is None:
            return rows
        # The amounts of one file and the quantities of the other.
        money = [{**row, "sum_quantity": None} for row in rows if row["sum_amount"] is not None]
        used = [{**row, "sum_amount": None} for row in self._sums(self._usage)]
        return [*money, *used]

    def _sums(self, invoice: Invoice) -> list[Row]:
        asked = {"tenant": invoice.tenant, "invoice_id": invoice.invoice_id}
        return self._store.query("cost/invoice_sums", asked)

    def _put_theirs(
        self, found: dict[Key, Entry], currencies: dict[tuple[Any, ...], list[str]], row: Row
    ) -> None:
        place = _place(row)
        currency = row["currency"] or self._main
        if currency not in currencies[place]:
            currencies[place].append(currency)
        entry = found.setdefault(Key(*place, currency), Entry())
        entry.unit = entry.unit or row["unit"]
        tier = None if row["service_tier"] == UNSTATED else row["service_tier"]
        one = entry.theirs.setdefault(tier, Theirs())
        if row["sum_quantity"] is not None:
            one.quantity = (one.quantity or Fraction(0)) + Fraction(row["sum_quantity"])
        if row["sum_amount"] is not None:
            one.amount = (one.amount or Fraction(0)) + Fraction(row["sum_amount"])
            one.lines += row["amount_lines"]

    def _put_ours(
        self, found: dict[Key, Entry], currencies: dict[tuple[Any, ...], list[str]], row: Row
    ) -> None:
        target = self._target(currencies, row, row["currency"])
        entry = found.setdefault(Key(*_place(row), target), Entry())
        entry.unit = entry.unit or row["unit"]
        own = entry.ours.setdefault(row["service_tier"], Ours())
        self._book(own, row["currency"], target, row["day"], Fraction(row["sum_quantity"]))
        rate = self._rate(row["currency"], target, row["day"])
        if rate is not None:
            own.cost += Fraction(row["sum_cost"]) * rate

    def _target(
        self, currencies: Mapping[tuple[Any, ...], list[str]], row: Row, currency: str
    ) -> str:
        """Find the currency of theirs that money of ours is compared in."""
        known = currencies.get(_place(row))
        if not known:
            return self._main or currency
        return currency if currency in known else known[0]

    def _rate(self, currency: str, target: str, day: date) -> Fraction | None:
        if not currency or currency == target or not target:
            return Fraction(1)
        try:
            return Fraction(self._rates.rate(currency, target, day).value)
        except NotFoundError:
            return None

    def _book(self, own: Ours, currency: str, target: str, day: date, quantity: Fraction) -> None:
        """Add a quantity where its money stands."""
        if not currency:
            own.unpriced += quantity
        elif self._rate(currency, target, day) is None:
            own.foreign += quantity
        else:
            own.priced += quantity

    def _move(
        self,
        found: dict[Key, Entry],
        currencies: dict[tuple[Any, ...], list[str]],
        meters: Mapping[str, set[str]],
        aliases: Mapping[tuple[str, str], str],
    ) -> None:
        """Bring quantities to where their money was booked later."""
        asked = {name: self._window[name] for name in ("tenants", "from_ns", "to_ns", "known_ns")}
        scoped = {*self._window["scoped"]}
        for row in self._store.query("cost/moved_quantities", asked):
            provider = row["provider"].lower()
            if provider not in self._invoice.providers:
                continue
            tenant = row["tenant"] if row["tenant"] in scoped else ""
            place = {"scope_tenant": tenant, "provider": provider, "model": row["model"].lower()}
            one = _with_meter({**row, **place}, meters[provider])
            one["model"] = _named(one, aliases)
            for currency, sign in ((row["source"], -1), (row["target"], 1)):
                target = self._target(currencies, one, currency)
                entry = found.setdefault(Key(*_place(one), target), Entry())
                own = entry.ours.setdefault(row["service_tier"], Ours())
                self._book(own, currency, target, row["day"], sign * Fraction(row["moved"]))

    def _exceeds(self, found: Mapping[Key, Entry]) -> bool:
        return any(
            sum((own.quantity for own in entry.ours.values()), Fraction(0))
            > sum((one.quantity or Fraction(0) for one in entry.theirs.values()), Fraction(0))
            for entry in found.values()
        )

    def _put_doubles(
        self,
        found: dict[Key, Entry],
        currencies: dict[tuple[Any, ...], list[str]],
        meters: Mapping[str, set[str]],
        aliases: Mapping[tuple[str, str], str],
    ) -> None:
        for row in self._store.query("cost/invoice_doubles", self._window):
            one = _with_meter(row, meters[row["provider"]])
            one["model"] = _named(one, aliases)
            for currency in currencies.get(_place(one)) or [self._main]:
                entry = found.get(Key(*_place(one), currency))
                if entry and row["service_tier"] in entry.ours:
                    entry.ours[row["service_tier"]].doubled += Fraction(row["doubled"])
                    break


def day_ns(day: date) -> int:
    """Give a UTC day's first nanosecond since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000_000


def _place(row: Row) -> tuple[str, date, str, str, str]:
    return row["scope_tenant"], row["day"], row["provider"], row["model"], row["meter"]


def _with_meter(row: Row, theirs: set[str]) -> Row:
    meter = row["meter"]
    inside = _INSIDE.get(meter)
    folds = inside is not None and meter not in theirs and inside in theirs
    return {**row, "meter": inside} if folds else {**row}


def _aliases(theirs: list[Row], mine: list[Row]) -> dict[tuple[str, str], str]:
    """Match names that differ by a date or a seller's prefix only, where there is no doubt."""
    left: dict[tuple[str, str], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    names = [{(row["provider"], row["model"]) for row in rows} for rows in (theirs, mine)]
    for side, held in enumerate(names):
        for provider, model in held - names[1 - side]:
            left[provider, undated(model)][side].add(model)
    return {
        (provider, mine_only.copy().pop()): their_only.copy().pop()
        for (provider, _), (their_only, mine_only) in left.items()
        if len(their_only) == len(mine_only) == 1
    }


def _named(row: Row, aliases: Mapping[tuple[str, str], str]) -> str:
    return aliases.get((row["provider"], row["model"]), row["model"])


def _says_something(key: Key, entry: Entry, meters: Mapping[str, set[str]]) -> bool:
    """Whether a key is worth a line: counts nobody bills, such as requests, are not."""
    if entry.theirs or key.meter in meters[key.provider]:
        return True
    counts = key.meter not in _FREE
    return any(own.cost or (own.unpriced and counts) for own in entry.ours.values())


#: What is counted without a price; an invoice that does not count it is no difference.
_FREE = frozenset({"requests", "connector_calls"})
