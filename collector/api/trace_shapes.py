"""Shapes of the answers about traces."""

from typing import Any

from pydantic import Field

from collector.api.decision_shapes import Decision
from web.shapes import (
    SPAN_ID,
    TIME,
    TRACE_ID,
    Attributes,
    AttributeTypes,
    PageOf,
    Shape,
)


class TraceSummary(Shape):
    """One trace in a list."""

    tenant: str = Field(examples=["school-a"])
    trace_id: str = Field(examples=[TRACE_ID])
    root_name: str = Field(
        description="Empty while no root span arrived.", examples=["POST /grade"]
    )
    root_service: str = Field(examples=["gateway"])
    services: list[str] = Field(examples=[["gateway", "grader"]])
    start_time: str = Field(examples=[TIME])
    duration_ns: int = Field(
        description="First start to last end of its spans.", examples=[412_000_000]
    )
    spans: int
    errors: int
    decisions: int
    tokens: int


class TracePage(PageOf):
    """Traces that started in the window, newest first."""

    items: list[TraceSummary]


class Attributed(Shape):
    """Attributes with their types."""

    attributes: Attributes = Field(
        description="Integers beyond 2^53 are text, bytes base64, NaN and infinities text."
    )
    attribute_types: AttributeTypes


class Scope(Attributed):
    """The instrumentation scope."""

    name: str = Field(examples=["opentelemetry.instrumentation.fastapi"])
    version: str
    schema_url: str
    dropped_attributes_count: int


class Resource(Attributed):
    """What produced the span."""

    schema_url: str
    dropped_attributes_count: int


class Event(Attributed):
    """Something that happened during a span."""

    time: str = Field(examples=[TIME])
    name: str = Field(examples=["exception"])
    dropped_attributes_count: int


class Link(Attributed):
    """Another span this one refers to."""

    trace_id: str = Field(examples=[TRACE_ID])
    span_id: str = Field(examples=[SPAN_ID])
    trace_state: str
    flags: int
    dropped_attributes_count: int


class Status(Shape):
    """How a span ended."""

    code: str = Field(description="UNSET, OK or ERROR.", examples=["OK"])
    message: str


class Dropped(Shape):
    """What the sender left out."""

    attributes: int
    events: int
    links: int


class Span(Attributed):
    """One span with everything it was sent with."""

    span_id: str = Field(examples=[SPAN_ID])
    parent_span_id: str | None
    name: str = Field(examples=["POST /grade"])
    kind: str = Field(
        description="UNSPECIFIED, INTERNAL, SERVER, CLIENT, PRODUCER or CONSUMER.",
        examples=["SERVER"],
    )
    service: str
    scope: Scope
    resource: Resource
    start_time: str = Field(examples=[TIME])
    duration_ns: int
    status: Status
    events: list[Event]
    links: list[Link]
    trace_state: str
    flags: int
    dropped: Dropped


class LogRecord(Attributed):
    """One log record of a trace."""

    time: str = Field(examples=[TIME])
    observed_time: str | None
    severity: int = Field(description="1 to 24; 0 where it was not set.", examples=[9])
    severity_text: str = Field(examples=["INFO"])
    body: Any
    span_id: str | None
    event_name: str
    service: str
    dropped_attributes_count: int


class TraceDetail(Shape):
    """One whole trace."""

    tenant: str
    trace_id: str = Field(examples=[TRACE_ID])
    start_time: str = Field(examples=[TIME])
    duration_ns: int
    as_of: str = Field(examples=[TIME])
    spans: list[Span] = Field(description="Oldest first, at most 10,000.")
    logs: list[LogRecord] = Field(description="Oldest first, at most 1,000.")
    decisions: list[Decision] = Field(description="Newest first, at most 1,000.")
    truncated: bool = Field(description="Some of its spans, logs or decisions are left out.")
