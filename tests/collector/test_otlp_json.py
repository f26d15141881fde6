from __future__ import annotations

import base64
import json
import math

import pytest
from google.protobuf import json_format

from collector.errors import MalformedError, WrongSignalError
from collector.models import Signal
from collector.otlp_json import to_protobuf
from collector.validation import items_of
from tests.collector.receivers.bodies import REQUESTS

HEX_KEYS = {"traceId", "spanId", "parentSpanId"}


def attribute(value, signal=Signal.TRACES):
    """Convert one attribute value, and give the AnyValue it became."""
    body = {"resourceSpans": [{"resource": {"attributes": [{"key": "k", "value": value}]}}]}
    request = REQUESTS[signal].FromString(to_protobuf(signal, json.dumps(body).encode()))
    return request.resource_spans[0].resource.attributes[0].value


def span(**fields):
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [fields]}]}]}
    request = REQUESTS[Signal.TRACES].FromString(
        to_protobuf(Signal.TRACES, json.dumps(body).encode())
    )
    return request.resource_spans[0].scope_spans[0].spans[0]


def failure(**fields):
    with pytest.raises(MalformedError) as caught:
        span(**fields)
    return caught.value


def with_base64_ids(node):
    """What protobuf's own JSON mapping would have written."""
    if isinstance(node, list):
        return [with_base64_ids(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: base64.b64encode(bytes.fromhex(value)).decode()
        if key in HEX_KEYS
        else with_base64_ids(value)
        for key, value in node.items()
    }


@pytest.mark.parametrize(
    ("name", "signal"),
    [
        ("trace", Signal.TRACES),
        ("metrics", Signal.METRICS),
        ("logs", Signal.LOGS),
        ("events", Signal.LOGS),
    ],
)
def test_the_published_examples_equal_protobufs_own_mapping(conformance_data, name, signal):
    body = (conformance_data / "otlp" / f"{name}.json").read_bytes()
    expected = json_format.ParseDict(with_base64_ids(json.loads(body)), REQUESTS[signal]())
    converted = to_protobuf(signal, body)
    assert REQUESTS[signal].FromString(converted) == expected
    assert items_of(signal, converted) > 0


def test_ids_are_hex_in_either_case_and_may_be_empty():
    converted = span(traceId="5B8EFFF798038103d269b633813fc60c", spanId="EEE19B7EC3C1B174")
    assert converted.trace_id.hex() == "5b8efff798038103d269b633813fc60c"
    assert converted.span_id.hex() == "eee19b7ec3c1b174"
    assert span(parentSpanId="").parent_span_id == b""
    link = span(links=[{"traceId": "AA" * 16, "spanId": "bb" * 8}]).links[0]
    assert (link.trace_id, link.span_id) == (b"\xaa" * 16, b"\xbb" * 8)


def test_exemplar_ids_are_hex():
    point = {"asInt": "3", "exemplars": [{"traceId": "AB" * 16, "spanId": "cd" * 8, "asInt": 1}]}
    metric = {"name": "m", "sum": {"dataPoints": [point]}}
    body = json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]})
    request = REQUESTS[Signal.METRICS].FromString(to_protobuf(Signal.METRICS, body.encode()))
    converted = request.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0]
    assert converted.exemplars[0].trace_id == b"\xab" * 16


@pytest.mark.parametrize("value", ["+/+/", "-_-_", "YQ==", "YQ", ""])
def test_other_bytes_are_base64_of_either_alphabet(value):
    padded = value + "=" * (-len(value) % 4)
    assert attribute({"bytesValue": value}).bytes_value == base64.urlsafe_b64decode(
        padded.replace("+", "-").replace("/", "_")
    )


@pytest.mark.parametrize("value", ["-9223372036854775808", "9223372036854775807", 0, -1, 5.0])
def test_64_bit_integers_are_strings_or_numbers(value):
    assert attribute({"intValue": value}).int_value == int(value)


@pytest.mark.parametrize(
    "value", ["9223372036854775808", 2**64, 1.5, True, "", "1e3", "1_0", " 1", "٣", "9" * 9999, []]
)
def test_other_integers_are_refused(value):
    with pytest.raises(MalformedError, match="intValue"):
        attribute({"intValue": value})


def test_timestamps_are_unsigned():
    assert span(startTimeUnixNano="18446744073709551615").start_time_unix_nano == 2**64 - 1
    assert failure(startTimeUnixNano="-1").field.endswith("spans[0].startTimeUnixNano")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Infinity", math.inf),
        ("-Infinity", -math.inf),
        (3, 3.0),
        ("2.5e3", 2500.0),
        (1e308, 1e308),
    ],
)
def test_doubles(value, expected):
    assert attribute({"doubleValue": value}).double_value == expected


