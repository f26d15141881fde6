"""Every field of a trace, over each transport, as it was sent."""

import base64
import math

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.models import Signal
from tests.collector.api.kit import Api, Sender, key_values
from web.render import timestamp

#: Attribute, its JSON and its type.
VALUES = {
    "text": ("naïve ☃ \"'\\\n\t", "naïve ☃ \"'\\\n\t", "string"),
    "text.empty": ("", "", "string"),
    "text.nul": ("a\0b", "a\0b", "string"),
    "int": (42, 42, "int"),
    "int.zero": (0, 0, "int"),
    "int.safe": (2**53 - 1, 2**53 - 1, "int"),
    "int.unsafe": (2**53, "9007199254740992", "int"),
    "int.least": (-(2**63), "-9223372036854775808", "int"),
    "double": (0.1 + 0.2, 0.1 + 0.2, "double"),
    "double.tiny": (5e-324, 5e-324, "double"),
    "double.huge": (1.7976931348623157e308, 1.7976931348623157e308, "double"),
    "double.whole": (3.0, 3.0, "double"),
    "double.nan": (math.nan, "NaN", "double"),
    "double.inf": (math.inf, "Infinity", "double"),
    "double.neg": (-math.inf, "-Infinity", "double"),
    "bool": (True, True, "bool"),
    "bool.false": (False, False, "bool"),
    "bytes": (b"\0\xff\x80raw", base64.b64encode(b"\0\xff\x80raw").decode(), "bytes"),
    "bytes.empty": (b"", "", "bytes"),
    "none": (None, None, "none"),
    "array": (["a", "b,c", ""], ["a", "b,c", ""], "array"),
    "array.empty": ([], [], "array"),
    "array.mixed": (
        [1, 2.5, True, None, b"\xff", [], [2**60], {"k": [None]}],
        [1, 2.5, True, None, "/w==", [], [str(2**60)], {"k": [None]}],
        "array",
    ),
    "kvlist": (
        {"a": 1, "b": {"c": [math.nan, "x"]}, "": ""},
        {"a": 1, "b": {"c": ["NaN", "x"]}, "": ""},
        "kvlist",
    ),
    "kvlist.empty": ({}, {}, "kvlist"),
    "": ("a name may be empty", "a name may be empty", "string"),
}
SENT = {name: sent for name, (sent, _, _) in VALUES.items()}
SHOWN = {name: shown for name, (_, shown, _) in VALUES.items()}
TYPES = {name: kind for name, (_, _, kind) in VALUES.items()}

TRACE, SPAN, PARENT = bytes(range(16)), b"\x01" * 8, b"\x02" * 8


def everything(start_ns):
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add(schema_url="https://example.org/resource")
    group.resource.attributes.extend(key_values({"service.name": "shop", **SENT}))
    group.resource.dropped_attributes_count = 1
    scoped = group.scope_spans.add(schema_url="https://example.org/scope")
    scoped.scope.name, scoped.scope.version = "lib", "1.2"
    scoped.scope.attributes.extend(key_values(SENT))
    scoped.scope.dropped_attributes_count = 2
    span = scoped.spans.add(
        trace_id=TRACE,
        span_id=SPAN,
        parent_span_id=PARENT,
        trace_state="a=1,b=2",
        flags=0x301,
        name="GET /x",
        kind=3,
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + 1_000_000_001,
        attributes=key_values(SENT),
        dropped_attributes_count=3,
        dropped_events_count=4,
        dropped_links_count=5,
    )
    span.status.code, span.status.message = 2, "it broke"
    span.events.add(
        time_unix_nano=start_ns + 7,
        name="exception",
        attributes=key_values(SENT),
        dropped_attributes_count=6,
    )
    span.links.add(
        trace_id=bytes(range(1, 17)),
        span_id=b"\xfe" * 8,
        trace_state="c=3",
        attributes=key_values(SENT),
        dropped_attributes_count=7,
        flags=1,
    )
    return request


