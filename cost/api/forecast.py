"""`GET /v1/costs/forecast`: spend to the end of the month, and when a limit is reached."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from cost.api.asking import FilterQuery
from cost.api.forecast_shapes import ForecastAnswer
from cost.parts import CostParts
from cost.prices.currencies import currency as known_currency
from cost.reports.conversion import RatesAt
from cost.reports.daily import Daily, daily, day_of
from cost.reports.dimensions import source_of
from cost.reports.forecast import DAYS_MIN, LEVEL, Backtest
from cost.reports.limits import Limit, Limits
from cost.reports.outlook import HORIZON_DAYS_MAX, Band, Outlook, RunsOut, days_left
from cost.reports.question import Question
from cost.reports.sums import Sums
from sql.access import Principal
from sql.errors import InvalidInputError
from web.parameters import Text
from web.principal import Reader
from web.render import Json, decimal, timestamp
from web.window import DAY_NS, Window

#: Days of history that are read at least: a whole month is among them.
HISTORY_DAYS_MIN = 31


class ForecastQuery(FilterQuery):
    """Which spend to look ahead from."""

    currency: str = Field(
        "",
        max_length=64,
        description="Converts everything to this currency at the rate of the day it was spent.",
        examples=["EUR"],
    )
    budget: Text = Field(
        "",
        description="Id of a budget: its charges, currency, window and limit are taken.",
        examples=["tutoring"],
    )
    limit: str = Field(
        "",
        max_length=64,
        description="An amount for the calendar month, where no budget is named.",
        examples=["500"],
    )
    history_days: int = Field(
        90,
        ge=HISTORY_DAYS_MIN,
        le=366,
        description="Days of history that are learnt from.",
    )

    @property
    def amount(self) -> Decimal | None:
        """The limit; raises InvalidInputError for what is no amount."""
        if not self.limit:
            return None
        try:
            amount = Decimal(self.limit)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0 or self.budget:
            raise InvalidInputError(
                f"limit is {self.limit!r}; use an amount of 0 or more, and no budget beside it.",
                field="limit",
            )
        return amount


class CostForecasts:
    """Looks ahead."""

    def __init__(self, parts: CostParts, rates_at: RatesAt, limits: Limits) -> None:
        self._clock = parts.clock
        self._sums = Sums(parts.store, rates_at)
        self._limits = limits

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["costs"])
        router.get("/v1/costs/forecast", response_model=ForecastAnswer)(self.read_forecast)
        return router

    def read_forecast(self, reader: Reader, query: Annotated[ForecastQuery, Query()]) -> Response:
        """Forecast daily spend with an 80 % interval, and say how well that did on the past.

        The forecast is the mean of exponential smoothings with weekday factors and a damped trend,
        weighted by what each missed before. It is repeated from every past day; the interval is as
        wide as what those forecasts missed. With too little history there is none.
        """
        now = self._clock()
        as_of = query.as_of_ns(now)
        if as_of is not None and as_of > now:
            raise InvalidInputError("as_of lies in the future; leave it out.", field="as_of")
        at = now if as_of is None else as_of
        limit = self._limit(reader, query, at)
        question = self._question(reader, query, limit, at, query.known_ns(now))
        held = daily(self._sums, question, limit.models if limit else None)
        outlook = Outlook.of(
            held.spent,
            day_of(at),
            at % DAY_NS / DAY_NS,
            query.history_days,
            HORIZON_DAYS_MAX if query.budget else 1,
        )
        counted = self._counted(question, limit)
        return Json(
            {
                "as_of": timestamp(at),
                "known_at": timestamp(question.known_ns),
                "currency": question.currency or held.currency,
                "coverage": held.amounts.shown()["coverage"],
                "note": _note(outlook),
                "history": _history(held),
                "forecast": _days(outlook),
                "month": _month(outlook),
                "runs_out": None if limit is None else _runs_out(limit, outlook, counted, at),
                "backtest": None if outlook.ahead is None else _backtest(outlook.ahead.backtest),
            }
        )

    def _limit(self, reader: Principal, query: ForecastQuery, at_ns: int) -> Limit | None:
        tenants = reader.scope(query.chosen)
        if query.budget:
            limit = self._limits.find(query.budget, tenants, at_ns)
            # A budget of the organisation counts every tenant's charges.
            return replace(
                limit, tenants=tuple(reader.scope(limit.tenants[0] if limit.tenants else None))
            )
        amount = query.amount
        if amount is None:
            return None
        today = day_of(at_ns)
        midnight_ns = at_ns // DAY_NS * DAY_NS
        return Limit(
            budget_id=None,
            amount=amount,
            currency=None,
            tenants=tuple(tenants),
            from_ns=midnight_ns - (today.day - 1) * DAY_NS,
            to_ns=midnight_ns + days_left(today) * DAY_NS,
        )

    def _question(
        self,
        reader: Principal,
        query: ForecastQuery,
        limit: Limit | None,
        at_ns: int,
        known_ns: int,
    ) -> Question:
        filters = query.filters
        if limit is not None and limit.budget_id is not None:
            if filters or query.currency:
                raise InvalidInputError(
                    "A budget names its charges and its currency; leave filters and currency out.",
                    field="budget",
                )
            filters, currency, tenants = dict(limit.filters), limit.currency, limit.tenants
        else:
            currency = known_currency(query.currency) if query.currency else None
            tenants = tuple(reader.scope(query.chosen))
        start = at_ns // DAY_NS * DAY_NS - query.history_days * DAY_NS
        return Question(
            window=Window(max(0, start), at_ns + 1),
            known_ns=known_ns,
            tenants=tenants,
            groups=("day",),
            filters=filters,
            source=source_of(("day",), filters),
            currency=currency,
        )

    def _counted(self, question: Question, limit: Limit | None) -> dict[date, Decimal]:
        """Read what counts against a limit, from the very start of its window."""
        if limit is None:
            return {}
        window = Window(limit.from_ns, question.window.to_ns)
        return daily(self._sums, replace(question, window=window), limit.models).spent


def _note(outlook: Outlook) -> str | None:
    if outlook.ahead is not None:
        return None
    return f"Not enough history: {DAYS_MIN} whole days are needed since the first charge."


def _history(held: Daily) -> list[dict[str, Any]]:
    return [
        {"day": day.isoformat(), "cost": decimal(held.spent[day])} for day in sorted(held.spent)
    ]


def _days(outlook: Outlook) -> list[dict[str, Any]]:
    return [
        {
            "day": date.fromordinal(outlook.today.toordinal() + number).isoformat(),
            **_shown(outlook.day(number)),
        }
        for number in range(outlook.horizon)
    ]


def _month(outlook: Outlook) -> dict[str, Any]:
    spent, band = outlook.month()
    return {
        "month": f"{outlook.today:%Y-%m}",
        "spent": decimal(spent),
        **_shown(band),
        "level": str(LEVEL),
    }


def _shown(band: Band | None) -> dict[str, Any]:
    if band is None:
        return {"low": None, "expected": None, "high": None}
    return {
        "low": decimal(band.low),
        "expected": decimal(band.expected),
        "high": decimal(band.high),
    }


def _runs_out(
    limit: Limit, outlook: Outlook, spent: dict[date, Decimal], at_ns: int
) -> dict[str, Any]:
    found: RunsOut = outlook.runs_out(limit, spent, at_ns)
    return {
        "budget_id": limit.budget_id,
        "limit": decimal(limit.amount),
        "exceeded": found.exceeded,
        "low": _date(found.earliest),
        "expected": _date(found.expected),
        "high": _date(found.latest),
    }


def _date(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _backtest(found: Backtest) -> dict[str, Any]:
    return {
        "n": found.trials,
        "days": found.days,
        "mape": found.mape,
        "wmape": found.wmape,
        "naive_wmape": found.naive_wmape,
        "coverage": found.coverage,
    }
