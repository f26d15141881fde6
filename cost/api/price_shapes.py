"""Shapes of the price book over HTTP: what is asked, what is sent, what is answered."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from cost.prices.points import FOREVER_NS
from cost.prices.price import Price
from web.parameters import LIMIT_MAX, TEXT_CHARS_MAX, TenantQuery, Text
from web.render import decimal, timestamp
from web.shapes import TIME, Shape

#: Prices of one request; a file may have more.
PRICES_MAX = 10_000
FILE_CHARS_MAX = 16_000_000
MILLION = Decimal(1_000_000)

#: A text or a number; a number is read by its shortest decimal form.
Value = Annotated[str, Field(max_length=TEXT_CHARS_MAX)] | int | float | None

_EXAMPLE: dict[str, Any] = {
    "provider": "openai",
    "model": "gpt-5-mini",
    "meter": "input",
    "amount": "0.25",
    "per": "million",
    "currency": "USD",
    "valid_from": "2026-11-01",
}


class BookQuery(TenantQuery):
    """Which rows of the book."""

    provider: Text = Field("", description="In any spelling.", examples=["azure.ai.openai"])
    model: Text = Field("", description="A model's name, or a pattern.", examples=["gpt-5-mini"])
    meter: Text = Field("", examples=["input"])
    known_at: str = Field(
        "",
        max_length=64,
        description="The book as it was known at this time; now where left out. RFC 3339, unix "
        "time, or relative to now.",
        examples=["2026-11-15T12:00:00Z"],
    )


class RowsQuery(BookQuery):
    """A page of rows."""

    list_only: bool = Field(False, description="Only the list, without any tenant's contract.")
    limit: int = Field(50, ge=1, le=LIMIT_MAX, description="Most items in the answer.")
    cursor: str = Field("", max_length=4096, description="`next_cursor` of the page before.")


class PricesQuery(RowsQuery):
    """What holds at a time."""

    service_tier: Text = Field("", description="`standard` for the plain one.", examples=["batch"])
    source: Text = Field("", description="What the source starts with.", examples=["genai-prices"])
    as_of: str = Field(
        "", max_length=64, description="The time the prices hold at; now where left out."
    )


class ResolveQuery(BookQuery):
    """A call whose price is asked for."""

    tenant: Text = Field("", description="Whose contract may hold; left out: the list's price.")
    provider: Text = Field("", description="As telemetry has it; may be left out.")
    model: Text = Field(min_length=1, examples=["gpt-5-mini"])
    meter: Text = Field("input", examples=["output"])
    service_tier: Text = Field("", examples=["batch"])
    context_tokens: int = Field(0, ge=0, le=10**12, description="Size of the whole input.")
    at: str = Field("", max_length=64, description="When the call happens; now where left out.")


class PriceFields(BaseModel):
    """One price: an amount, a discount or factor, or the withdrawal of what was recorded."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    tenant: Value = Field("", description="Whose contract it is; empty for the list.")
    provider: Value = Field("", description="In any spelling, or * for any.")
    model: Value = Field("", description="A pattern: *, # for a digit, | for or, & for and, ! not.")
    meter: Value = Field("", description="input, output, cache_read, ...; * for any in a factor.")
    service_tier: Value = Field("", description="batch, flex, priority, fast; empty: standard.")
    above: Value = Field("", description="Holds for inputs of more tokens than this.")
    valid_from: Value = Field("", description="Included; empty: from the beginning. UTC or offset.")
    valid_to: Value = Field("", description="Not included; empty: for good.")
    kind: Value = Field("", description="price, factor or withdrawn; empty: price.")
    amount: Value = Field("", description="For `per` units, or what a factor multiplies with.")
    per: Value = Field("", description="Units the amount is for: 1000000, or million, thousand.")
    currency: Value = Field("", description="ISO 4217; needed for a price.")
    discount_percent: Value = Field("", description="In place of an amount: a factor below 1.")
    source: Value = Field("", description="Where it is written: a contract, a page.")
    source_url: Value = Field("")


