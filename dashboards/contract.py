"""Shapes of the API's answers, as far as the pages read them.

Times are RFC 3339 with nanoseconds, durations integer nanoseconds, ids lowercase hex.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

State = Literal["received", "stored", "rejected", "duplicate", "quarantined"]

#: The states of the ingest ledger, in the order pages show them.
STATES: tuple[State, ...] = ("received", "stored", "rejected", "duplicate", "quarantined")


#: The window an answer covers, as the server resolved it.
Interval = TypedDict("Interval", {"from": str, "to": str})


class Answer(TypedDict):
    """What every reading answer states: its window and its freshness."""

    window: Interval
    as_of: str


class Me(TypedDict):
    """Who the key belongs to."""

    key_id: str
    name: str
    roles: list[str]
    tenants: list[str]
    all_tenants: bool
    anonymous: bool


class Page(Answer):
    """One page of a list."""

    items: list[dict[str, Any]]
    next_cursor: str | None


class Overview(Answer):
    """Totals, series and breakdowns of the first page."""

    totals: dict[str, int]
    series: list[dict[str, Any]]
    bucket_s: int
    services: list[dict[str, Any]]
    models: list[dict[str, Any]]
    decisions: dict[str, Any]


class Ledger(Answer):
    """What became of everything that was sent."""

    balanced: bool
    totals: dict[State, dict[str, int]]
    rows: list[dict[str, Any]]
    series: list[dict[str, Any]]
    bucket_s: int
    recent: list[dict[str, Any]]


class Version(TypedDict):
    """A named thing at a version: model, prompt or policy."""

    name: str
    version: str


class Span(TypedDict):
    """One span of a trace with typed attributes."""

    span_id: str
    parent_span_id: str | None
    name: str
    kind: str
    service: str
    scope: dict[str, Any]
    start_time: str
    duration_ns: int
    status: dict[str, str]
    attributes: dict[str, Any]
    attribute_types: dict[str, str]
    resource: dict[str, Any]
    events: list[dict[str, Any]]
    links: list[dict[str, Any]]
    trace_state: str
    flags: int
    dropped: dict[str, int]


class Decision(TypedDict, total=False):
    """One decision; the last group is present only when one is read by its id."""

    tenant: str
    decision_id: str
    time: str
    name: str
    outcome: str
    subject: str
    confidence: float | None
    service: str
    model: Version
    prompt: Version
    policy: Version
    route: str
    trace_id: str
    span_id: str
    datasets: list[str]
    tokens: dict[str, int] | None
    duration_ns: int
    error: bool

    features: dict[str, float | str]
    actions: list[dict[str, str]]
    usage: list[dict[str, Any]]
    source: str
    span: dict[str, Any]
    environment: str
    service_version: str


class Trace(TypedDict):
    """One whole trace: spans, the logs that name it, the decisions in it."""

    tenant: str
    trace_id: str
    start_time: str
    duration_ns: int
    spans: list[Span]
    logs: list[dict[str, Any]]
    decisions: list[Decision]
    truncated: bool
