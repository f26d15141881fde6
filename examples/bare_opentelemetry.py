"""The attributes of docs/conventions.md with OpenTelemetry alone: no library of ours."""

import os
import sys
import uuid

from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Tracer

ENDPOINT = os.environ.get("ANSWERABLE_ENDPOINT", "http://127.0.0.1:4318").rstrip("/")
KEY = os.environ.get("ANSWERABLE_KEY")
HEADERS = {"authorization": f"Bearer {KEY}"} if KEY else {}


def decide(tracer: Tracer) -> str:
    """Record one decision as a span, with a connector call inside."""
    decision_id = uuid.uuid4().hex
    with tracer.start_as_current_span("grade_essay") as span:
        span.set_attributes(
            {
                "tenant.id": "north-school",
                "answerable.decision.id": decision_id,
                "answerable.decision.name": "grade_essay",
                "answerable.decision.subject": "essay-1",
                "answerable.model.name": "essay-grader",
                "answerable.model.version": "4.2",
                "answerable.prompt.name": "rubric",
                "answerable.prompt.version": "7",
                "answerable.policy.name": "grading",
                "answerable.policy.version": "2",
                "answerable.dataset": ["school/rubrics@2026-09"],
                "answerable.feature.words": 412,
                "answerable.feature.language": "en",
            }
        )
        with tracer.start_as_current_span("gradebook read_essay", kind=SpanKind.CLIENT) as call:
            call.set_attributes(
                {
                    "tenant.id": "north-school",
                    "answerable.connector.name": "gradebook",
                    "answerable.connector.operation": "read_essay",
                    "answerable.connector.version": "2.3",
                    "answerable.connector.status": "ok",
                    "answerable.connector.retry_count": 1,
                }
            )
        span.set_attributes(
            {
                "gen_ai.provider.name": "example",
                "gen_ai.request.model": "essay-grader",
                "gen_ai.usage.input_tokens": 1830,
                "gen_ai.usage.cache_read.input_tokens": 1024,
                "gen_ai.usage.output_tokens": 212,
                "answerable.usage.gpu_seconds": 0.12,
                "answerable.confidence": 0.91,
                "answerable.route": "auto",
                "answerable.decision.outcome": "B+",
                "answerable.action.name": "publish_grade",
                "answerable.action.target": "gradebook",
            }
        )
    return decision_id


def decide_by_log(logs: LoggerProvider) -> str:
    """Record one decision as a log record: for services that sample or have no tracing."""
    decision_id = uuid.uuid4().hex
    logs.get_logger("example").emit(
        event_name="answerable.decision",
        severity_number=SeverityNumber.INFO,
        attributes={
            "tenant.id": "north-school",
            "answerable.decision.id": decision_id,
            "answerable.decision.name": "grade_essay",
            "answerable.model.name": "essay-grader",
            "answerable.model.version": "4.2",
            "answerable.confidence": 0.66,
            "answerable.route": "human",
            "answerable.decision.outcome": "C",
        },
    )
    return decision_id


def main() -> int:
    """Send one decision of each form and wait for the server to take them."""
    resource = Resource.create({"service.name": "example-bare", "service.version": "1.0"})
    spans = OTLPSpanExporter(f"{ENDPOINT}/v1/traces", headers=HEADERS, compression=Compression.Gzip)
    records = OTLPLogExporter(f"{ENDPOINT}/v1/logs", headers=HEADERS, compression=Compression.Gzip)
    tracing = TracerProvider(resource=resource)
    tracing.add_span_processor(BatchSpanProcessor(spans))
    logs = LoggerProvider(resource=resource)
    logs.add_log_record_processor(BatchLogRecordProcessor(records))
    print("decisions:", decide(tracing.get_tracer("example")), decide_by_log(logs))
    tracing.force_flush()
    logs.force_flush()
    # The SDK logs an error where the server did not take the records; flushing does not say.
    print(f"flushed to {ENDPOINT}; look at http://127.0.0.1:8501")
    return 0


if __name__ == "__main__":
    sys.exit(main())
