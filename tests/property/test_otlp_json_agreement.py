"""OTLP/JSON conversion agrees with protobuf, message by message, for arbitrary telemetry."""

from __future__ import annotations

import base64
import json

from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from collector.errors import MalformedError, WrongSignalError
from collector.models import Signal
from collector.otlp_json import to_protobuf
from collector.validation import items_of

text = st.text(max_size=12)
values = st.recursive(
    st.one_of(
        st.builds(AnyValue),
        st.builds(AnyValue, string_value=text),
        st.builds(AnyValue, bool_value=st.booleans()),
        st.builds(AnyValue, int_value=st.integers(-(2**63), 2**63 - 1)),
        st.builds(AnyValue, double_value=st.floats(allow_nan=False)),
        st.builds(AnyValue, bytes_value=st.binary(max_size=9)),
    ),
    lambda inner: st.one_of(
        st.builds(AnyValue, array_value=st.builds(ArrayValue, values=st.lists(inner, max_size=3))),
        st.builds(
            AnyValue,
            kvlist_value=st.builds(
                KeyValueList, values=st.lists(st.builds(KeyValue, key=text, value=inner))
            ),
        ),
    ),
    max_leaves=6,
)
records = st.builds(
    LogRecord,
    time_unix_nano=st.integers(0, 2**64 - 1),
    severity_number=st.integers(0, 24),
    body=values,
    attributes=st.lists(st.builds(KeyValue, key=text, value=values), max_size=3),
    flags=st.integers(0, 2**32 - 1),
    trace_id=st.binary(max_size=16),
    event_name=text,
)
json_trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


def otlp_json(request):
    """Write a request the way OTLP does, by way of protobuf's own JSON."""
    tree = json_format.MessageToDict(request, use_integers_for_enums=True)
    for entry in tree.get("resourceLogs", []):
        for scope in entry.get("scopeLogs", []):
            for record in scope.get("logRecords", []):
                if "traceId" in record:
                    record["traceId"] = base64.b64decode(record["traceId"]).hex()
    return json.dumps(tree).encode()


@settings(max_examples=300)
@given(st.lists(records, max_size=3))
def test_a_round_trip_through_json_changes_nothing(items):
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.extend(items)
    converted = to_protobuf(Signal.LOGS, otlp_json(request))
    assert ExportLogsServiceRequest.FromString(converted) == request


@settings(max_examples=300)
@given(json_trees)
def test_any_json_is_converted_or_refused(tree):
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [tree]}]}]}).encode()
    field = "resourceLogs[0]"
    try:
        ExportLogsServiceRequest.FromString(to_protobuf(Signal.LOGS, body))
    except MalformedError as error:
        field = error.field or field
    assert field.startswith("resourceLogs[0]")


@settings(max_examples=300)
@given(st.sampled_from(Signal), st.binary(max_size=100))
def test_any_bytes_are_converted_or_refused(signal, body):
    try:
        converted = to_protobuf(signal, body)
    except (MalformedError, WrongSignalError):
        converted = b""
    items_of(signal, converted)
