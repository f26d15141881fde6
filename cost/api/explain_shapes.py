"""Shapes of an explanation; they document answers, which are written without passing them."""

from typing import Any

from pydantic import Field

from cost.explain.effects import EFFECTS
from web.shapes import TIME, Interval, Shape


class Effects(Shape):
    """What a change is made of: decimals that add up to it exactly."""

    volume: str = Field(description=EFFECTS["volume"], examples=["40"])
    mix: str = Field(description=EFFECTS["mix"], examples=["0"])
    tokens_per_call: str = Field(description=EFFECTS["tokens_per_call"], examples=["12.5"])
    cache_share: str = Field(description=EFFECTS["cache_share"], examples=["-2.5"])
    retries: str = Field(description=EFFECTS["retries"], examples=["0"])
    other_meters: str = Field(description=EFFECTS["other_meters"], examples=["0"])
    price: str = Field(description=EFFECTS["price"], examples=["0"])
    currency: str = Field(description=EFFECTS["currency"], examples=["0"])
    coverage: str = Field(description=EFFECTS["coverage"], examples=["0"])
    adjustments: str = Field(description=EFFECTS["adjustments"], examples=["0"])


class BothShares(Shape):
    """A share in both windows, 0 to 1, rounded down; None where nothing needs a price."""

    baseline: str | None = Field(examples=["1"])
    current: str | None = Field(examples=["0.998"])


class BothCounts(Shape):
    """A count in both windows."""

    baseline: str = Field(examples=["1000"])
    current: str = Field(examples=["1400"])


class Moved(Shape):
    """Cost in both windows and what its change is made of."""

    baseline: str = Field(description="Decimal, exact.", examples=["100"])
    current: str = Field(description="Decimal, exact.", examples=["150"])
    delta: str = Field(description="What it changed by.", examples=["50"])
    effects: Effects
    coverage: BothShares = Field(description="Of charges that need a price, those that have one.")


class MovedItem(Moved):
    """What one value of a dimension carries of the change."""

    dimension: str = Field(examples=["model"])
    value: str | None = Field(
        description="Empty where calls name none; None for the rest of the values, together.",
        examples=["gpt-5-mini"],
    )
    values: int = Field(description="How many values the item stands for.", examples=[1])


class CostExplanation(Moved):
    """A change of cost: in all, and by dimension."""

    window: Interval = Field(description="What is explained.")
    baseline_window: Interval = Field(description="What it is compared with.")
    as_of: str | None = Field(description="Nothing that happened later is in it.", examples=[TIME])
    known_at: str = Field(description="Nothing that was booked later is in it.", examples=[TIME])
    currency: str | None = Field(
        description="Of every amount; None where nothing has a price.", examples=["USD"]
    )
    per: str = Field(
        description="`day` where amounts are rates a day, `window` where they are sums.",
        examples=["window"],
    )
    calls: BothCounts = Field(description="Calls in the windows, without those that repeat one.")
    retries: BothCounts = Field(description="Calls that repeat a failed one.")
    folded: list[str] = Field(
        description="Dimensions with too many values to tell all apart; the smaller ones are "
        "taken as one, also for mix.",
        examples=[["project"]],
    )
    items: list[MovedItem] = Field(
        description="By dimension, the values that moved most first; each dimension adds up to "
        "the whole, effect by effect."
    )
    causes: list[dict[str, Any]] = Field(
        description="Recorded changes that explain it, the likeliest first. Empty as long as "
        "nothing looks for them.",
        examples=[[]],
    )