def test_nan_is_a_string():
    assert math.isnan(attribute({"doubleValue": "NaN"}).double_value)


@pytest.mark.parametrize("value", ["nan", "inf", "1_0", "0x1", "", "1e999", True, None, "1" * 500])
def test_other_doubles_are_refused(value):
    if value is None:
        assert attribute({"doubleValue": None}).WhichOneof("value") is None
        return
    with pytest.raises(MalformedError, match="doubleValue"):
        attribute({"doubleValue": value})


def test_a_number_too_large_for_a_double_is_refused():
    body = b'{"resourceSpans":[{"resource":{"attributes":[{"value":{"doubleValue":1e999}}]}}]}'
    with pytest.raises(MalformedError):
        to_protobuf(Signal.TRACES, body)


def test_enums_are_integers_not_names():
    assert span(kind=3).kind == 3
    assert span(kind=99).kind == 99
    error = failure(kind="SPAN_KIND_CLIENT")
    assert error.field == "resourceSpans[0].scopeSpans[0].spans[0].kind"
    assert "not names" in error.detail


def test_unknown_and_snake_case_keys_are_ignored():
    converted = span(trace_id="ab" * 16, traceId="cd" * 16, brandNew={"x": [1]}, name="n")
    assert (converted.trace_id, converted.name) == (b"\xcd" * 16, "n")
    assert span(trace_id="ab" * 16).trace_id == b""


def test_values_of_every_kind():
    assert attribute({}).WhichOneof("value") is None
    assert attribute({"stringValue": ""}).WhichOneof("value") == "string_value"
    assert attribute({"boolValue": False}).WhichOneof("value") == "bool_value"
    mixed = {"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "é"}, {}]}}
    assert len(attribute(mixed).array_value.values) == 3
    pairs = {"kvlistValue": {"values": [{"key": "a", "value": mixed}]}}
    assert attribute(pairs).kvlist_value.values[0].value.array_value.values[1].string_value == "é"


def test_only_one_of_a_oneof():
    with pytest.raises(MalformedError, match="both stringValue and intValue"):
        attribute({"stringValue": "a", "intValue": 1})


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"name": 5}, "name"),
        ({"traceId": "abc"}, "traceId"),
        ({"traceId": 5}, "traceId"),
        ({"attributes": {}}, "attributes"),
        ({"attributes": [None]}, "attributes[0]"),
        ({"attributes": [{}, {"key": "k", "value": 3}]}, "attributes[1].value"),
        ({"events": [{"timeUnixNano": []}]}, "events[0].timeUnixNano"),
        ({"status": "OK"}, "status"),
    ],
)
def test_errors_name_the_path(fields, path):
    error = failure(**fields)
    assert error.field == f"resourceSpans[0].scopeSpans[0].spans[0].{path}"
    assert error.detail.startswith(error.field)


@pytest.mark.parametrize("depth", [60, 300, 5000])
def test_deep_nesting_is_refused(depth):
    value = '{"arrayValue":{"values":[' * depth + "{}" + "]}}" * depth
    body = '{"resourceSpans":[{"resource":{"attributes":[{"value":' + value + "}]}}]}"
    with pytest.raises(MalformedError, match=r"deep|recursion|JSON"):
        to_protobuf(Signal.TRACES, body.encode())


def test_nesting_that_converts_also_validates():
    value = '{"arrayValue":{"values":[' * 45 + "{}" + "]}}" * 45
    body = '{"resourceSpans":[{"resource":{"attributes":[{"value":' + value + "}]}}]}"
    assert items_of(Signal.TRACES, to_protobuf(Signal.TRACES, body.encode())) == 0


def test_packed_numbers():
    point = {"count": "3", "bucketCounts": ["1", 2, 0], "explicitBounds": [0.5, 1]}
    metric = {"name": "m", "histogram": {"aggregationTemporality": 2, "dataPoints": [point]}}
    body = json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]})
    request = REQUESTS[Signal.METRICS].FromString(to_protobuf(Signal.METRICS, body.encode()))
    converted = request.resource_metrics[0].scope_metrics[0].metrics[0].histogram.data_points[0]
    assert list(converted.bucket_counts) == [1, 2, 0]
    assert list(converted.explicit_bounds) == [0.5, 1.0]


def test_wrong_signal_is_told_by_the_top_key():
    with pytest.raises(WrongSignalError, match="/v1/metrics"):
        to_protobuf(Signal.LOGS, b'{"resourceMetrics":[]}')


def test_an_empty_object_is_an_empty_request():
    assert to_protobuf(Signal.LOGS, b"{}") == b""
    assert to_protobuf(Signal.LOGS, b'{"resourceLogs":null}') == b""
