"""Embeddings on their way from spans and log records to the table of decisions."""

import asyncio
import itertools
import random

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from collector.models import Receipt, Signal
from collector.pipeline import Pipeline
from collector.settings import PipelineSettings
from sql.migrate import Migrator
from tests.doubles import otlp_bodies

NAME = "answerable.embedding.essay"


class NoMeasures:
    """Observes nothing."""

    def committed(self, signal, requests, items, seconds):
        pass

    def failed(self, what, error):
        pass


def array(name, *values):
    """Build an attribute that is an array, each number of the type it has here."""
    found = KeyValue(key=name)
    found.value.array_value.SetInParent()
    for value in values:
        item = found.value.array_value.values.add()
        if isinstance(value, float):
            item.double_value = value
        elif isinstance(value, int):
            item.int_value = value
        else:
            item.string_value = value
    return found


def span_of(now_ns, *attributes):
    request = ExportTraceServiceRequest()
    span = otlp_bodies.span(random.Random(1), now_ns, answerable__confidence=0.5)
    span.attributes.extend(attributes)
    request.resource_spans.add().scope_spans.add().spans.append(span)
    return request.SerializeToString()


def record_of(now_ns, *attributes):
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=now_ns)
    record.event_name = "answerable.decision"
    record.attributes.extend([otlp_bodies.attribute("answerable.model.name", "m"), *attributes])
    return request.SerializeToString()


@pytest.fixture
def stored(embedded, clock, tmp_path):
    """Give what becomes of a body: the embeddings of the one decision in it."""
    store = embedded.open()
    Migrator(store).apply()
    numbers = itertools.count(1)
    settings = PipelineSettings(journal_dir=tmp_path / "journal", group_linger_ms=20)

    def send(body, signal):
        pipeline = Pipeline(
            store,
            settings,
            clock_ns=clock,
            ids=lambda: f"a{next(numbers):08d}",
            measures=NoMeasures(),
        )

        async def work():
            await pipeline.start()
            try:
                one = otlp_bodies.submission(body, 1, clock(), signal=signal)
                assert await pipeline.submit(one) == Receipt()
            finally:
                await pipeline.stop(10)

        asyncio.run(work())
        with store.handle() as client:
            rows = client.query("SELECT embeddings FROM decisions ORDER BY received_at").result_rows
        return rows[-1][0] if rows else None

    return send


@pytest.mark.parametrize(
    ("signal", "body"), [(Signal.TRACES, span_of), (Signal.LOGS, record_of)], ids=["span", "log"]
)
def test_arrays_of_doubles_are_stored_as_floats(stored, clock, signal, body):
    vector = [0.0, 0.1, -2.5, 1e30]
    attributes = (
        array(NAME, *vector),
        array("answerable.embedding.prompt", 1.0),
        array("answerable.embedding.empty"),
        array("answerable.embedding.words", "a", "b"),
        array("answerable.embedding.whole", 1, 2),
        array("answerable.embeddings", 9.0),
        otlp_bodies.attribute("answerable.embedding.text", "no vector"),
    )
    held = stored(body(clock(), *attributes), signal)
    assert held["essay"] == pytest.approx(vector, rel=1e-6)
    assert held["prompt"] == [1.0]
    # What is not a double is no part of a vector.
    assert held["empty"] == held["words"] == held["whole"] == []
    assert set(held) == {"essay", "prompt", "empty", "words", "whole"}


def test_an_embedding_alone_makes_no_decision(stored, clock):
    request = ExportTraceServiceRequest()
    span = otlp_bodies.span(random.Random(1), clock())
    span.attributes.append(array(NAME, 1.0))
    request.resource_spans.add().scope_spans.add().spans.append(span)
    assert stored(request.SerializeToString(), Signal.TRACES) is None


def test_a_decision_without_embeddings_has_none(stored, clock):
    assert stored(span_of(clock()), Signal.TRACES) == {}
