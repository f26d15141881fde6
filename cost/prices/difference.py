"""An imported list against what was imported before: only what differs becomes rows.

A list says what holds now, and since when only where it gives a date. So a price that differs
without a date holds from the import on, and the past stays as it was recorded; one with a date
holds from that date, also where it lies in the past. A model the book has never had is priced for
all time.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from cost.prices.book import pattern
from cost.prices.points import FOREVER_NS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cost.prices.book import Book
    from cost.prices.price import Key, Price

#: Meter, service tier, above.
_Use = tuple[str, str, int]
#: Provider and pattern.
_Model = tuple[str, str]
_Rows = dict[_Use, list["Price"]]


class Difference(NamedTuple):
    """What an import would record.

    Parameters
    ----------
    new
        Prices of models or uses the book has not had.
    changed
        Prices that take the place of others.
    gone
        Rows of kind 'withdrawn', for what the list no longer has.
    """

    new: list[Price]
    changed: list[Price]
    gone: list[Price]

    @property
    def prices(self) -> list[Price]:
        """Every row to record."""
        return [*self.new, *self.changed, *self.gone]


def difference(
    listed: Iterable[Price], book: Book, source: str, now_ns: int, *, restate: bool = False
) -> Difference:
    """Compare a list with the imported rows of a book.

    Parameters
    ----------
    now_ns
        From when a difference without a date holds.
    restate
        Whether the list is right about the past as well.
    """
    wanted, recorded = _grouped(listed), _grouped(p for p in book.prices if p.imported)
    found = Difference([], [], [])
    heirs = {} if restate else _heirs(wanted, recorded)
    for model in sorted({*wanted, *recorded}):
        before = recorded.get(model, {})
        known = before or recorded.get(heirs.get(model, model), {})
        keeps_past = bool(known) and not restate
        comparison = _Comparison(model, now_ns, source, keeps_past=keeps_past)
        for use in sorted({*wanted.get(model, {}), *before, *known}):
            rows = (side.get(use, []) for side in (wanted.get(model, {}), before, known))
            comparison.compare(found, *rows)
    return found


def unrecorded(prices: Iterable[Price], book: Book) -> list[int]:
    """Give the positions of rows that say something the book does not say already.

    A file that was imported before and is sent again has none, unless a row was replaced since.
    """
    held: dict[Key, list[Price]] = defaultdict(list)
    for row in book.prices:
        held[row.key].append(row)
    fresh = []
    for at, price in enumerate(prices):
        over = [row for row in held.get(price.key, ()) if row.overlaps(price)]
        newest = max(over, key=lambda row: row.rank, default=None)
        if newest is None or not (_same(newest, price) and _covers(newest, price)):
            fresh.append(at)
    return fresh


class _Comparison:
    """Compares the rows of one model, use by use."""

    def __init__(self, model: _Model, now_ns: int, source: str, *, keeps_past: bool) -> None:
        self._pattern = model[1]
        self._now_ns = now_ns
        self._source = source
        self._keeps_past = keeps_past

    def compare(
        self, found: Difference, wanted: list[Price], before: list[Price], known: list[Price]
    ) -> None:
        """Add what one use needs: `before` is recorded for it, `known` also for its forerunner."""
        bounds = {0, FOREVER_NS, min(self._now_ns, FOREVER_NS)}
        bounds |= {at for row in (*wanted, *known) for at in (row.valid_from, row.valid_to)}
        open_: Price | None = None
        for start, end in pairwise(sorted(bounds)):
            row = self._needed(start, end, wanted, before, known)
            if row and open_ and open_.valid_to == start and _same(open_, row):
                open_ = replace(open_, valid_to=end)
                continue
            self._sort(found, open_, before)
            open_ = row
        self._sort(found, open_, before)

    def _needed(
        self,
        start: int,
        end: int,
        wanted: list[Price],
        before: list[Price],
        known: list[Price],
    ) -> Price | None:
        """Give the row that one stretch of time needs, if any."""
        stated, held = _holding(wanted, start), _holding(before, start)
        dated = stated is not None and stated.valid_from > 0
        if self._keeps_past and start < self._now_ns and not dated:
            stated = _holding(known, start)
        if stated is None and held is None:
            return None
        if stated is None and held is not None:
            gone = replace(held, kind="withdrawn", amount=Decimal(0), source=self._source)
            return replace(gone, valid_from=start, valid_to=end)
        if stated is not None and held is not None and _same(stated, held):
            return None
        return stated and replace(
            stated, model=self._pattern, valid_from=start, valid_to=end, source=self._source
        )

    @staticmethod
    def _sort(found: Difference, row: Price | None, before: list[Price]) -> None:
        if row is None:
            return
        if row.kind == "withdrawn":
            found.gone.append(row)
        elif any(row.overlaps(other) for other in before):
            found.changed.append(row)
        else:
            found.new.append(row)


def _grouped(prices: Iterable[Price]) -> dict[_Model, _Rows]:
    grouped: dict[_Model, _Rows] = defaultdict(lambda: defaultdict(list))
    for price in prices:
        use = (price.meter, price.service_tier, price.above)
        grouped[price.provider, price.model][use].append(price)
    return grouped


def _heirs(wanted: dict[_Model, _Rows], recorded: dict[_Model, _Rows]) -> dict[_Model, _Model]:
    """Find what a model with another pattern was before: the recorded one it shares a name with."""
    names = {
        (provider, name): (provider, text)
        for provider, text in recorded
        if (provider, text) not in wanted
        for name in pattern(text).names
    }
    return {
        (provider, text): names[provider, name]
        for provider, text in wanted
        if (provider, text) not in recorded
        for name in sorted(pattern(text).names)
        if (provider, name) in names
    }


def _holding(rows: list[Price], time_ns: int) -> Price | None:
    holding = [row for row in rows if row.holds(time_ns)]
    newest = max(holding, key=lambda row: row.rank, default=None)
    return None if newest is None or newest.kind == "withdrawn" else newest


def _covers(one: Price, other: Price) -> bool:
    return one.valid_from <= other.valid_from and other.valid_to <= one.valid_to


def _same(one: Price, other: Price) -> bool:
    return (one.kind, one.amount, one.currency) == (other.kind, other.amount, other.currency)
