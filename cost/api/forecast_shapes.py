"""Shapes of a forecast."""

from pydantic import Field

from web.shapes import TIME, Shape


class DayCost(Shape):
    """What a day cost."""

    day: str = Field(examples=["2026-11-23"])
    cost: str = Field(examples=["12.5"])


class BandShape(Shape):
    """An expected amount and its 80 % interval; None where there is too little history."""

    low: str | None = Field(examples=["9.1"])
    expected: str | None = Field(examples=["12"])
    high: str | None = Field(examples=["15.4"])


class DayAhead(BandShape):
    """The whole spend of a day; of today a part is known."""

    day: str = Field(examples=["2026-11-24"])


class MonthAhead(BandShape):
    """What the month will have cost at its end, UTC."""

    month: str = Field(examples=["2026-11"])
    spent: str = Field(description="Until now, exact.", examples=["310.25"])
    level: str = Field(description="Share of outcomes the interval should hold.", examples=["0.8"])


class RunsOutShape(Shape):
    """The days on which a limit is reached; None where that is not before its window ends.

    At most 92 days are looked ahead.
    """

    budget_id: str | None = Field(examples=["tutoring"])
    limit: str = Field(examples=["500"])
    exceeded: bool = Field(description="Whether it is reached; all three are then that day.")
    low: str | None = Field(
        description="The earliest: along the upper edge of the interval.", examples=["2026-11-26"]
    )
    expected: str | None = Field(examples=["2026-11-28"])
    high: str | None = Field(
        description="The latest: along the lower edge of the interval.", examples=[None]
    )


class BacktestShape(Shape):
    """How the same forecast did when it was made from each past day, knowing nothing later."""

    n: int = Field(description="Days it was made from.", examples=[76])
    days: int = Field(description="Days it looked ahead; their sum is compared.", examples=[7])
    mape: float | None = Field(
        description="Mean absolute error in shares of the spend; None where a spend was 0.",
        examples=[0.083],
    )
    wmape: float | None = Field(
        description="Sum of absolute errors over sum of spend.", examples=[0.08]
    )
    naive_wmape: float | None = Field(
        description="The same of a forecast that repeats the week before.", examples=[0.11]
    )
    coverage: float | None = Field(
        description="Share of spends that lay in the interval as it was then; the nearer to 0.8 "
        "the better. None where history is too short to tell.",
        examples=[0.82],
    )


class ForecastAnswer(Shape):
    """Spend until now and to come."""

    as_of: str = Field(description="From when it looks ahead.", examples=[TIME])
    known_at: str = Field(description="Nothing that was booked later is in it.", examples=[TIME])
    currency: str | None = Field(examples=["USD"])
    coverage: str | None = Field(
        description="Share of the charges behind it that have a price.", examples=["0.9975"]
    )
    note: str | None = Field(
        description="Why there is no forecast.",
        examples=["Not enough history: 14 whole days are needed since the first charge."],
    )
    history: list[DayCost] = Field(description="Days without charges are left out.")
    forecast: list[DayAhead] = Field(description="From today on.")
    month: MonthAhead
    runs_out: RunsOutShape | None = Field(description="None where no limit is named.")
    backtest: BacktestShape | None
