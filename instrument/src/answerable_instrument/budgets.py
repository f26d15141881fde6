"""``budget()``: ask before a model call whether there is money for it."""

from decimal import Decimal
from typing import get_args

from answerable_instrument.budget_questions import Question
from answerable_instrument.budget_service import BudgetService, default_service
from answerable_instrument.budgeted_calls import BudgetedCall, Reaction, Unreachable


def budget(  # noqa: PLR0913  Every argument is named and documented.
    *,
    on_unreachable: Unreachable,
    model: str | None = None,
    provider: str | None = None,
    max_tokens: int | None = None,
    input_tokens: int | None = None,
    cache_read_tokens: int | None = None,
    amount: Decimal | int | str | None = None,
    currency: str | None = None,
    tenant: str | None = None,
    project: str | None = None,
    user: str | None = None,
    feature: str | None = None,
    service_tier: str | None = None,
    ttl_s: int | None = None,
    on_deny: Reaction = "raise",
    on_defer: Reaction = "return",
    service: BudgetService | None = None,
) -> BudgetedCall:
    """Reserve money for a call in every budget that covers it: a context manager, also async.

    Leaving the block settles what was reported with ``tokens()`` or ``cost()``. Without a report
    the span of the call settles it, where there is one. An error or a cancellation before anything
    was reported gives the reservation back.

    Parameters
    ----------
    on_unreachable
        ``fail_open`` makes the call when the budget service does not answer, ``fail_closed`` does
        not. There is no default, for both cost something.
    model, provider, max_tokens, input_tokens, cache_read_tokens
        What the call is about to use; the service prices it. Without ``max_tokens`` it assumes
        what the budget says.
    amount, currency
        Instead of tokens: the most the call may cost.
    tenant
        Else that of the context; needed with a key of several tenants.
    project, user, feature
        Whose budgets count, beside the tenant's.
    service_tier
        ``batch``, ``flex`` or ``priority``; a batch call is what ``defer`` asks for.
    ttl_s
        Seconds until a reservation that nobody ends gives its money back; prolonged meanwhile.
    on_deny, on_defer
        ``raise`` raises ``BudgetDenied``; ``return`` leaves it to the block to look at
        ``.decision``.
    service
        Whom to ask; else where telemetry goes.

    Raises
    ------
    BudgetDenied
        On entering, where the budget says no.
    BudgetUnavailableError
        On entering, without an answer and with ``fail_closed``.
    """
    for name, value, allowed in (
        ("on_unreachable", on_unreachable, get_args(Unreachable)),
        ("on_deny", on_deny, get_args(Reaction)),
        ("on_defer", on_defer, get_args(Reaction)),
    ):
        if value not in allowed:
            raise ValueError(f"{name} is {value!r}; use {' or '.join(allowed)}")
    question = Question(
        model=model,
        provider=provider,
        max_tokens=max_tokens,
        input_tokens=input_tokens,
        cache_read_tokens=cache_read_tokens,
        amount=amount,
        currency=currency,
        tenant=tenant,
        project=project,
        user=user,
        feature=feature,
        service_tier=service_tier,
        ttl_s=ttl_s,
    )
    return BudgetedCall(
        question,
        service or default_service(),
        on_unreachable=on_unreachable,
        on_deny=on_deny,
        on_defer=on_defer,
    )
