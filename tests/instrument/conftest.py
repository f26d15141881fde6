"""Fixtures: a real SDK provider that keeps its spans in memory, and a clean library state."""

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from answerable_instrument import background, configuration, guard, runtime


class Spans:
    """The spans recorded so far."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    def all(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        (span,) = [span for span in self.all() if span.name == name]
        return span

    def attributes(self, name: str) -> dict[str, object]:
        return dict(self.named(name).attributes or {})


@pytest.fixture
def fresh_counts(monkeypatch):
    monkeypatch.setattr(guard, "_counts", {})
    yield
    # What a test left to be done later would count in the next one.
    background.BACKGROUND.clear()


@pytest.fixture
def spans(fresh_counts):
    recorded = Spans()
    runtime.install(runtime.Runtime(tracer=recorded.provider.get_tracer("tests")))
    yield recorded
    runtime.install(None)
    handle = configuration._Active.handle
    if handle is not None:
        handle.shutdown(1.0)
    configuration._Active.handle = None
