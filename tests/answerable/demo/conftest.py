"""The simulation played into memory, and a receiver of OTLP/HTTP that only counts."""

from __future__ import annotations

import gzip
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from answerable.demo.simulation import Simulation, seeded_ids
from answerable.demo.telemetry import Providers, Telemetry, resource
from answerable.demo.world import NS, SERVICES

#: 2026-01-01T00:00:00Z: a full hour, so the incident lies where the docstring says.
START_NS = 1_767_225_600 * NS


@dataclass
class Recording:
    """What a simulation sent, in memory."""

    spans: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)
    logs: InMemoryLogRecordExporter = field(default_factory=InMemoryLogRecordExporter)
    metrics: InMemoryMetricReader = field(default_factory=InMemoryMetricReader)

    @property
    def finished(self):
        return self.spans.get_finished_spans()

    def decisions(self):
        return [span for span in self.finished if "answerable.decision.id" in span.attributes]


def record(seed: int, *, live_s: int = 0, start_ns: int = START_NS) -> Recording:
    """Play the hour before `start_ns`, and `live_s` seconds after it."""
    with _playing(seed, start_ns) as (recording, simulation):
        stop = threading.Event()
        simulation.play_until(start_ns, stop)
        simulation.go_live()
        simulation.play_until(start_ns + live_s * NS, stop)
    return recording


def nights(start_ns: int):
    """Play the nights of seed 7 before a time: what was sent, and tokens by school and prompt."""
    with _playing(7, start_ns) as (recording, simulation):
        simulation.play_nights(threading.Event())
    spans = recording.finished
    tokens = [
        (
            (span.attributes["tenant.id"], span.attributes["answerable.prompt.version"]),
            span.attributes["gen_ai.usage.input_tokens"],
        )
        for span in spans
        if "gen_ai.usage.input_tokens" in span.attributes
    ]
    return [(span.context.span_id, span.start_time, span.end_time) for span in spans], tokens


def month(start_ns: int = START_NS):
    """Play the triage of the weeks before a time and of the hour before it, with seed 7."""
    with _playing(7, start_ns) as (recording, simulation):
        stop = threading.Event()
        while not simulation.outbox.month.is_set():
            simulation.play_day(stop)
        simulation.play_until(start_ns, stop)
    return [one for one in recording.finished if one.name == "triage_essay"], simulation.outbox


@contextmanager
def _playing(seed: int, start_ns: int):
    recording, ids, providers = Recording(), seeded_ids(seed, start_ns), {}
    for service in SERVICES:
        described = resource(service)
        tracing = TracerProvider(resource=described, id_generator=ids, shutdown_on_exit=False)
        tracing.add_span_processor(SimpleSpanProcessor(recording.spans))
        logs = LoggerProvider(resource=described, shutdown_on_exit=False)
        logs.add_log_record_processor(SimpleLogRecordProcessor(recording.logs))
        readers = [recording.metrics] if service is SERVICES[1] else []
        meters = MeterProvider(readers, described, shutdown_on_exit=False)
        providers[service.name] = Providers(tracing, logs, meters)
    telemetry = Telemetry(providers)
    with Simulation(telemetry, ids, seed=seed, start_ns=start_ns, speed=1.0) as simulation:
        yield recording, simulation


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record(7, live_s=60)


class Receiver:
    """Takes OTLP/HTTP on a free port of loopback and remembers what came."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.authorizations: set[str | None] = set()
        self.span_ids: set[bytes] = set()
        self.status = 200
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = gzip.decompress(self.rfile.read(int(self.headers["content-length"])))
                receiver.requests[self.path] += 1
                receiver.authorizations.add(self.headers["authorization"])
                if self.path == "/v1/traces":
                    request = ExportTraceServiceRequest.FromString(body)
                    receiver.span_ids |= {
                        span.span_id
                        for resource_spans in request.resource_spans
                        for scope_spans in resource_spans.scope_spans
                        for span in scope_spans.spans
                    }
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()
