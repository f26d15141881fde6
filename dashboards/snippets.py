"""Copy-and-paste snippets that send the first data; shown wherever a page is empty."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

#: Stands where the reader puts an API key with the role `ingest`.
KEY_PLACEHOLDER = "YOUR_API_KEY"


@dataclass(frozen=True, slots=True)
class Snippet:
    """One way to send data: a title, the language for colouring, the text."""

    title: str
    language: str
    text: str


def snippets(endpoint: str, *, needs_key: bool = True) -> list[Snippet]:
    """All snippets for one service address.

    Parameters
    ----------
    endpoint
        Base address of OTLP over HTTP, without a trailing slash.
    needs_key
        False where the service takes data without a key.
    """
    key = KEY_PLACEHOLDER if needs_key else ""
    return [
        Snippet("Python", "python", _instrument(endpoint, key)),
        Snippet("Python, bare OpenTelemetry", "python", _bare_python(endpoint, key)),
        Snippet("JavaScript", "javascript", _javascript(endpoint, key)),
        Snippet("Environment", "bash", _environment(endpoint, key)),
        Snippet("Collector", "yaml", _collector(endpoint, key)),
    ]


def _instrument(endpoint: str, key: str) -> str:
    argument = f'"{key}"' if key else "None"
    return f'''\
# pip install answerable-instrument
import answerable_instrument as answerable

answerable.configure(endpoint="{endpoint}", key={argument}, service_name="my-service")

with answerable.decision("feedback-grade") as decision:
    decision.confidence(0.93)
    decision.features(essay_words=412)
    decision.model("grader", version="3")
    decision.outcome("B+")
'''


def _bare_python(endpoint: str, key: str) -> str:
    headers = f',\n    headers={{"Authorization": "Bearer {key}"}},' if key else ","
    return f'''\
# pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

exporter = OTLPSpanExporter(
    endpoint="{endpoint}/v1/traces"{headers}
)
provider = TracerProvider(resource=Resource.create({{"service.name": "my-service"}}))
provider.add_span_processor(BatchSpanProcessor(exporter))
trace.set_tracer_provider(provider)

with trace.get_tracer("my-service").start_as_current_span("grade") as span:
    span.set_attribute("answerable.decision.name", "feedback-grade")
    span.set_attribute("answerable.decision.outcome", "B+")
    span.set_attribute("answerable.confidence", 0.93)
    span.set_attribute("answerable.model.name", "grader")
    span.set_attribute("answerable.model.version", "3")
    span.set_attribute("answerable.feature.essay_words", 412)

provider.shutdown()
'''


def _javascript(endpoint: str, key: str) -> str:
    headers = f'\n      headers: {{ Authorization: "Bearer {key}" }},' if key else ""
    return f"""\
// npm install @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-proto
const {{ NodeSDK }} = require("@opentelemetry/sdk-node");
const {{ OTLPTraceExporter }} = require("@opentelemetry/exporter-trace-otlp-proto");
const {{ trace }} = require("@opentelemetry/api");

const sdk = new NodeSDK({{
  serviceName: "my-service",
  traceExporter: new OTLPTraceExporter({{
      url: "{endpoint}/v1/traces",{headers}
  }}),
}});
sdk.start();

trace.getTracer("my-service").startActiveSpan("grade", (span) => {{
  span.setAttributes({{
    "answerable.decision.name": "feedback-grade",
    "answerable.decision.outcome": "B+",
    "answerable.confidence": 0.93,
  }});
  span.end();
}});

sdk.shutdown();
"""


def _environment(endpoint: str, key: str) -> str:
    # The header's value is percent-encoded by the specification; %20 is the space.
    headers = f'\nexport OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20{key}"' if key else ""
    return f"""\
# Any OpenTelemetry SDK reads these; no code changes.
export OTEL_SERVICE_NAME="my-service"
export OTEL_EXPORTER_OTLP_ENDPOINT="{endpoint}"
export OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf"{headers}
"""


def _collector(endpoint: str, key: str) -> str:
    headers = f'\n    headers:\n      Authorization: "Bearer {key}"' if key else ""
    insecure = "\n    tls:\n      insecure: true" if urlsplit(endpoint).scheme == "http" else ""
    return f"""\
# OpenTelemetry Collector
receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:24318

exporters:
  otlphttp/answerable:
    endpoint: "{endpoint}"
    compression: gzip{headers}{insecure}

service:
  pipelines:
    traces: {{ receivers: [otlp], exporters: [otlphttp/answerable] }}
    logs: {{ receivers: [otlp], exporters: [otlphttp/answerable] }}
    metrics: {{ receivers: [otlp], exporters: [otlphttp/answerable] }}
"""
