"""What the library uses right now: a tracer, limits, and a logger for decisions not sampled."""

from dataclasses import dataclass, field

from opentelemetry import trace
from opentelemetry._logs import Logger
from opentelemetry.trace import Tracer

from answerable_instrument.attributes import SCOPE
from answerable_instrument.limits import Limits
from answerable_instrument.version import VERSION


def _global_tracer() -> Tracer:
    # Before the service sets its provider this is a proxy that follows it later.
    return trace.get_tracer(SCOPE, VERSION)


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything a record needs from the set-up; replaced as a whole, never changed."""

    tracer: Tracer = field(default_factory=_global_tracer)
    limits: Limits = field(default_factory=Limits)
    unsampled_logger: Logger | None = None


class _Holder:
    runtime: Runtime | None = None


def current() -> Runtime:
    """Return the runtime set by ``configure()``, else one on the global OpenTelemetry API."""
    runtime = _Holder.runtime
    if runtime is None:
        runtime = _Holder.runtime = Runtime()
    return runtime


def install(runtime: Runtime | None) -> None:
    """Replace the runtime; None returns to the global API."""
    _Holder.runtime = runtime
