"""What is asked of a budget before a call, and what the span under way is told of it."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from opentelemetry import trace

from answerable_instrument import attributes as names
from answerable_instrument.budget_answers import DOWNGRADE, Answer
from answerable_instrument.tenancy import current_tenant


@dataclass(frozen=True, slots=True)
class Question:
    """A call that is about to be made.

    Parameters
    ----------
    max_tokens
        Most output tokens it may give.
    amount
        Instead of tokens: the most it may cost.
    """

    model: str | None = None
    provider: str | None = None
    max_tokens: int | None = None
    input_tokens: int | None = None
    cache_read_tokens: int | None = None
    amount: Decimal | int | str | None = None
    currency: str | None = None
    tenant: str | None = None
    project: str | None = None
    user: str | None = None
    feature: str | None = None
    service_tier: str | None = None
    ttl_s: int | None = None

    def __post_init__(self) -> None:
        """Refuse money that is none, before it is sent."""
        if self.amount is None:
            return
        if isinstance(self.amount, (bool, float)):
            raise TypeError("amount is a Decimal, an integer or a text, not a float")
        try:
            finite = Decimal(self.amount).is_finite()
        except InvalidOperation:
            finite = False
        if not finite:
            raise ValueError(f"amount is {self.amount!r}, which is no amount of money")

    def body(self) -> tuple[dict[str, object], bool]:
        """Write the request, and say whether telemetry of the call will be sent.

        The trace ties the reservation to that telemetry, which else would count a second time.
        """
        given: dict[str, object] = {
            "tenant": self.tenant or current_tenant(),
            "project": self.project,
            "user": self.user,
            "feature": self.feature,
            "provider": self.provider,
            "model": self.model,
            "service_tier": self.service_tier,
            "input_tokens": self.input_tokens,
            "cache_read_tokens": self.cache_read_tokens,
            "max_output_tokens": self.max_tokens,
            "amount": None if self.amount is None else format(Decimal(self.amount), "f"),
            "currency": self.currency,
            "ttl_s": self.ttl_s,
        }
        context = trace.get_current_span().get_span_context()
        traced = context.is_valid and context.trace_flags.sampled
        if traced:
            given["trace_id"] = trace.format_trace_id(context.trace_id)
            given["span_id"] = trace.format_span_id(context.span_id)
        return {name: value for name, value in given.items() if value is not None}, traced

    def mark(self, reservation_id: str, answer: Answer) -> None:
        """Note the answer on the span under way."""
        span = trace.get_current_span()
        if answer.held:
            span.set_attribute(names.BUDGET_RESERVATION_ID, reservation_id)
        span.set_attribute(names.BUDGET_DECISION, answer.decision)
        if answer.reason:
            span.set_attribute(names.BUDGET_REASON, answer.reason)
        if answer.decision == DOWNGRADE and answer.model is not None:
            span.set_attribute(names.BUDGET_MODEL, answer.model)
