"""Shapes of the answers about decisions."""

from typing import Any, Literal

from pydantic import Field

from web.shapes import (
    SPAN_ID,
    TIME,
    TRACE_ID,
    Attributes,
    AttributeTypes,
    PageOf,
    Shape,
    Version,
)


class Tokens(Shape):
    """Tokens as the decision's own span or record reports them."""

    input: int = Field(examples=[1830])
    output: int = Field(examples=[212])


class Decision(Shape):
    """One decision in a list; a text is empty where it was not recorded."""

    tenant: str = Field(examples=["school-a"])
    decision_id: str = Field(
        description="`answerable.decision.id`, else the span's id.", examples=["d-42"]
    )
    time: str = Field(examples=[TIME])
    name: str = Field(examples=["grade_essay"])
    outcome: str = Field(examples=["B+"])
    subject: str = Field(examples=["essay-1"])
    confidence: float | None = Field(description="0 to 1.", examples=[0.91])
    service: str = Field(examples=["grader"])
    model: Version
    prompt: Version
    policy: Version
    route: str = Field(examples=["auto"])
    trace_id: str | None = Field(examples=[TRACE_ID])
    span_id: str | None = Field(examples=[SPAN_ID])
    datasets: list[str] = Field(examples=[["school/rubrics@3"]])
    tokens: Tokens | None
    duration_ns: int = Field(examples=[84_000_000])
    error: bool


class DecisionPage(PageOf):
    """Decisions, newest first."""

    items: list[Decision]


class Action(Shape):
    """What the decision did."""

    name: str = Field(examples=["publish_grade"])
    target: str = Field(examples=["gradebook"])


class Meter(Shape):
    """What the decision's span used of one thing."""

    meter: str = Field(examples=["input"])
    unit: str = Field(examples=["tokens"])
    quantity: str = Field(description="Decimal, exact.", examples=["1830"])
    provider: str = Field(examples=["openai"])
    model: str = Field(examples=["gpt-5-mini"])


class DecisionDetail(Decision):
    """One decision with everything recorded about it."""

    source: Literal["span", "log"] = Field(description="What reported it.")
    service_version: str = Field(examples=["1.4.2"])
    environment: str = Field(examples=["production"])
    features: dict[str, float | str | int] = Field(
        description="Numbers and texts; what JSON cannot hold is `NaN`, `Infinity` or `-Infinity`.",
        examples=[{"words": 412, "language": "en"}],
    )
    actions: list[Action]
    usage: list[Meter]
    span: Attributes = Field(
        description="Every attribute of the span or log record that reported the decision."
    )
    span_attribute_types: AttributeTypes
    resource: Attributes
    body: Any = Field(None, description="Body of the log record; null for a span.")
