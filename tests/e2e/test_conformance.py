"""The examples that OpenTelemetry publishes: each is accepted and every field is found again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import readback

PATHS = {
    "trace.json": "/v1/traces",
    "logs.json": "/v1/logs",
    "events.json": "/v1/logs",
    "metrics.json": "/v1/metrics",
}
Row = dict[str, Any]


@pytest.fixture
def examples(conformance_data: Path) -> dict[str, Row]:
    """The published examples by file name, one resource and one scope each."""
    return {
        name: json.loads((conformance_data / "otlp" / name).read_text(encoding="utf-8"))
        for name in PATHS
    }


def send(service: Any, name: str, example: Row, tenant: str) -> None:
    key = service.make_key("conformance", ["ingest"], [tenant])
    with service.client(key) as client:
        answer = client.post(PATHS[name], json=example)
    assert (answer.status_code, answer.json()) == (200, {}), answer.text


def parts(example: Row) -> tuple[Row, Row, list[Row]]:
    """Resource, scope and items of an example."""
    [groups] = example.values()
    [group] = groups
    [scoped] = next(value for key, value in group.items() if key.startswith("scope"))
    items = next(value for key, value in scoped.items() if key not in {"scope", "schemaUrl"})
    return group["resource"], scoped["scope"], items


def time_of(nanoseconds: str) -> str:
    """RFC 3339 with nine digits."""
    seconds, rest = divmod(int(nanoseconds), 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def check_attributes(shown: Row, sent: Row) -> None:
    assert readback.typed(shown) == readback.as_sent(
        readback.from_otlp_json(sent.get("attributes", []))
    )


def check_origin(shown: Row, example: Row) -> None:
    resource, scope, _ = parts(example)
    check_attributes(shown["resource"], resource)
    check_attributes(shown["scope"], scope)
    assert (shown["scope"]["name"], shown["scope"]["version"]) == (scope["name"], scope["version"])


def check_log(shown: Row, sent: Row, example: Row) -> None:
    check_origin(shown, example)
    check_attributes(shown, sent)
    assert shown["time"] == time_of(sent["timeUnixNano"])
    assert shown["observed_time"] == time_of(sent["observedTimeUnixNano"])
    assert shown["severity"] == sent["severityNumber"]
    assert shown["severity_text"] == sent["severityText"]
    assert shown["body"] == readback.value_from_otlp_json(sent["body"])
    assert shown["event_name"] == sent.get("eventName", "")
    assert shown["trace_id"] == sent.get("traceId", "0" * 32).lower()
    assert shown["span_id"] == (sent["spanId"].lower() if "spanId" in sent else None)


def test_the_trace_and_its_log_are_read_back(service: Any, examples: dict[str, Row]) -> None:
    tenant = "conformance"
    send(service, "trace.json", examples["trace.json"], tenant)
    send(service, "logs.json", examples["logs.json"], tenant)
    _, _, [sent] = parts(examples["trace.json"])
    trace = readback.read_trace(service, sent["traceId"], tenant)
    [span] = trace["spans"]
    assert trace["trace_id"] == sent["traceId"].lower()
    assert span["span_id"] == sent["spanId"].lower()
    assert span["parent_span_id"] == sent["parentSpanId"].lower()
    assert span["name"] == sent["name"]
    assert span["kind"] == "SERVER"
    assert span["start_time"] == time_of(sent["startTimeUnixNano"])
    assert span["duration_ns"] == int(sent["endTimeUnixNano"]) - int(sent["startTimeUnixNano"])
    check_attributes(span, sent)
    check_origin(span, examples["trace.json"])

    [log] = trace["logs"]
    _, _, [sent] = parts(examples["logs.json"])
    check_attributes(log, sent)
    assert log["body"] == "Example log record"
    assert log["span_id"] == sent["spanId"].lower()


def test_the_examples_are_in_the_store(
    new_service: Callable[..., Any], examples: dict[str, Row]
) -> None:
    running = new_service().start()
    for name, example in examples.items():
        send(running, name, example, name.partition(".")[0])
    stored = readback.stop_and_read(running)
    for name in ("logs", "events"):
        example = examples[f"{name}.json"]
        _, _, [sent] = parts(example)
        [shown] = [log for log in stored["logs"] if log["tenant"] == name]
        check_log(shown, sent, example)
    _, _, metrics = parts(examples["metrics.json"])
    points = {point["metric"]: point for point in stored["metric_points"]}
    assert points.keys() == {metric["name"] for metric in metrics}
    for metric in metrics:
        check_origin(points[metric["name"]], examples["metrics.json"])
        check_metric(points[metric["name"]], metric)


def check_metric(shown: Row, metric: Row) -> None:
    kind = next(key for key in metric if key not in {"name", "unit", "description"})
    [sent] = metric[kind]["dataPoints"]
    assert (shown["unit"], shown["description"]) == (metric["unit"], metric["description"])
    assert shown["time_ns"] == int(sent["timeUnixNano"])
    assert shown["start_time_unix_nano"] == int(sent.get("startTimeUnixNano", 0))
    assert shown["temporality"] == metric[kind].get("aggregationTemporality", 0)
    assert shown["is_monotonic"] == metric[kind].get("isMonotonic", False)
    check_attributes(shown, sent)
    CHECKS[kind](shown, sent)


def check_number(shown: Row, sent: Row) -> None:
    assert (shown["value_double"], shown["value_int"]) == (sent["asDouble"], None)


def check_histogram(shown: Row, sent: Row) -> None:
    check_summary_values(shown, sent)
    assert shown["bucket_counts"] == [int(count) for count in sent["bucketCounts"]]
    assert shown["explicit_bounds"] == sent["explicitBounds"]


def check_exponential_histogram(shown: Row, sent: Row) -> None:
    check_summary_values(shown, sent)
    assert shown["scale"] == sent["scale"]
    assert shown["zero_count"] == int(sent["zeroCount"])
    assert shown["zero_threshold"] == sent["zeroThreshold"]
    assert shown["positive_offset"] == sent["positive"]["offset"]
    assert shown["positive_counts"] == [int(n) for n in sent["positive"]["bucketCounts"]]
    assert (shown["negative_offset"], shown["negative_counts"]) == (0, [])


def check_summary_values(shown: Row, sent: Row) -> None:
    assert shown["count"] == int(sent["count"])
    assert [shown[name] for name in ("sum", "min", "max")] == [
        sent[name] for name in ("sum", "min", "max")
    ]


CHECKS: dict[str, Callable[[Row, Row], None]] = {
    "sum": check_number,
    "gauge": check_number,
    "histogram": check_histogram,
    "exponentialHistogram": check_exponential_histogram,
}
