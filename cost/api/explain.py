"""`GET /v1/costs/explain`: why a cost moved, split exactly, by what carries it."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from cost.api.asking import ChargesQuery
from cost.api.explain_shapes import CostExplanation
from cost.explain.causes import CauseFinder, NoCauses
from cost.explain.effects import EFFECTS, Movement
from cost.explain.explanation import DIMENSIONS, REST, Explanation, Item, explain
from cost.explain.reading import UNKNOWN, Comparison, Read, Reading
from cost.explain.windows import Per, compared
from cost.parts import CostParts
from cost.prices.currencies import currency as known_currency
from cost.prices.rates import Rates
from cost.reports.question import cut
from sql.access import Principal
from sql.errors import InvalidInputError
from web import window
from web.principal import Reader
from web.render import Json, decimal, interval, timestamp


class ExplainQuery(ChargesQuery):
    """Which change, shown by what."""

    from_: str = Field(
        "-7d",
        alias="from",
        max_length=64,
        description="Start of the window to explain, included: RFC 3339, unix seconds or "
        "nanoseconds, or relative to now.",
        examples=["2026-11-16", "-1d"],
    )
    baseline_from: str = Field(
        "",
        max_length=64,
        description="Start of the window to compare with. Left out, it is as long as the other.",
        examples=["2026-11-09"],
    )
    baseline_to: str = Field(
        "",
        max_length=64,
        description="Its end, not included. Left out, it ends where the other begins.",
        examples=["2026-11-16"],
    )
    by: str = Field(
        ",".join(DIMENSIONS),
        max_length=200,
        description=f"Comma list of what to show the change by: {', '.join(DIMENSIONS)}.",
        examples=["model,prompt"],
    )
    per: Per | None = Field(
        None,
        description="`day` compares rates a day, `window` whatever the windows come to. Left out, "
        "`day` where they differ in length.",
        examples=["day"],
    )
    currency: str = Field(
        "",
        max_length=64,
        description="Converts everything to this currency at the rate of the day it was spent. "
        "Needed where charges are in several.",
        examples=["EUR"],
    )
    limit: int = Field(10, ge=1, le=1000, description="Most values of a dimension.")

    def comparison(self, reader: Principal, now_ns: int) -> Comparison:
        """Check the parameters.

        Raises
        ------
        InvalidInputError
            Names the parameter at fault.
        ForbiddenError
            For a tenant outside the reader's scope.
        """
        filters = self.filters
        beyond = next((key for key in UNKNOWN if key in filters), None)
        if beyond is not None:
            raise InvalidInputError(
                f"A change cannot be explained for one {beyond} alone; leave {beyond} out.",
                field=beyond,
            )
        current = self.period(now_ns)
        return Comparison(
            windows=compared(current, self._baseline(current, now_ns), self.per),
            known_ns=self.known_ns(now_ns),
            tenants=tuple(reader.scope(self.chosen)),
            filters=filters,
            currency=known_currency(self.currency) if self.currency else None,
        )

    def dimensions(self) -> list[str]:
        """Read `by`; raises InvalidInputError for a dimension there is not."""
        asked = [name.strip() for name in self.by.split(",") if name.strip()]
        unknown = [name for name in asked if name not in DIMENSIONS]
        if unknown:
            raise InvalidInputError(
                f"by has {unknown[0]!r}; use a comma list of {', '.join(DIMENSIONS)}.", field="by"
            )
        return [name for name in DIMENSIONS if name in asked]

    def _baseline(self, current: window.Window, now_ns: int) -> window.Window | None:
        if not self.baseline_from and not self.baseline_to:
            return None
        end = (
            window.instant(self.baseline_to, now_ns, "baseline_to")
            if self.baseline_to
            else current.from_ns
        )
        start = (
            window.instant(self.baseline_from, now_ns, "baseline_from")
            if self.baseline_from
            else end - (current.to_ns - current.from_ns)
        )
        if not 0 <= start < end:
            raise InvalidInputError(
                "baseline_from must be earlier than baseline_to, and not before 1970.",
                field="baseline_from",
            )
        return cut(window.Window(start, end), self.as_of_ns(now_ns), now_ns)


class Explain:
    """Explains changes of cost.

    Parameters
    ----------
    causes
        Finds what is behind a change; left out, nothing is claimed.
    """

    def __init__(self, parts: CostParts, causes: CauseFinder | None = None) -> None:
        self._clock = parts.clock
        self._causes = causes or NoCauses()
        self._reading = Reading(
            parts.store,
            partial(Rates, parts.store),
            rows_max=parts.settings.explain_rows_max,
            kept=parts.settings.explain_values_kept,
        )

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["costs"])
        router.get("/v1/costs/explain", response_model=CostExplanation)(self.read_explanation)
        return router

    def read_explanation(self, reader: Reader, query: Annotated[ExplainQuery, Query()]) -> Response:
        """Split a change of cost into what made it, and show what carries it.

        The effects add up to the change to the last digit, and the values of every dimension to the
        whole; `docs/explain-costs.md` has the method.
        """
        now = self._clock()
        asked = query.comparison(reader, now)
        dimensions = query.dimensions()
        read = self._reading.read(asked)
        found = explain(read.usage, dimensions, days=asked.windows.days)
        as_of_ns = query.as_of_ns(now)
        return Json(
            {
                "window": interval(asked.windows.current),
                "baseline_window": interval(asked.windows.baseline),
                "as_of": None if as_of_ns is None else timestamp(as_of_ns),
                "known_at": timestamp(asked.known_ns),
                **_total(found, read),
                "per": asked.windows.per,
                "items": [_item(item) for item in found.items(query.limit)],
                "causes": [*self._causes.find(asked, found)],
            }
        )


def _total(found: Explanation, read: Read) -> dict[str, Any]:
    return {
        "currency": read.currency,
        **_movement(found.total),
        "calls": _both(found.calls),
        "retries": _both(found.retries),
        "folded": [*read.folded],
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "dimension": item.dimension,
        "value": None if item.value == REST else item.value,
        "values": item.values,
        **_movement(item.movement),
    }


def _movement(movement: Movement) -> dict[str, Any]:
    return {
        "baseline": decimal(movement.baseline),
        "current": decimal(movement.current),
        "delta": decimal(movement.delta),
        "effects": {name: decimal(movement.effects.get(name, Decimal(0))) for name in EFFECTS},
        "coverage": _coverage(movement),
    }


def _coverage(movement: Movement) -> dict[str, str | None]:
    shares = (movement.coverage(side) for side in (0, 1))
    shown = (None if share is None else decimal(share) for share in shares)
    return dict(zip(("baseline", "current"), shown, strict=True))


def _both(values: Sequence[Decimal]) -> dict[str, str]:
    return {"baseline": decimal(values[0]), "current": decimal(values[1])}
