"""Whatever a sender may legally leave out, its telemetry is taken on its own path."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from collector.errors import MalformedError, WrongSignalError
from collector.models import Signal
from collector.validation import items_of

text = st.text(max_size=24)
uint64 = st.integers(0, 2**64 - 1)
uint32 = st.integers(0, 2**32 - 1)
trace_ids = st.binary(min_size=16, max_size=16)
span_ids = st.binary(min_size=8, max_size=8)
values = st.one_of(
    st.builds(AnyValue),
    st.builds(AnyValue, string_value=text),
    st.builds(AnyValue, int_value=st.integers(-(2**63), 2**63 - 1)),
    st.builds(AnyValue, bytes_value=st.binary(max_size=24)),
)
attributes = st.lists(st.builds(KeyValue, key=text, value=values), max_size=2)


def some_of(**fields):
    return st.fixed_dictionaries({}, optional=fields)


spans = st.fixed_dictionaries(
    {"trace_id": trace_ids, "span_id": span_ids},
    optional={
        "name": text,
        "trace_state": text,
        "parent_span_id": span_ids,
        "kind": st.integers(0, 5),
        "flags": uint32,
        "start_time_unix_nano": uint64,
        "end_time_unix_nano": uint64,
        "attributes": attributes,
        "dropped_attributes_count": uint32,
    },
)
records = some_of(
    time_unix_nano=uint64,
    observed_time_unix_nano=uint64,
    severity_number=st.integers(0, 24),
    severity_text=text,
    body=values,
    attributes=attributes,
    dropped_attributes_count=uint32,
    flags=uint32,
    trace_id=trace_ids,
    span_id=span_ids,
    event_name=text,
)
points = st.lists(
    some_of(time_unix_nano=uint64, start_time_unix_nano=uint64, attributes=attributes), max_size=2
)
data = st.fixed_dictionaries({"data_points": points})
metrics = st.one_of(
    some_of(name=text, description=text, unit=text),
    *(
        st.fixed_dictionaries(
            {kind: data}, optional={"name": text, "description": text, "unit": text}
        )
        for kind in ("gauge", "sum", "histogram", "exponential_histogram", "summary")
    ),
)


@settings(max_examples=400)
@given(spans)
def test_every_span_with_ids_is_taken(item):
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(**item)
    assert items_of(Signal.TRACES, request.SerializeToString()) == 1


@settings(max_examples=400)
@given(records)
def test_every_log_record_is_taken(item):
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add(**item)
    assert items_of(Signal.LOGS, request.SerializeToString()) == 1


@settings(max_examples=400)
@given(metrics)
def test_every_metric_is_taken(item):
    request = ExportMetricsServiceRequest()
    request.resource_metrics.add().scope_metrics.add().metrics.add(**item)
    expected = sum(len(part["data_points"]) for part in item.values() if isinstance(part, dict))
    assert items_of(Signal.METRICS, request.SerializeToString()) == expected


@settings(max_examples=300)
@given(st.sampled_from(Signal), st.binary(max_size=200))
def test_random_bytes_are_taken_or_refused_never_crash(signal, body):
    try:
        items = items_of(signal, body)
    except (MalformedError, WrongSignalError):
        items = 0
    assert items >= 0
