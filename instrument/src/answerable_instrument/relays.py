"""Processors that stay on a provider for good and pass records on while the library is set up.

A provider offers no way to take a processor off. A relay is added once; ``configure()`` and
``shutdown()`` change what stands behind it.
"""

import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from opentelemetry.context import Context
from opentelemetry.sdk._logs import LogRecordProcessor
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from answerable_instrument.attributes import TENANT
from answerable_instrument.tenancy import current_tenant

if TYPE_CHECKING:
    # Not before SDK 1.39.
    from opentelemetry.sdk._logs import ReadWriteLogRecord

RelayT = TypeVar("RelayT", bound="SpanRelay | LogRelay")


class SpanRelay(SpanProcessor):
    """Stamp the tenant on every span and pass ended spans to the processor behind."""

    def __init__(self) -> None:
        self.target: SpanProcessor | None = None

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Give the span the tenant of its context, unless it names one."""
        tenant = current_tenant(parent_context)
        if tenant is not None and TENANT not in (span.attributes or {}):
            span.set_attribute(TENANT, tenant)

    def on_end(self, span: ReadableSpan) -> None:
        """Queue an ended span."""
        target = self.target
        if target is not None:
            target.on_end(span)

    def shutdown(self) -> None:
        """Shut down what stands behind, when the service shuts its provider down."""
        target, self.target = self.target, None
        if target is not None:
            target.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what is queued."""
        target = self.target
        return True if target is None else target.force_flush(timeout_millis)


class LogRelay(LogRecordProcessor):
    """Pass log records to the processor behind."""

    def __init__(self) -> None:
        self.target: LogRecordProcessor | None = None

    def on_emit(self, log_record: "ReadWriteLogRecord") -> None:
        """Queue a log record."""
        target = self.target
        if target is not None:
            target.on_emit(log_record)

    def shutdown(self) -> None:
        """Shut down what stands behind, when the service shuts its provider down."""
        target, self.target = self.target, None
        if target is not None:
            target.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what is queued."""
        target = self.target
        return True if target is None else bool(target.force_flush(timeout_millis))


class Relays(Generic[RelayT]):
    """The one relay of each provider."""

    def __init__(self, kind: type[RelayT], method: str) -> None:
        self._kind = kind
        self._method = method
        self._by_provider: WeakKeyDictionary[Any, RelayT] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def of(self, provider: Any) -> RelayT | None:
        """Return the provider's relay, adding it once; None where it takes no processors."""
        add = getattr(provider, self._method, None)
        if not callable(add):
            return None
        with self._lock:
            relay = self._by_provider.get(provider)
            if relay is None:
                relay = self._kind()
                add(relay)
                self._by_provider[provider] = relay
            return relay


SPAN_RELAYS: Relays[SpanRelay] = Relays(SpanRelay, "add_span_processor")
LOG_RELAYS: Relays[LogRelay] = Relays(LogRelay, "add_log_record_processor")
