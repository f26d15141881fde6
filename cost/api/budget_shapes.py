"""Bodies and answers of budgets over HTTP; money is always text."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from cost.budgets.money import LIMIT_MAX
from web.shapes import SPAN_ID, TIME, TRACE_ID, Shape

_NAME = r"^[A-Za-z0-9][A-Za-z0-9._:\-]{0,127}$"
_TOKENS_MAX = 1_000_000_000_000

Word = Annotated[str, Field(max_length=256)]
Amount = Annotated[str, Field(max_length=82, examples=["0.05"])]
Tokens = Annotated[int, Field(ge=0, le=_TOKENS_MAX, strict=True)]
Seconds = Annotated[int, Field(ge=1, strict=True)]
Decision = Literal["allow", "downgrade", "defer", "deny"]

Tenant = Annotated[
    str | None,
    Field(
        max_length=128,
        description="Left out, the tenant of the key; a key of several has to name it.",
        examples=["school-a"],
    ),
]
ReservationId = Annotated[
    str,
    Field(
        pattern=_NAME,
        description="The caller's own identifier; with it a request may be repeated safely.",
        examples=["4f9f2cbe0c5a4a3f9f8d6a0e0f4f5b11"],
    ),
]


class Body(BaseModel):
    """Base of what is sent: nothing beyond what is declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReserveBody(Body):
    """A call that wants to spend: the most it may cost, or the tokens to price."""

    reservation_id: ReservationId | None = None
    tenant: Tenant = None
    project: Word = ""
    user: Word = ""
    feature: Word = ""
    key: Word | None = Field(None, description="Left out, the key this comes with.")
    provider: Word = Field("", examples=["openai"])
    model: Word = Field("", examples=["gpt-5-mini"])
    service_tier: Word = Field("", description="A call in tier batch is what `defer` asks for.")
    input_tokens: Tokens = 0
    cache_read_tokens: Tokens = Field(0, description="Part of input_tokens.")
    max_output_tokens: Tokens | None = Field(
        None, description="Left out, each budget's default_output_tokens."
    )
    amount: Amount | None = None
    currency: Word | None = Field(None, examples=["USD"])
    ttl_s: Seconds | None = None
    trace_id: str = Field("", pattern=r"^([0-9a-fA-F]{32})?$", examples=[TRACE_ID])
    span_id: str = Field("", pattern=r"^([0-9a-fA-F]{16})?$", examples=[SPAN_ID])


class SettleBody(Body):
    """What a call came to: an amount, or what it used, to be priced here."""

    reservation_id: ReservationId
    tenant: Tenant = None
    amount: Amount | None = None
    currency: Word | None = Field(None, examples=["USD"])
    usage: dict[Annotated[str, Field(max_length=64)], Tokens] | None = Field(
        None, max_length=64, examples=[{"input": 1200, "output": 345}]
    )
    provider: Word = ""
    model: Word = ""
    service_tier: Word | None = None


class ReleaseBody(Body):
    """A call that will cost nothing."""

    reservation_id: ReservationId
    tenant: Tenant = None
    reason: Annotated[str, Field(max_length=1000)] = ""


class ExtendBody(Body):
    """A call that takes longer."""

    reservation_id: ReservationId
    tenant: Tenant = None
    ttl_s: Seconds = Field(description="Seconds from now.", examples=[300])


class LiftBody(Body):
    """Why a suspended tenant may work again."""

    reason: Annotated[str, Field(max_length=1000)] = ""


class ScopeBody(Body):
    """Which calls count; empty is any."""

    project: Word = ""
    user: Word = ""
    key: Word = ""
    provider: Word = ""
    model: Annotated[str, Field(max_length=1000, description="A pattern.")] = ""
    feature: Word = ""


class CalendarBody(Body):
    """A period of the calendar in a time zone."""

    kind: Literal["calendar"]
    period: Literal["day", "week", "month", "quarter", "year"]
    time_zone: Word = Field("UTC", examples=["Europe/Paris"])


class RollingBody(Body):
    """The time just past."""

    kind: Literal["rolling"]
    duration_s: Seconds


class ThresholdBody(Body):
    """A share of the limit, and what calls beyond it are told."""

    at: Amount = Field(examples=["0.8"])
    answer: Decision = "allow"
    model: Word = ""


class UnknownPriceBody(Body):
    """What happens to a call without a known price."""

    policy: Literal["deny", "cap", "allow"] = "deny"
    cap: Amount | None = None


_MONTH = CalendarBody(kind="calendar", period="month", time_zone="UTC")


class DefinitionBody(Body):
    """What a budget is."""

    name: Annotated[str, Field(max_length=200)] = ""
    scope: ScopeBody = ScopeBody()
    limit: Amount = Field(description=f"At most {LIMIT_MAX}.", examples=["500"])
    currency: Word = Field("USD", examples=["EUR"])
    window: Annotated[CalendarBody | RollingBody, Field(discriminator="kind")] = _MONTH
    thresholds: list[ThresholdBody] = Field(default_factory=list, max_length=16)
    hard: bool = True
    suspends: bool = False
    unknown_price: UnknownPriceBody = UnknownPriceBody()
    per_request_cap: Amount | None = None
    reservation_ttl_s: Annotated[int, Field(ge=1, le=86_400, strict=True)] = 120
    default_output_tokens: Tokens = 4096
    reason: Annotated[str, Field(max_length=1000)] = ""

    def definition(self) -> dict[str, Any]:
        """Give the body of its record."""
        return self.model_dump(
            exclude={"reason", "budget_id", "tenant", "expect_version"}, mode="json"
        )


class NewBudgetBody(DefinitionBody):
    """A budget to make."""

    budget_id: Annotated[str, Field(pattern=_NAME)] | None = Field(None, examples=["maths"])
    tenant: Annotated[str | None, Field(max_length=128)] = Field(
        None, description="Empty for the organisation.", examples=["school-a"]
    )


class ChangedBudgetBody(DefinitionBody):
    """A budget's next version; scope and currency stay as they are."""

    tenant: Annotated[str | None, Field(max_length=128)] = None
    expect_version: int | None = Field(None, ge=0)


class StandingShape(Shape):
    """One budget as a call meets it; figures of others' budgets are left out."""

    budget_id: str
    tenant: str
    name: str
    decision: Decision
    reason: str
    reserved: str | None
    limit: str | None
    currency: str | None
    spent: str | None
    held: str | None
    remaining: str | None
    window: dict[str, str | None] | None


class DecisionShape(Shape):
    """Whether a call may spend."""

    reservation_id: str
    decision: Decision
    reason: str
    detail: str
    model: str | None
    held: bool
    amount: str | None
    currency: str | None
    estimate: Literal["given", "priced", "unpriced", "none"]
    expires_at: str | None = Field(examples=[TIME])
    resets_at: str | None = Field(
        description="Of a denial: earliest time at which it may change.", examples=[TIME]
    )
    replayed: bool
    budgets: list[StandingShape]


class ChangeShape(Shape):
    """A reservation after a change."""

    reservation_id: str
    state: Literal["open", "settled", "released", "expired"]
    reserved: str | None
    settled: str | None
    currency: str | None
    late: bool
    overshoot: str
    replayed: bool
    expires_at: str | None
    budgets: list[StandingShape]
