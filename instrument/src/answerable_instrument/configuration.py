"""``configure()``: add our exporters to the OpenTelemetry set-up the process has, or make one."""

import atexit
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from opentelemetry import _logs, trace
from opentelemetry._logs import LoggerProvider
from opentelemetry.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import TracerProvider

from answerable_instrument import pipelines, runtime
from answerable_instrument.attributes import SCOPE
from answerable_instrument.guard import guarded, note, reason_of
from answerable_instrument.limits import Limits
from answerable_instrument.targets import Protocol, Signal, Target, resolve_target
from answerable_instrument.telemetry import Pipeline, Telemetry
from answerable_instrument.version import VERSION

SIGNALS: tuple[Signal, ...] = ("traces", "logs", "metrics")


class _Active:
    """The handle in force; one set-up a process."""

    lock = threading.Lock()
    handle: Telemetry | None = None


@dataclass(slots=True)
class _Setup:
    """What one call of ``configure()`` has put together so far."""

    target: Target
    resource: Resource
    limits: Limits
    tracer_provider: TracerProvider | None
    logger_provider: LoggerProvider | None
    meter_provider: MeterProvider | None
    pipelines: list[Pipeline] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def problem(self, reason: str) -> None:
        self.problems.append(reason)
        note("setup", "configure", reason)

    def report(self, error: Exception) -> None:
        kind, reason = reason_of(error)
        self.problem(reason if kind == "setup" else f"{type(error).__name__}: {error}")

    def traces(self) -> None:
        provider, pipeline = pipelines.traces(
            self.tracer_provider, self.target, self.resource, self.limits
        )
        self.tracer_provider = provider
        self.pipelines.append(pipeline)

    def logs(self) -> None:
        provider, pipeline = pipelines.logs(self.logger_provider, self.target, self.resource)
        self.logger_provider = provider
        self.pipelines.append(pipeline)

    def metrics(self) -> None:
        provider, pipeline = pipelines.metrics(self.meter_provider, self.target, self.resource)
        self.meter_provider = provider
        self.pipelines.append(pipeline)


def configure(  # noqa: PLR0913  Every argument is documented, and all but three are named.
    endpoint: str | None = None,
    key: str | None = None,
    service_name: str | None = None,
    *,
    service_version: str | None = None,
    environment: str | None = None,
    protocol: Protocol | None = None,
    signals: Sequence[Signal] = SIGNALS,
    tracer_provider: TracerProvider | None = None,
    logger_provider: LoggerProvider | None = None,
    meter_provider: MeterProvider | None = None,
    log_unsampled: bool = True,
    limits: Limits | None = None,
    exit_timeout_s: float = 5.0,
) -> Telemetry:
    """Send this process's telemetry to Answerable, beside whatever it already does.

    A second call returns the first handle. Nothing is raised: what could not be set up is logged
    and stands in ``handle.problems``.

    Parameters
    ----------
    endpoint
        Base URL; else ``ANSWERABLE_ENDPOINT``, ``OTEL_EXPORTER_OTLP_ENDPOINT``,
        ``http://127.0.0.1:4318``.
    key
        API key; else ``ANSWERABLE_KEY``.
    service_name, service_version, environment
        Resource attributes ``service.name``, ``service.version``, ``deployment.environment.name``,
        used only where the process has no provider yet.
    protocol
        ``http/protobuf`` or ``grpc``.
    signals
        Which of traces, logs and metrics to send.
    tracer_provider, logger_provider, meter_provider
        Providers to use instead of the global ones.
    log_unsampled
        Send a decision whose span is not sampled as a log record.
    limits
        Bounds on one record.
    exit_timeout_s
        Longest wait for the network when the process ends, in seconds.
    """
    target = resolve_target(endpoint, key, protocol, os.environ)
    with _Active.lock:
        active = _Active.handle
        if active is not None and active.is_open:
            if active.target != target:
                note("setup", "configure", "already configured; the first set-up stays")
            return active
        resource = _resource(service_name, service_version, environment)
        setup = _Setup(
            target, resource, limits or Limits(), tracer_provider, logger_provider, meter_provider
        )
        handle = _build(setup, tuple(signals))
        runtime.install(_runtime(setup, log_unsampled and "logs" in signals))
        _Active.handle = handle
        atexit.register(handle.shutdown, exit_timeout_s)
        return handle


def configured_target() -> Target | None:
    """Where ``configure()`` sends telemetry; None before it, and after the shutdown."""
    handle = _Active.handle
    return handle.target if handle is not None and handle.is_open else None


def _build(setup: _Setup, signals: tuple[Signal, ...]) -> Telemetry:
    steps: dict[Signal, Callable[[], None]] = {
        "metrics": setup.metrics,
        "traces": setup.traces,
        "logs": setup.logs,
    }
    if setup.target.exposes_key:
        note("setup", "configure", "the key crosses the network unencrypted; use https")
    if setup.target.problem is not None:
        setup.problem(setup.target.problem)
    elif os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() != "true":
        for signal in signals:
            if signal in steps:
                guarded(setup.report, steps[signal])
            else:
                setup.problem(f"signal {signal!r} is unknown: use {', '.join(SIGNALS)}")
    return Telemetry(setup.target, tuple(setup.pipelines), tuple(setup.problems))


def _runtime(setup: _Setup, log_unsampled: bool) -> runtime.Runtime:
    logger = None
    if log_unsampled:
        logger = (setup.logger_provider or _logs.get_logger_provider()).get_logger(SCOPE, VERSION)
    provider = setup.tracer_provider or trace.get_tracer_provider()
    return runtime.Runtime(provider.get_tracer(SCOPE, VERSION), setup.limits, logger)


def _resource(name: str | None, version: str | None, environment: str | None) -> Resource:
    given = {
        "service.name": name,
        "service.version": version,
        "deployment.environment.name": environment,
    }
    return Resource.create({key: value for key, value in given.items() if value})
