"""The tenant of the work under way, carried in the OpenTelemetry context of this process only.

Baggage would carry it to every service called, so it is not used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import context as otel_context
from opentelemetry.context import Context

from answerable_instrument.attributes import TENANT
from answerable_instrument.guard import guarded, note, reason_of
from answerable_instrument.runtime import current
from answerable_instrument.values import as_text, clean_text

if TYPE_CHECKING:
    from contextvars import Token

_KEY = "answerable-tenant"


def current_tenant(context: Context | None = None) -> str | None:
    """Tenant of the context, by default the current one; None where none was set."""
    value = otel_context.get_value(_KEY, context)
    return value if isinstance(value, str) else None


def with_tenant(identifier: object, context: Context | None = None) -> Context:
    """Context that carries the tenant; raises ``UnfitError`` for what cannot be one."""
    text = clean_text(as_text(identifier), current().limits.name_chars)
    return otel_context.set_value(_KEY, text, context)


@contextmanager
def tenant(identifier: object) -> Iterator[None]:
    """Give every span started in the block this tenant."""
    tokens: list[Token[Context]] = []
    guarded(_report, lambda: tokens.append(otel_context.attach(with_tenant(identifier))))
    try:
        yield
    finally:
        for token in tokens:
            otel_context.detach(token)


def _report(error: Exception) -> None:
    kind, reason = reason_of(error)
    note(kind, TENANT, reason)
