"""Shapes of the rows of the ledger, and of what stands in the way of a price."""

from pydantic import Field

from cost.api.costs import CostsFrame
from web.shapes import SPAN_ID, TIME, TRACE_ID, Shape


class Charge(Shape):
    """One row of the ledger; rows of one span and meter add up."""

    tenant: str = Field(examples=["school-a"])
    time: str = Field(description="When it happened.", examples=[TIME])
    trace_id: str = Field(examples=[TRACE_ID])
    span_id: str = Field(examples=[SPAN_ID])
    meter: str = Field(examples=["input"])
    kind: str = Field(
        description="usage, late_price, correction, adopted, reversed or shortfall.",
        examples=["usage"],
    )
    entry: str = Field(description="Empty for what the span said.", examples=["book 3.1"])
    state: str = Field(
        description="priced, unpriced, free, aggregate or quarantined.", examples=["priced"]
    )
    state_reason: str = Field(examples=["no_price"])
    quantity: str = Field(description="Decimal, exact.", examples=["1200"])
    unit: str = Field(examples=["tokens"])
    events: int = Field(examples=[1])
    unpriced: int = Field(examples=[0])
    amount: str = Field(description="Price of one unit.", examples=["0.0000025"])
    currency: str | None = Field(examples=["USD"])
    cost: str | None = Field(description="None where it has no price.", examples=["0.003"])
    list_cost: str | None = Field(examples=["0.003"])
    price_id: str = Field(description="The row of the price book.", examples=["p-5f0c"])
    price_rule: str = Field(description="How the price came about.", examples=["list"])
    tier: str = Field(examples=["batch"])
    context_tokens: int = Field(description="Whole input of the request.", examples=[1200])
    provider: str = Field(examples=["openai"])
    model: str = Field(examples=["gpt-5-mini"])
    operation: str = Field(examples=["chat"])
    service: str = Field(examples=["grader"])
    environment: str = Field(examples=["production"])
    project: str = Field(examples=["grading"])
    user: str = Field(examples=["user-7"])
    feature: str = Field(examples=["feedback"])
    connector: str = Field(examples=["gradebook"])
    prompt: str = Field(examples=["rubric"])
    prompt_version: str = Field(examples=["7"])
    reported: str = Field(description="What a quarantined row said.", examples=["-5"])
    aggregate: bool = Field(description="Reported by an agent or workflow span.")
    retry: bool = Field(description="Whether the call repeated one that failed.")
    change_id: str = Field(description="The price change behind a booking.", examples=["c-1"])
    reason: str = Field(examples=["contract signed late"])
    approver: str = Field(examples=["dana"])
    booked_at: str = Field(examples=[TIME])


class ChargesPage(CostsFrame):
    """Rows of the ledger, newest first."""

    items: list[Charge]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page.")


class UnpricedItem(Shape):
    """One thing that is used and has no price."""

    tenant: str = Field(examples=["school-a"])
    provider: str = Field(examples=["openai"])
    model: str = Field(examples=["my-deployment"])
    meter: str = Field(examples=["input"])
    unit: str = Field(examples=["tokens"])
    tier: str = Field(examples=[""])
    reason: str = Field(
        description="no_model: the spans name none; no_price: the price book has none for it.",
        examples=["no_price"],
    )
    charges: int = Field(description="How many lack a price.", examples=[120])
    quantity: str = Field(examples=["18000"])
    first: str = Field(description="Hour of the first.", examples=[TIME])
    last: str = Field(description="Hour of the last.", examples=[TIME])


class UnpricedPage(CostsFrame):
    """What has no price, the most frequent first."""

    items: list[UnpricedItem]


class QuarantineItem(Shape):
    """One kind of report that cannot be true."""

    tenant: str = Field(examples=["school-a"])
    service: str = Field(examples=["grader"])
    provider: str = Field(examples=["openai"])
    model: str = Field(examples=["gpt-5-mini"])
    meter: str = Field(description="The attribute, or `tokens` for all of them.")
    reason: str = Field(examples=["cache_exceeds_input"])
    charges: int = Field(examples=[3])
    reported: str = Field(description="What the last one said.", examples=["input=10 cached=99"])
    trace_id: str = Field(examples=[TRACE_ID])
    span_id: str = Field(examples=[SPAN_ID])
    last: str = Field(examples=[TIME])


class QuarantinePage(CostsFrame):
    """What was kept out of money, the most frequent first."""

    items: list[QuarantineItem]


class RestatementItem(Shape):
    """A published book and what it changed in the past."""

    book_version: int = Field(examples=[3])
    published_at: str = Field(examples=[TIME])
    points: int = Field(description="Prices it spells out.", examples=[12000])
    change_id: str = Field(examples=["c-1"])
    actor: str = Field(examples=["key k1"])
    approver: str = Field(examples=["dana"])
    reason: str = Field(examples=["contract signed late"])
    state: str = Field(
        description="due, booked (a second pass follows) or final.", examples=["final"]
    )
    late_prices: int = Field(examples=[0])
    corrections: int = Field(examples=[1200])
    cost_changes: dict[str, str] = Field(
        description="By currency, how much dearer the past became.", examples=[{"USD": "-1.25"}]
    )


class RestatementsPage(Shape):
    """Published books, newest first."""

    items: list[RestatementItem]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page.")
