"""What wants to spend: a call to a model, and what its caller says it may use."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

#: Fields of a call that a budget's scope may name, the model apart: it is a pattern there.
SCOPE_FIELDS = ("project", "user", "key", "provider", "feature")


@dataclass(frozen=True, slots=True)
class Call:
    """Whose call it is and where it goes; empty text means none."""

    tenant: str
    project: str = ""
    user: str = ""
    key: str = ""
    feature: str = ""
    provider: str = ""
    model: str = ""
    service_tier: str = ""

    def with_model(self, model: str) -> Call:
        """Give the same call to another model."""
        return replace(self, model=model)

    def body(self) -> dict[str, Any]:
        """Write it as JSON has it."""
        return {
            "tenant": self.tenant,
            "project": self.project,
            "user": self.user,
            "key": self.key,
            "feature": self.feature,
            "provider": self.provider,
            "model": self.model,
            "service_tier": self.service_tier,
        }


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Request:
    """A reservation that is asked for.

    Parameters
    ----------
    amount
        The most the call may cost, where its caller says so; else it is estimated from tokens.
    max_output_tokens
        None where the call has no bound; each budget then assumes a number.
    ttl_s
        None for what the budgets say.
    trace_id, span_id
        Hex, empty for none.
    """

    reservation_id: str
    call: Call
    amount: Money | None = None
    input_tokens: int = 0
    cache_read_tokens: int = 0
    max_output_tokens: int | None = None
    ttl_s: int | None = None
    trace_id: str = ""
    span_id: str = ""

    def usage(self, default_output_tokens: int) -> dict[str, int]:
        """Give the tokens to reserve for, in the disjoint meters prices are for."""
        output = self.max_output_tokens
        return {
            "input": self.input_tokens - self.cache_read_tokens,
            "cache_read": self.cache_read_tokens,
            "output": default_output_tokens if output is None else output,
        }

    def fingerprint(self) -> str:
        """Tell two requests under one identifier apart."""
        amount = f"{self.amount.amount.normalize()} {self.amount.currency}" if self.amount else ""
        parts = (*self.call.body().values(), amount, self.input_tokens, self.cache_read_tokens)
        text = "\x1f".join(str(part) for part in (*parts, self.max_output_tokens, self.trace_id))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Actual:
    """What a call came to: money, or what it used, to be priced.

    Parameters
    ----------
    money
        Without a currency it is in that of the reservation.
    """

    money: Money | None = None
    usage: Mapping[str, int] = field(default_factory=dict)
    provider: str = ""
    model: str = ""
    service_tier: str | None = None
