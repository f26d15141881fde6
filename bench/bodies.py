"""OTLP trace bodies for benchmarks: many distinct ones, made quickly from one template."""

from __future__ import annotations

import random
import struct

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

SPANS_PER_BODY = 512
SPANS_PER_TRACE = 8


class BodyFactory:
    """Makes bodies of 512 spans with 10 attributes each; one span in eight calls a model.

    A body is a copy of a template with fresh ids and times, because building one span by span
    takes longer than the service takes to store it.
    """

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._template = _template(self._rng)
        markers = [_marker(index) for index in range(SPANS_PER_BODY)]
        # Field tags and lengths of trace_id, span_id, parent_span_id and start_time_unix_nano.
        self._trace_ids = [self._after(b"\x0a\x10", marker * 2) for marker in markers]
        self._span_ids = [self._after(b"\x12\x08", marker) for marker in markers]
        self._parents = [
            self._after(b"\x22\x08", marker) if index % SPANS_PER_TRACE else 0
            for index, marker in enumerate(markers)
        ]
        self._times = [self._after(b"\x39", marker) for marker in markers]

    def _after(self, tag: bytes, marker: bytes) -> int:
        return self._template.index(tag + marker) + len(tag)

    def make(self, time_ns: int) -> bytes:
        """Make a body whose spans start at `time_ns` and the 512 microseconds after."""
        body = bytearray(self._template)
        ids = self._rng.randbytes(8 * SPANS_PER_BODY)
        trace_id = parent = b""
        for index in range(SPANS_PER_BODY):
            span_id = ids[index * 8 : index * 8 + 8]
            if index % SPANS_PER_TRACE == 0:
                trace_id, parent = self._rng.randbytes(16), span_id
            else:
                at = self._parents[index]
                body[at : at + 8] = parent
            at = self._span_ids[index]
            body[at : at + 8] = span_id
            at = self._trace_ids[index]
            body[at : at + 16] = trace_id
            start = time_ns + index * 1000
            at = self._times[index]
            body[at : at + 17] = struct.pack("<QcQ", start, b"\x41", start + 2_000_000)
        return bytes(body)


def _marker(index: int) -> bytes:
    return struct.pack(">I", 0xA5000000 + index) + b"\x5a\x5b\x5c\x5d"


def _template(rng: random.Random) -> bytes:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    for key, value in {"service.name": "bench", "service.version": "1.0", "host.name": "h"}.items():
        group.resource.attributes.add(key=key).value.string_value = value
    scope = group.scope_spans.add()
    scope.scope.name = "bench"
    for index in range(SPANS_PER_BODY):
        scope.spans.append(_span(rng, index))
    return request.SerializeToString()


def _span(rng: random.Random, index: int) -> Span:
    marker = _marker(index)
    number = struct.unpack("<Q", marker)[0]
    span = Span(
        trace_id=marker * 2,
        span_id=marker,
        name=f"operation-{index % 12}",
        kind=1 + index % 5,  # type: ignore[arg-type]
        start_time_unix_nano=number,
        end_time_unix_nano=number,
    )
    if index % SPANS_PER_TRACE:
        span.parent_span_id = marker
    for key, value in _attributes(rng, index).items():
        slot = span.attributes.add(key=key).value
        if isinstance(value, bool):
            slot.bool_value = value
        elif isinstance(value, int):
            slot.int_value = value
        elif isinstance(value, float):
            slot.double_value = value
        else:
            slot.string_value = value
    return span


def _attributes(rng: random.Random, index: int) -> dict[str, str | int | float | bool]:
    shared: dict[str, str | int | float | bool] = {
        "http.request.method": "GET",
        "url.path": f"/api/v1/items/{rng.randrange(1000)}",
        "http.response.status_code": 200,
        "server.address": f"10.0.0.{rng.randrange(255)}",
        "server.port": 443,
    }
    if index % SPANS_PER_TRACE == 3:
        return shared | {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.response.model": "gpt-5-mini",
            "gen_ai.usage.input_tokens": rng.randrange(1, 5000),
            "gen_ai.usage.output_tokens": rng.randrange(1, 500),
        }
    return shared | {
        "db.system.name": "postgresql",
        "db.query.text": f"SELECT name FROM items WHERE id = {rng.randrange(10**6)}",
        "sampled.ratio": rng.random(),
        "cache.hit": bool(index % 2),
        "user.id": f"u{rng.randrange(10_000)}",
    }
