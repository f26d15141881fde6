"""The OpenTelemetry SDK's own exporters against both receivers."""

from __future__ import annotations

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from tests.collector.receivers.kit import serve


def export_one_span(exporter):
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("t").start_as_current_span("chat", attributes={"n": 3, "ok": True}):
        pass
    provider.shutdown()


def span_of(served):
    (submission,) = served.door.submissions
    request = ExportTraceServiceRequest.FromString(submission.body)
    return request.resource_spans[0].scope_spans[0].spans[0]


@pytest.mark.parametrize("compression", list(Compression))
def test_http(compression):
    with serve("otlp_http") as served:
        export_one_span(
            HttpExporter(
                endpoint=f"{served.http.base_url}/v1/traces".replace("//v1", "/v1"),
                headers={"Authorization": "Bearer good"},
                compression=compression,
            )
        )
        span = span_of(served)
        assert (span.name, len(span.attributes)) == ("chat", 2)


def test_grpc():
    with serve("otlp_grpc") as served:
        export_one_span(
            GrpcExporter(
                endpoint=f"127.0.0.1:{served.port}",
                insecure=True,
                headers={"authorization": "Bearer good"},
            )
        )
        assert span_of(served).name == "chat"
