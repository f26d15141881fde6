"""Shapes of what is read of budgets: definitions with their state, reservations, history."""

from typing import Any, Literal

from pydantic import Field

from cost.api.budget_shapes import Decision
from web.shapes import SPAN_ID, TIME, TRACE_ID, Interval, Shape


class OpenWindow(Shape):
    """A budget's window; one that moves along with now has no end."""

    from_: str = Field(alias="from", examples=["2026-11-01T00:00:00.000000000Z"])
    to: str | None = Field(examples=["2026-12-01T00:00:00.000000000Z"])


class SuspendedShape(Shape):
    """Since when, until when and why a tenant may start no new work."""

    since: str = Field(examples=[TIME])
    until: str = Field(examples=[TIME])
    reason: str


class SuspensionShape(SuspendedShape):
    """The same, and whose budget brought it about."""

    tenant: str = Field(description="Empty for every tenant.", examples=["school-a"])
    budget_id: str = Field(examples=["maths"])


class AmountShape(Shape):
    """Money."""

    currency: str = Field(examples=["JPY"])
    amount: str = Field(examples=["1200"])


class StateShape(Shape):
    """How a budget stands now."""

    window: OpenWindow
    spent: str = Field(description="`charged` and `ahead`.", examples=["12.5"])
    charged: str = Field(description="What telemetry shows.", examples=["10"])
    ahead: str = Field(
        description="What was settled and telemetry does not show yet.", examples=["2.5"]
    )
    held: str = Field(description="By open reservations.", examples=["0.3"])
    remaining: str = Field(examples=["487.2"])
    used: str | None = Field(
        description="Share of the limit that is spent or held; None for a limit of 0.",
        examples=["0.0256"],
    )
    decision: Decision = Field(description="What the smallest next call gets.")
    crossed: list[str] = Field(
        description="Shares of the limit that are spent.", examples=[["0.8"]]
    )
    resets_at: str | None = Field(examples=[TIME])
    suspended: SuspendedShape | None
    unconverted: list[AmountShape] = Field(
        description="Charges without an exchange rate, counted in no sum."
    )
    open: int = Field(description="Reservations.", examples=[3])


class BudgetShape(Shape):
    """A budget as it is defined, and how it stands."""

    budget_id: str = Field(examples=["maths"])
    tenant: str = Field(description="Empty for the organisation.", examples=["school-a"])
    name: str
    scope: dict[str, str] = Field(examples=[{"project": "maths"}])
    limit: str = Field(examples=["500"])
    currency: str = Field(examples=["USD"])
    window: dict[str, Any] = Field(
        examples=[{"kind": "calendar", "period": "month", "time_zone": "Europe/Paris"}]
    )
    thresholds: list[dict[str, str]] = Field(examples=[[{"at": "0.8", "answer": "allow"}]])
    hard: bool
    suspends: bool
    unknown_price: dict[str, str | None] = Field(examples=[{"policy": "cap", "cap": "0.1"}])
    per_request_cap: str | None = Field(examples=["1"])
    reservation_ttl_s: int = Field(examples=[120])
    default_output_tokens: int = Field(examples=[4096])
    version: int = Field(examples=[3])
    changed_at: str = Field(examples=[TIME])
    changed_by: str = Field(description="Identifier of a key.")
    level: Literal["organisation", "tenant", "project", "user", "key"]
    parents: list[str] = Field(description="Budgets of the tenant that contain it.")
    state: StateShape


class BudgetsShape(Shape):
    """Budgets, the widest of each tenant first."""

    as_of: str = Field(examples=[TIME])
    ledger: Literal["memory", "redis"] = Field(description="What keeps the sums.")
    items: list[BudgetShape]
    suspensions: list[SuspensionShape]
    next_cursor: None = None


class RemovedShape(Shape):
    """A budget that ended."""

    budget_id: str
    tenant: str
    removed_at: str = Field(examples=[TIME])


class ReservedShape(Shape):
    """What a reservation holds or held in one budget."""

    budget_id: str
    tenant: str
    reserved: str = Field(examples=["0.0123"])
    currency: str


class ReservationShape(Shape):
    """One reservation."""

    reservation_id: str
    tenant: str
    state: Literal["open", "settled", "released", "expired"]
    project: str
    user: str
    feature: str
    key: str
    provider: str
    model: str
    service_tier: str
    reserved: str | None = Field(examples=["0.0123"])
    settled: str | None = Field(examples=["0.0101"])
    currency: str | None
    late: bool
    settled_by: Literal["", "client", "span"]
    created_at: str = Field(examples=[TIME])
    expires_at: str = Field(examples=[TIME])
    trace_id: str | None = Field(examples=[TRACE_ID])
    span_id: str | None = Field(examples=[SPAN_ID])
    budgets: list[ReservedShape]


class ReservationsShape(Shape):
    """Reservations, newest first."""

    as_of: str = Field(examples=[TIME])
    items: list[ReservationShape]
    next_cursor: str | None


class VersionShape(Shape):
    """One version of a budget."""

    version: int
    op: Literal["put", "delete"]
    changed_at: str = Field(examples=[TIME])
    changed_by: str
    reason: str
    definition: dict[str, Any] | None


class PointShape(Shape):
    """One step of the burn-down."""

    at: str = Field(examples=[TIME])
    reserved: str
    settled: str
    released: str
    expired: str
    denied: int = Field(description="Calls denied or put off.")
    charged: str = Field(description="What telemetry shows of this step.")
    held: str = Field(description="What reservations made in this step still hold.")
    spent: str = Field(description="Running total since the window began.")


class EntryShape(Shape):
    """One thing that happened."""

    time: str = Field(examples=[TIME])
    op: Literal["reserve", "settle", "release", "expire", "refuse", "suspend", "lift"]
    reservation_id: str
    amount: str
    currency: str
    decision: str
    reason: str
    late: bool
    call_tenant: str
    project: str
    user: str
    feature: str
    provider: str
    model: str


class HistoryShape(Shape):
    """A budget's versions, burn-down and entries."""

    as_of: str = Field(examples=[TIME])
    window: Interval
    versions: list[VersionShape]
    series: list[PointShape]
    entries: list[EntryShape] = Field(description="Newest first.")
    next_cursor: str | None
