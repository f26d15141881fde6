from __future__ import annotations

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.errors import MalformedError, TooLargeError
from collector.json_scalars import varint
from collector.models import Signal
from collector.slices import FIELD_BYTES_MAX, SLICE_BYTES, slices
from collector.validation import items_of
from tests.collector.receivers.bodies import BODIES, REQUESTS, metric_request, trace_request


def framed(number, fields):
    return varint(number << 3 | 2) + varint(len(fields)) + fields


def total(signal, body):
    """Validate slice by slice; give the items and the size of the largest slice."""
    parts = list(slices(signal, body))
    counts = [items_of(signal, part.body, part_of_item=part.items is not None) for part in parts]
    items = sum(c if p.items is None else p.items for p, c in zip(parts, counts, strict=True))
    return items, max(len(part.body) for part in parts)


def many(signal, resources):
    """Several resources of which one is far larger than a slice."""
    large = REQUESTS[signal].FromString(BODIES[signal]())
    entry = getattr(large, f"resource_{'spans' if signal is Signal.TRACES else signal}")[0]
    entry.resource.attributes.add(key="service.name").value.string_value = "large"
    entry.schema_url = "https://example.test/schema"
    group = next(value for field, value in entry.ListFields() if field.name.startswith("scope_"))[0]
    items = next(value for _, value in group.ListFields() if not isinstance(value, str))
    pattern = list(items)
    while large.ByteSize() < 3 * SLICE_BYTES:
        items.extend(pattern * 500)
    return BODIES[signal]() * resources + large.SerializeToString() + BODIES[signal]()


@pytest.mark.parametrize("signal", Signal)
def test_slices_count_what_the_whole_holds(signal):
    body = many(signal, 4)
    items, largest = total(signal, body)
    assert items == items_of(signal, body) > 1000
    assert largest < 2 * SLICE_BYTES


@pytest.mark.parametrize("signal", Signal)
def test_slices_hold_every_field_once(signal):
    body = many(signal, 2)
    merged = REQUESTS[signal]()
    for part in slices(signal, body):
        merged.MergeFromString(part.body)
    assert merged.ByteSize() >= REQUESTS[signal].FromString(body).ByteSize()
    text = merged.SerializeToString()
    assert text.count(b"https://example.test/schema") == 1
    assert text.count(b"large") == 1


def test_one_large_span_is_one_item():
    request = ExportTraceServiceRequest.FromString(trace_request(1, attributes=1))
    span = request.resource_spans[0].scope_spans[0].spans[0]
    for index in range(40):
        span.attributes.add(key=f"k{index}").value.string_value = "x" * 100_000
    assert total(Signal.TRACES, request.SerializeToString() + trace_request(2)) == (
        3,
        pytest.approx(SLICE_BYTES, rel=0.2),
    )


def test_points_of_one_large_metric_are_counted():
    body = metric_request(200_000)
    assert len(body) > 3 * SLICE_BYTES
    items, largest = total(Signal.METRICS, body)
    assert items == 200_000
    assert largest < 2 * SLICE_BYTES


def test_a_flood_of_empty_items_comes_in_small_slices():
    spans = b"\x12\x00" * (4 << 20)
    body = framed(1, framed(2, spans))
    assert max(len(part.body) for part in slices(Signal.TRACES, body)) < SLICE_BYTES + 100


def test_a_huge_field_is_too_large():
    with pytest.raises(TooLargeError, match="16 MiB"):
        list(slices(Signal.TRACES, framed(9, bytes(FIELD_BYTES_MAX))))


@pytest.mark.parametrize(
    "tail", [b"\x0a\x05a", b"\x0f", b"\x0a\xff", b"\x09\x01", b"\x08", b"\xff" * 12]
)
def test_what_is_cut_short_is_malformed(tail):
    body = trace_request() + tail
    with pytest.raises(MalformedError, match="protobuf"):
        list(slices(Signal.TRACES, body))


def test_an_unknown_field_between_is_kept():
    body = trace_request(2) + b"\xf8\x3e\x01" + b"\x9d\x3e\x01\x02\x03\x04" + trace_request(1)
    (part,) = slices(Signal.TRACES, body)
    assert part.body == body


def test_metrics_stay_whole_when_small():
    request = ExportMetricsServiceRequest.FromString(metric_request(3))
    (part,) = slices(Signal.METRICS, request.SerializeToString())
    assert part.items is None
