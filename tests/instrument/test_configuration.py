"""configure(): reuse of providers, idempotence, what goes over the wire, a server that is down."""

import gzip
import http.server
import threading
import time

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

import answerable_instrument as answerable


class Receiver:
    """An OTLP/HTTP server that keeps what it gets and answers as told."""

    def __init__(self):
        self.requests = []
        self.status = 200
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, dict(self.headers.items()), body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def spans(self):
        found = []
        for path, _, body in self.requests:
            if path == "/v1/traces":
                request = ExportTraceServiceRequest.FromString(gzip.decompress(body))
                for resource in request.resource_spans:
                    for scope in resource.scope_spans:
                        found.extend(scope.spans)
        return found


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def providers():
    made = {
        "tracer_provider": TracerProvider(shutdown_on_exit=False),
        "logger_provider": LoggerProvider(shutdown_on_exit=False),
        "meter_provider": MeterProvider(shutdown_on_exit=False),
    }
    yield made
    for provider in made.values():
        if hasattr(provider, "shutdown"):
            provider.shutdown()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, spans):
    for name in ("ANSWERABLE_ENDPOINT", "ANSWERABLE_KEY", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)


def processors(provider):
    return provider._active_span_processor._span_processors


def test_an_existing_provider_keeps_its_processors_and_gains_one(receiver, providers):
    theirs = InMemorySpanExporter()
    provider = providers["tracer_provider"]
    provider.add_span_processor(SimpleSpanProcessor(theirs))
    handle = answerable.configure(receiver.url, key="k-1", **providers)
    again = answerable.configure(receiver.url, key="k-1", **providers)
    assert again is handle
    assert handle.problems == ()
    assert len(processors(provider)) == 2
    with answerable.decision("grade") as decision:
        decision.features(words=3)
    assert handle.flush(10)
    assert [span.name for span in theirs.get_finished_spans()] == ["grade"]
    assert [span.name for span in receiver.spans()] == ["grade"]


