"""Shapes of the answer about the ingest ledger."""

from typing import Literal

from pydantic import Field

from web.shapes import TIME, PageOf, Shape

State = Literal["received", "stored", "rejected", "duplicate", "quarantined"]
Signal = Literal["traces", "metrics", "logs"]


class Amounts(Shape):
    """Spans, data points or log records, requests, and bytes as they came."""

    items: int
    requests: int
    bytes: int


class LedgerTotals(Shape):
    """Received is what was read; the other four are what became of it."""

    received: Amounts
    stored: Amounts
    rejected: Amounts
    duplicate: Amounts
    quarantined: Amounts


class LedgerRow(Amounts):
    """One sum. The tenant is empty for what belongs to nobody, such as a request without a key."""

    tenant: str = Field(examples=["school-a"])
    signal: Signal
    state: State
    reason: str = Field(examples=["invalid_trace_id"])


class LedgerPoint(Shape):
    """One state in one bucket of time; empty ones are left out."""

    time: str = Field(description="Start of the bucket.", examples=[TIME])
    state: State
    items: int
    requests: int


class LedgerRequest(LedgerRow):
    """What became of one request, or of several small refusals counted together."""

    time: str = Field(description="When it arrived.", examples=[TIME])
    request_id: str
    key_id: str


class Imbalance(Shape):
    """Received less the sum of the final states."""

    tenant: str
    signal: Signal
    items: int
    requests: int


class LedgerAnswer(PageOf):
    """The ingest ledger of a window."""

    balanced: bool = Field(
        description="For every tenant and signal, items and requests received equal the sum of "
        "stored, rejected, duplicate and quarantined."
    )
    unbalanced: list[Imbalance]
    totals: LedgerTotals
    rows: list[LedgerRow] = Field(description="At most 1,000.")
    bucket_s: int
    series: list[LedgerPoint]
    recent: list[LedgerRequest] = Field(
        description="Final states, newest first; `limit` and `cursor` page them."
    )
