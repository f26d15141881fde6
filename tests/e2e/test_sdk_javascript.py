"""The OpenTelemetry SDK for JavaScript as a sender: what it says it sent is read back."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import readback

pytestmark = pytest.mark.node

CLIENT = Path(__file__).parent / "js"
PROTOCOLS = ["http/protobuf", "http/json", "grpc"]
INSTALL_TIMEOUT_S = 240
SEND_TIMEOUT_S = 60


@pytest.fixture(scope="module")
def node() -> str:
    """Path of Node.js; the client's packages are in place."""
    found = shutil.which("node")
    npm = shutil.which("npm")
    if found is None or npm is None:
        pytest.skip("needs node and npm on the PATH")
    if not (CLIENT / "node_modules").is_dir():
        done = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund"],
            cwd=CLIENT,
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALL_TIMEOUT_S,
        )
        if done.returncode:
            pytest.skip(f"npm ci failed: {done.stderr.strip()[-300:]}")
    return found


def send(node: str, service: Any, tenant: str, protocol: str) -> dict[str, Any]:
    """Run the client and return what it says it sent."""
    endpoint = f"http://{service.grpc_target}" if protocol == "grpc" else service.http_url
    key = service.make_key("js", ["ingest"], [tenant])
    # http/json goes plain, the other two compressed.
    compression = "none" if protocol == "http/json" else "gzip"
    done = subprocess.run(
        [node, "client.mjs", protocol, endpoint, key, compression],
        cwd=CLIENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=SEND_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sent: dict[str, Any] = json.loads(done.stdout)
    assert {export["signal"] for export in sent["exports"]} == {"traces", "logs", "metrics"}
    return sent


def tenant_of(protocol: str) -> str:
    return "js-" + protocol.replace("/", "-")


@pytest.fixture(scope="module", params=PROTOCOLS)
def case(
    request: pytest.FixtureRequest, node: str, service: Any
) -> tuple[Any, str, dict[str, Any]]:
    """One run of the client: the service, the tenant, and what was sent."""
    tenant = tenant_of(request.param)
    return service, tenant, send(node, service, tenant, request.param)


Case = tuple[Any, str, dict[str, Any]]


def time_of(nanoseconds: str) -> str:
    """RFC 3339 with nine digits."""
    seconds, rest = divmod(int(nanoseconds), 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def test_spans_arrive_as_sent(case: Case) -> None:
    service, tenant, sent = case
    spans = {
        s["span_id"]: s for s in readback.read_trace(service, sent["trace_id"], tenant)["spans"]
    }
    parent, child = spans[sent["parent"]["span_id"]], spans[sent["child"]["span_id"]]
    times = {name: int(value) for name, value in sent["times"].items()}
    assert (parent["name"], parent["kind"]) == (sent["parent"]["name"], "SERVER")
    assert (child["name"], child["kind"]) == (sent["child"]["name"], "CLIENT")
    assert parent["parent_span_id"] is None
    assert child["parent_span_id"] == parent["span_id"]
    assert parent["status"] == {"code": "UNSET", "message": ""}
    assert child["status"] == {"code": "ERROR", "message": sent["child"]["status_message"]}
    for span, side in ((parent, "parent"), (child, "child")):
        assert readback.typed(span) == readback.as_sent(sent[side]["attributes"])
        assert span["start_time"] == time_of(sent["times"]["start"])
        assert span["duration_ns"] == times["end"] - times["start"]
        assert (span["scope"]["name"], span["scope"]["version"]) == tuple(sent["scope"].values())
        assert span["service"] == sent["service_name"]
        resource = readback.typed(span["resource"])
        assert resource.items() >= readback.as_sent(sent["resource"]).items()


def test_events_and_links_arrive_as_sent(case: Case) -> None:
    service, tenant, sent = case
    spans = readback.spans_by_name(readback.read_trace(service, sent["trace_id"], tenant))
    [event] = spans[sent["child"]["name"]]["events"]
    assert event["name"] == sent["event"]["name"]
    assert event["time"] == time_of(sent["times"]["event"])
    assert readback.typed(event) == readback.as_sent(sent["event"]["attributes"])
    [link] = spans[sent["child"]["name"]]["links"]
    assert link["trace_id"] == sent["link"]["trace_id"]
    assert link["span_id"] == sent["link"]["span_id"]
    assert readback.typed(link) == readback.as_sent(sent["link"]["attributes"])


def test_logs_arrive_as_sent(case: Case) -> None:
    service, tenant, sent = case
    logs = readback.read_trace(service, sent["trace_id"], tenant)["logs"]
    by_severity = {log["severity"]: log for log in logs}
    assert len(logs) == len(sent["logs"])
    for expected in sent["logs"]:
        found = by_severity[expected["severity_number"]]
        assert found["body"] == expected["body"]
        assert found["severity_text"] == expected["severity_text"]
        assert found["event_name"] == (expected["event_name"] or "")
        assert found["time"] == time_of(sent["times"]["event"])
        assert found["span_id"] == sent["parent"]["span_id"]
        assert readback.typed(found) == readback.as_sent(expected["attributes"])


def test_the_model_call_is_a_decision_with_usage(case: Case) -> None:
    service, tenant, sent = case
    given = sent["child"]["attributes"]
    found = service.get(f"/v1/decisions/{given['answerable.decision.id']}", tenant=tenant)
    assert found["name"] == given["answerable.decision.name"]
    assert found["outcome"] == given["answerable.decision.outcome"]
    assert found["confidence"] == given["answerable.confidence"]
    assert found["features"] == {"word_count": 431, "language": "de"}
    assert found["datasets"] == given["answerable.dataset"]
    assert found["tokens"] == {"input": 1200, "output": 80}
    assert found["error"]
    by_log = service.get("/v1/decisions/js-decision-2", tenant=tenant)
    assert (by_log["source"], by_log["outcome"], by_log["confidence"]) == ("log", "clean", 0.875)
    usage = service.get("/v1/usage", tenant=tenant)["items"]
    assert {item["meter"]: item["quantity"] for item in usage} == {
        "input": "200",
        "cache_read": "1000",
        "output": "80",
        "requests": "1",
    }


def test_everything_is_counted_once(case: Case) -> None:
    service, tenant, sent = case
    assert readback.amounts(service, tenant) == {
        (signal, state, ""): count
        for signal, count in (("traces", 2), ("logs", len(sent["logs"])), ("metrics", 5))
        for state in ("received", "stored")
    }


def test_metrics_are_stored_as_sent(node: str, new_service: Callable[..., Any]) -> None:
    running = new_service().start()
    sent = {
        tenant_of(protocol): send(node, running, tenant_of(protocol), protocol)
        for protocol in PROTOCOLS
    }
    points = readback.stop_and_read(running)["metric_points"]
    for tenant, one in sent.items():
        found = {point["metric"]: point for point in points if point["tenant"] == tenant}
        assert found.keys() == one["metrics"].keys()
        for name, metric in one["metrics"].items():
            check_point(found[name], metric, one)


def check_point(point: dict[str, Any], metric: dict[str, Any], sent: dict[str, Any]) -> None:
    values = metric["values"]
    assert point["unit"] == metric["unit"]
    assert point["description"] == f"{metric['kind']} of the JavaScript client"
    assert readback.typed(point) == readback.as_sent(sent["metric_attributes"])
    assert point["scope"]["name"] == sent["scope"]["name"]
    assert point["resource"]["attributes"]["app.run_id"] == sent["run_id"]
    match metric["kind"]:
        case "counter" | "up_down_counter":
            assert point["kind"] == "sum"
            assert point["is_monotonic"] == (metric["kind"] == "counter")
            assert point["value_int" if metric["integer"] else "value_double"] == sum(values)
        case "gauge":
            assert (point["kind"], point["value_double"]) == ("gauge", values[-1])
        case kind:
            assert point["kind"] == kind
            assert (point["count"], point["sum"]) == (len(values), sum(values))
            assert (point["min"], point["max"]) == (min(values), max(values))
    if metric["kind"] == "histogram":
        assert point["explicit_bounds"] == sent["histogram_bounds"]
        assert point["bucket_counts"] == [1, 1, 1, 1]
    if metric["kind"] == "exponential_histogram":
        assert sum(point["positive_counts"]) == len(values)