@pytest.fixture
def stored(migrated_store, tmp_path, clock):
    start_ns = clock() - 123_456_789
    Sender(migrated_store, tmp_path, clock).send(Signal.TRACES, everything(start_ns))
    trace = Api(migrated_store, clock).get(f"/v1/traces/{TRACE.hex()}")
    return trace, start_ns


def test_every_field_of_a_span_comes_back(stored):
    trace, start_ns = stored
    assert (trace["tenant"], trace["trace_id"]) == ("acme", TRACE.hex())
    assert trace["start_time"] == timestamp(start_ns)
    assert trace["duration_ns"] == 1_000_000_001
    assert not trace["truncated"]
    assert trace["spans"] == [
        {
            "span_id": SPAN.hex(),
            "parent_span_id": PARENT.hex(),
            "name": "GET /x",
            "kind": "CLIENT",
            "service": "shop",
            "scope": {
                "name": "lib",
                "version": "1.2",
                "attributes": SHOWN,
                "attribute_types": TYPES,
                "schema_url": "https://example.org/scope",
                "dropped_attributes_count": 2,
            },
            "resource": {
                "attributes": {**SHOWN, "service.name": "shop"},
                "attribute_types": {**TYPES, "service.name": "string"},
                "schema_url": "https://example.org/resource",
                "dropped_attributes_count": 1,
            },
            "start_time": timestamp(start_ns),
            "duration_ns": 1_000_000_001,
            "status": {"code": "ERROR", "message": "it broke"},
            "attributes": SHOWN,
            "attribute_types": TYPES,
            "events": [
                {
                    "time": timestamp(start_ns + 7),
                    "name": "exception",
                    "attributes": SHOWN,
                    "attribute_types": TYPES,
                    "dropped_attributes_count": 6,
                }
            ],
            "links": [
                {
                    "trace_id": bytes(range(1, 17)).hex(),
                    "span_id": "fe" * 8,
                    "trace_state": "c=3",
                    "attributes": SHOWN,
                    "attribute_types": TYPES,
                    "dropped_attributes_count": 7,
                    "flags": 1,
                }
            ],
            "trace_state": "a=1,b=2",
            "flags": 0x301,
            "dropped": {"attributes": 3, "events": 4, "links": 5},
        }
    ]


def test_log_bodies_and_attributes_of_any_type_come_back(api, sender, clock):
    at = clock() - 1000
    sender.spans({"start_ns": at, "trace_id": TRACE, "span_id": SPAN})
    sender.logs(*[record(at + number, name) for number, name in enumerate(VALUES)])
    assert api.get(f"/v1/traces/{TRACE.hex()}")["logs"] == [
        {
            "time": timestamp(at + number),
            "observed_time": timestamp(at + number + 1),
            "severity": 9,
            "severity_text": "INFO",
            "body": SHOWN[name],
            "attributes": {name: SHOWN[name]},
            "attribute_types": {name: TYPES[name]},
            "span_id": SPAN.hex(),
            "event_name": "said",
            "service": "shop",
            "dropped_attributes_count": 3,
        }
        for number, name in enumerate(VALUES)
    ]


def record(at, name):
    return {
        "time_unix_nano": at,
        "observed_time_unix_nano": at + 1,
        "trace_id": TRACE,
        "span_id": SPAN,
        "severity_number": 9,
        "severity_text": "INFO",
        "event_name": "said",
        "body": SENT[name],
        "attributes": {name: SENT[name]},
        "dropped_attributes_count": 3,
    }


def test_a_log_without_times_ids_or_severity_is_shown_as_it_is(api, sender, clock):
    at = clock() - 1000
    sender.spans({"start_ns": at, "trace_id": TRACE})
    sender.logs({"trace_id": TRACE})
    (shown,) = api.get(f"/v1/traces/{TRACE.hex()}")["logs"]
    assert shown["time"] == timestamp(clock() - 1000)  # When it arrived.
    assert shown["observed_time"] is None
    assert (shown["span_id"], shown["severity"], shown["body"]) == (None, 0, None)