class ChangeFields(BaseModel):
    """Why a change is made and who approved it."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", max_length=TEXT_CHARS_MAX, examples=["contract of 1 November"])
    approver: str = Field("", max_length=200, examples=["cfo@example.com"])
    dry_run: bool = Field(False, description="Say what would change and change nothing.")


class PricesBody(ChangeFields):
    """Prices to record, all or none."""

    prices: list[PriceFields] = Field(min_length=1, max_length=PRICES_MAX)


class ImportBody(ChangeFields):
    """A list or a file to import, all or nothing."""

    source: Literal["genai-prices", "csv", "yaml"] = Field(
        description="The list that comes with the installed genai-prices, or the form of `content`."
    )
    content: str = Field("", max_length=FILE_CHARS_MAX, description="The file's text.")
    name: str = Field("", max_length=200, description="The file's name; the rows' source.")
    restate: bool = Field(
        False,
        description="Of genai-prices: take the list for right about the past as well. Otherwise "
        "what differs without a date holds from now on.",
    )


class PriceItem(Shape):
    """A row of the book, with both its clocks."""

    price_id: str = Field(examples=["9f0c2c1e5f4b4f6b8a1e"])
    tenant: str = Field(description="Empty for the list.", examples=[""])
    provider: str = Field(examples=["openai"])
    model: str = Field(examples=["gpt-5-mini | gpt-5-mini-2025-08-07"])
    meter: str = Field(examples=["input"])
    service_tier: str = Field(examples=[""])
    above: int = Field(examples=[0])
    kind: Literal["price", "factor", "withdrawn"] = Field(examples=["price"])
    amount: str = Field(description="For one unit, exact.", examples=["0.00000025"])
    per_million: str | None = Field(description="The same for a million.", examples=["0.25"])
    currency: str = Field(examples=["USD"])
    unit: str = Field(examples=["tokens"])
    valid_from: str | None = Field(description="Null: from the beginning.", examples=[TIME])
    valid_to: str | None = Field(description="Not included. Null: for good.", examples=[None])
    recorded_at: str = Field(examples=[TIME])
    change_id: str = Field(examples=["5b8efff798038103"])
    source: str = Field(examples=["genai-prices 0.2.3"])
    source_url: str = Field(examples=["https://openai.com/api/pricing/"])
    actor: str = Field(description="The key that recorded it.", examples=["k1"])
    approver: str = Field(examples=["cfo@example.com"])
    reason: str = Field(examples=["contract of 1 November"])


class HistoryItem(PriceItem):
    """The same, and what replaced it."""

    superseded_by: list[str] = Field(
        description="Rows recorded later for the same key, for all of its time or a part.",
        examples=[[]],
    )


class PricePage(Shape):
    """Rows that hold at `as_of`, as known at `known_at`."""

    as_of: str = Field(examples=[TIME])
    known_at: str = Field(examples=[TIME])
    items: list[PriceItem]
    next_cursor: str | None


class HistoryPage(Shape):
    """Every row, the newest first."""

    known_at: str = Field(examples=[TIME])
    items: list[HistoryItem]
    next_cursor: str | None


class Resolved(Shape):
    """What a unit costs and why; the amounts are null where it has no price."""

    tenant: str = Field(examples=["school-a"])
    provider: str = Field(examples=["openai"])
    model: str = Field(examples=["gpt-5-mini"])
    meter: str = Field(examples=["input"])
    service_tier: str = Field(examples=[""])
    context_tokens: int = Field(examples=[0])
    at: str = Field(examples=[TIME])
    known_at: str = Field(examples=[TIME])
    amount: str | None = Field(description="For one unit.", examples=["0.00000025"])
    list_amount: str | None = Field(examples=["0.00000025"])
    per_million: str | None = Field(examples=["0.25"])
    currency: str | None = Field(examples=["USD"])
    unit: str = Field(examples=["tokens"])
    price_id: str | None = Field(description="Of a product, its factors joined by *.")
    rule: str | None = Field(examples=["contract factor 0.9 x list price"])
    valid_from: str | None = Field(examples=[TIME])
    valid_to: str | None = Field(examples=[None])
    rows: list[PriceItem] = Field(description="The rows it is made of.")
    why_not: str | None = Field(description="Why there is no price.", examples=[None])


class Changed(Shape):
    """What a change did, or in a dry run would do."""

    change_id: str
    dry_run: bool
    book_version: int = Field(description="The published version in force.", examples=[7])
    names_changed: int = Field(description="Models with another price now.", examples=[3])
    recorded: int = Field(description="Rows recorded.", examples=[1])
    items: list[PriceItem] = Field(description="The rows, at most a hundred.")


class SkippedItem(Shape):
    """Something of a list that the book has no row for."""

    provider: str = Field(examples=["deepseek"])
    model: str = Field(examples=["deepseek-chat"])
    what: str = Field(examples=["price by time of day"])
    reason: str = Field(examples=["a price of the book holds all day"])


class ImportAnswer(Changed):
    """What an import did, or in a dry run would do."""

    source: str = Field(examples=["genai-prices 0.2.3"])
    rows_read: int = Field(examples=[7680])
    new: int = Field(examples=[7680])
    changed: int = Field(examples=[0])
    gone: int = Field(examples=[0])
    unchanged: int = Field(examples=[0])
    skipped: list[SkippedItem]


def price_item(price: Price) -> dict[str, Any]:
    """Write a row."""
    item = price.row()
    item["amount"] = decimal(price.amount)
    item["per_million"] = decimal(price.amount * MILLION) if price.kind == "price" else None
    item["valid_from"] = bound(price.valid_from)
    item["valid_to"] = bound(price.valid_to)
    item["recorded_at"] = timestamp(price.recorded_at)
    return item


def bound(time_ns: int) -> str | None:
    """Write an end of a time, None where it is open."""
    return timestamp(time_ns) if 0 < time_ns < FOREVER_NS else None
