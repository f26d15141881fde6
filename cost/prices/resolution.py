"""Resolution: what a name costs over all time, as points that can be published."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from cost.prices.moments import moment
from cost.prices.points import FOREVER_NS, Point

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from cost.prices.book import Book, Level, Voices
    from cost.prices.ladders import Ladder
    from cost.prices.moments import Moment
    from cost.prices.points import Name


class _Cells(NamedTuple):
    """A point without its name and times."""

    meter: str
    service_tier: str
    currency: str
    above: tuple[int, ...]
    amounts: tuple[Decimal, ...]
    list_amounts: tuple[Decimal, ...]
    price_ids: tuple[str, ...]
    rules: tuple[str, ...]


class _Stretch(NamedTuple):
    cells: _Cells
    valid_from: int
    valid_to: int


class Resolver:
    """Resolves names against one book; names the same rows speak for are resolved once."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._done: dict[tuple[bool, tuple[Level, ...]], tuple[_Stretch, ...]] = {}

    def points(self, name: Name) -> list[Point]:
        """Give the points of a name; of a tenant only those where its contract has a say."""
        tenant, provider, model = name
        voices = self.book.voices(tenant, provider, model)
        if tenant and not voices.contract:
            return []
        key = (bool(tenant), (voices.contract, *voices.levels))
        if key not in self._done:
            self._done[key] = tuple(_stretches(voices, contracted=bool(tenant)))
        return [
            Point(
                tenant,
                provider,
                model,
                cells.meter,
                cells.service_tier,
                valid_from,
                valid_to if valid_to == FOREVER_NS else valid_to - 1,
                *cells[2:],
            )
            for cells, valid_from, valid_to in self._done[key]
        ]


def _stretches(voices: Voices, *, contracted: bool) -> Iterator[_Stretch]:
    """Join what stays the same from one moment to the next."""
    open_: dict[tuple[str, str], _Stretch] = {}
    for start, end in pairwise(_bounds(voices)):
        for cells in _cells(moment(voices, start), contracted=contracted):
            use = (cells.meter, cells.service_tier)
            before = open_.get(use)
            if before and before.valid_to == start and before.cells == cells:
                open_[use] = before._replace(valid_to=end)
                continue
            if before:
                yield before
            open_[use] = _Stretch(cells, start, end)
    yield from open_.values()


def _bounds(voices: Voices) -> list[int]:
    times = {
        min(time, FOREVER_NS)
        for group in voices.groups
        for row in group.rows
        for time in (row.valid_from, row.valid_to)
    }
    return sorted(times | {FOREVER_NS})


def _cells(at: Moment, *, contracted: bool) -> Iterator[_Cells]:
    for meter in at.meters:
        for tier in at.tiers:
            listed = at.listed(meter, tier)
            found = at.contracted(meter, tier) if contracted else listed
            if found is not None:
                yield _beside(meter, tier, found, listed)


def _beside(meter: str, tier: str, found: Ladder, listed: Ladder | None) -> _Cells:
    """Put the list's price beside, where there is one in the same currency."""
    if listed is None or listed.currency != found.currency:
        listed = found
    above = tuple(sorted({step.above for step in (*found.steps, *listed.steps)}))
    steps = [found.step(bound) for bound in above]
    return _Cells(
        meter,
        tier,
        found.currency,
        above,
        tuple(step.amount for step in steps),
        tuple(listed.step(bound).amount for bound in above),
        tuple(step.price_id for step in steps),
        tuple(step.rule for step in steps),
    )


def all_points(resolver: Resolver, names: Iterable[Name]) -> Iterator[Point]:
    """Resolve many names."""
    for name in names:
        yield from resolver.points(name)