def test_requests_are_compressed_and_carry_the_key(receiver, providers, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-other-vendor=secret")
    handle = answerable.configure(receiver.url, key="k-1", **providers)
    with answerable.decision("grade"):
        pass
    assert handle.flush(10)
    path, headers, _ = next(item for item in receiver.requests if item[0] == "/v1/traces")
    found = {name.lower(): value for name, value in headers.items()}
    assert path == "/v1/traces"
    assert found["authorization"] == "Bearer k-1"
    assert found["content-encoding"] == "gzip"
    assert found["content-type"] == "application/x-protobuf"
    assert "secret" not in str(headers)


def test_all_three_signals_arrive(receiver, providers):
    handle = answerable.configure(receiver.url, **providers)
    providers["meter_provider"].get_meter("t").create_counter("n").add(1)
    providers["logger_provider"].get_logger("t").emit(body="hello")
    with answerable.decision("grade"):
        pass
    assert handle.flush(10)
    assert {path for path, _, _ in receiver.requests} == {"/v1/traces", "/v1/logs", "/v1/metrics"}


def test_shutdown_sends_the_last_of_everything(receiver, providers, caplog):
    with answerable.configure(receiver.url, **providers):
        providers["meter_provider"].get_meter("t").create_counter("n").add(1)
        with answerable.decision("grade"):
            pass
    assert {path for path, _, _ in receiver.requests} == {"/v1/traces", "/v1/metrics"}
    assert caplog.records == []


def test_only_the_signals_asked_for(receiver, providers):
    handle = answerable.configure(receiver.url, signals=("traces",), **providers)
    providers["meter_provider"].get_meter("t").create_counter("n").add(1)
    with answerable.decision("grade"):
        pass
    assert handle.flush(10)
    assert {path for path, _, _ in receiver.requests} == {"/v1/traces"}


def test_a_decision_not_sampled_arrives_as_a_log_record(receiver, providers):
    providers["tracer_provider"] = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    with answerable.configure(receiver.url, **providers), answerable.decision("grade"):
        pass
    assert receiver.spans() == []
    (body,) = [body for path, _, body in receiver.requests if path == "/v1/logs"]
    request = ExportLogsServiceRequest.FromString(gzip.decompress(body))
    (record,) = request.resource_logs[0].scope_logs[0].log_records
    assert record.event_name == "answerable.decision"


def test_the_tenant_is_on_every_span_not_only_ours(receiver, providers):
    handle = answerable.configure(receiver.url, **providers)
    tracer = providers["tracer_provider"].get_tracer("theirs")
    with answerable.tenant("north"), tracer.start_as_current_span("GET"):
        pass
    with tracer.start_as_current_span("OTHER"):
        pass
    assert handle.flush(10)
    found = {
        span.name: {a.key: a.value.string_value for a in span.attributes}
        for span in receiver.spans()
    }
    assert found == {"GET": {"tenant.id": "north"}, "OTHER": {}}


def test_after_shutdown_nothing_is_sent_until_configured_again(receiver, providers):
    provider = providers["tracer_provider"]
    first = answerable.configure(receiver.url, signals=("traces",), **providers)
    assert first.shutdown()
    assert first.shutdown()
    with answerable.decision("lost"):
        pass
    second = answerable.configure(receiver.url, signals=("traces",), **providers)
    assert second is not first
    with answerable.decision("kept"):
        pass
    assert second.flush(10)
    assert [span.name for span in receiver.spans()] == ["kept"]
    assert len(processors(provider)) == 1
    assert not first.flush(1)


def test_a_server_that_is_down_neither_blocks_nor_raises(providers):
    handle = answerable.configure("http://127.0.0.1:9", **providers)
    started = time.perf_counter()
    for _ in range(2_000):
        with answerable.decision("grade") as decision:
            decision.features(words=3)
    assert time.perf_counter() - started < 5
    started = time.perf_counter()
    assert handle.flush(0.3) is False
    assert handle.shutdown(0.3) is False
    assert time.perf_counter() - started < 3


def test_flush_is_false_when_the_server_refuses(receiver, providers):
    receiver.status = 401
    handle = answerable.configure(receiver.url, signals=("traces",), **providers)
    with answerable.decision("grade"):
        pass
    assert handle.flush(10) is False
    assert len(receiver.requests) == 1
    assert handle.flush(10) is True  # Nothing new was lost.
    with answerable.decision("grade"):
        pass
    deadline = time.perf_counter() + 10
    while len(receiver.requests) < 2 and time.perf_counter() < deadline:
        time.sleep(0.05)
    assert handle.flush(10) is False  # Lost by the worker before the flush began.


@pytest.mark.parametrize(
    ("endpoint", "protocol"), [("localhost:4318", None), ("http://x", "carrier-pigeon")]
)
def test_a_bad_set_up_is_a_problem_not_an_exception(providers, endpoint, protocol):
    handle = answerable.configure(endpoint, protocol=protocol, **providers)
    assert len(handle.problems) == 1
    with answerable.decision("grade"):
        pass
    assert answerable.warnings_seen() == {"setup": 1}
    assert not handle.flush(1)


def test_a_provider_that_takes_nothing_is_a_problem(receiver, providers):
    class Foreign:
        def get_tracer(self, *args, **kwargs):
            return TracerProvider(shutdown_on_exit=False).get_tracer("x")

    providers["tracer_provider"] = Foreign()
    handle = answerable.configure(receiver.url, signals=("traces",), **providers)
    assert handle.problems == ("Foreign takes no span processor",)


def test_the_disabled_sdk_sends_nothing(receiver, monkeypatch, providers):
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    handle = answerable.configure(receiver.url, **providers)
    assert not handle.flush(1)
    assert receiver.requests == []


def test_grpc_needs_no_path_and_the_channel_closes(providers):
    handle = answerable.configure(
        "http://127.0.0.1:9", protocol="grpc", signals=("traces",), **providers
    )
    assert handle.problems == ()
    assert handle.shutdown(5)
