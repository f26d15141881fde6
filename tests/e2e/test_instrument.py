"""The instrument library and its examples against a service, and usage however it is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.e2e import bad_bodies as bodies
from tests.e2e import readback

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("instrumented_service.py")
TIMEOUT_S = 60
Row = dict[str, Any]


def run(*command: str, **environ: str) -> str:
    """Run a program to its end, without settings of whoever runs the tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANSWERABLE_", "OTEL_"))}
    done = subprocess.run(
        [sys.executable, *command],
        env=kept | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Recorded:
    """What the instrumented program recorded, and how to read it."""

    def __init__(self, service: Any, protocol: str) -> None:
        self.service = service
        self.protocol = protocol
        self.tenant = f"instrument-{protocol}"
        key = service.make_key("instrument", ["ingest"], [self.tenant])
        endpoint = service.http_url if protocol == "http" else f"http://{service.grpc_target}"
        told = json.loads(run(str(PROGRAM), endpoint, key, protocol))
        assert told["sent"]
        self.ids: dict[str, str] = told["ids"]

    def get(self, path: str, **params: str) -> Row:
        found: Row = self.service.get(path, tenant=self.tenant, **params)
        return found

    def decision(self, name: str) -> Row:
        return self.get(f"/v1/decisions/{self.ids[name]}")

    def trace_of(self, name: str) -> Row:
        return self.get(f"/v1/traces/{self.decision(name)['trace_id']}")


@pytest.fixture(scope="module", params=["http", "grpc"])
def recorded(request: pytest.FixtureRequest, service: Any) -> Recorded:
    """One run of the program over each protocol."""
    return Recorded(service, request.param)


SUMMARY = {
    "name": "grade_essay",
    "outcome": "B+",
    "subject": "essay-1",
    "confidence": 0.91,
    "service": "grader",
    "model": {"name": "essay-grader", "version": "4.2"},
    "prompt": {"name": "rubric", "version": "7"},
    "policy": {"name": "grading", "version": "2"},
    "route": "auto",
    "datasets": ["school/rubrics@2026-09", "lms/essays@2026-11-01"],
    "tokens": {"input": 1830, "output": 212},
    "error": False,
}
METERS = {
    "input": ("706", "tokens"),
    "cache_read": ("1024", "tokens"),
    "cache_write": ("100", "tokens"),
    "output": ("172", "tokens"),
    "reasoning": ("40", "tokens"),
    "requests": ("1", "requests"),
    "gpu_seconds": ("0.5", "seconds"),
}


def test_a_decision_has_every_field_in_the_list(recorded: Recorded) -> None:
    items = {item["decision_id"]: item for item in recorded.get("/v1/decisions")["items"]}
    found = items[recorded.ids["full"]]
    assert {name: found[name] for name in SUMMARY} == SUMMARY
    assert found["tenant"] == recorded.tenant
    assert found["duration_ns"] > 0


def test_a_decision_has_every_field_by_itself(recorded: Recorded) -> None:
    found = recorded.decision("full")
    assert {name: found[name] for name in SUMMARY} == SUMMARY
    assert found["source"] == "span"
    assert (found["service_version"], found["environment"]) == ("1.4.2", "test")
    assert found["features"] == {"language": "en", "late": 0, "ratio": 0.25, "words": 412}
    assert found["actions"] == [{"name": "publish_grade", "target": "gradebook"}]
    assert {m["meter"]: (m["quantity"], m["unit"]) for m in found["usage"]} == METERS
    assert {(m["provider"], m["model"]) for m in found["usage"]} == {("openai", "essay-grader")}
    assert found["span"]["answerable.feature.late"] is False
    assert found["span_attribute_types"]["answerable.feature.words"] == "int"
    assert found["resource"]["service.name"] == "grader"


def test_usage_is_summed_in_disjoint_buckets(recorded: Recorded) -> None:
    items = recorded.get("/v1/usage", group_by="provider,model,meter")["items"]
    found = {i["meter"]: (i["quantity"], i["unit"]) for i in items}
    assert found == {**METERS, "connector_calls": ("2", "calls")}
    models = {(i["provider"], i["model"]) for i in items if i["meter"] != "connector_calls"}
    assert models == {("openai", "essay-grader")}


def test_a_failed_decision_says_so(recorded: Recorded) -> None:
    found = recorded.decision("failed")
    assert found["error"]
    assert found["confidence"] is None
    assert found["tokens"] is None
    spans = readback.spans_by_name(recorded.trace_of("failed"))
    assert spans["grade_essay"]["status"]["code"] == "ERROR"
    call = spans["gradebook read_essay"]
    assert call["attributes"]["answerable.connector.status"] == "timeout"
    assert call["parent_span_id"] == spans["grade_essay"]["span_id"]


def test_a_decision_may_have_nothing_but_a_name(recorded: Recorded) -> None:
    found = recorded.decision("bare")
    assert found["decision_id"] == f"bare/{recorded.protocol}"
    assert (found["name"], found["outcome"], found["route"]) == ("bare", "", "")
    assert (found["confidence"], found["tokens"], found["features"]) == (None, None, {})


def test_connector_calls_arrive(recorded: Recorded) -> None:
    call = readback.spans_by_name(recorded.trace_of("full"))["gradebook read_essay"]
    assert call["kind"] == "CLIENT"
    assert call["attributes"] == {
        "answerable.connector.name": "gradebook",
        "answerable.connector.operation": "read_essay",
        "answerable.connector.version": "2.3",
        "answerable.connector.credential_id": "gradebook-ro",
        "answerable.connector.schema_hash": "sha256:1f",
        "answerable.connector.retry_count": 2,
        "answerable.connector.status": "ok",
    }


def test_reviews_arrive(recorded: Recorded) -> None:
    [item] = recorded.get("/v1/traces", name="answerable.review")["items"]
    [span] = recorded.get(f"/v1/traces/{item['trace_id']}")["spans"]
    assert span["duration_ns"] == 9_500_000_000
    assert span["attributes"] == {
        "answerable.review.decision_id": recorded.ids["full"],
        "answerable.review.reviewer": "teacher-12",
        "answerable.review.verdict": "changed",
        "answerable.review.queue_ms": 42_000,
        "answerable.review.duration_ms": 9_500,
        "answerable.review.reason": "too strict",
    }


@pytest.mark.parametrize(
    ("example", "service_name", "decisions"),
    [("plain_script", "example-script", 3), ("bare_opentelemetry", "example-bare", 2)],
)
def test_the_examples_work(service: Any, example: str, service_name: str, decisions: int) -> None:
    tenant = f"example-{example}"
    key = service.make_key("example", ["ingest"], [tenant])
    endpoint = {"ANSWERABLE_ENDPOINT": service.http_url, "ANSWERABLE_KEY": key}
    told = run(str(ROOT / "examples" / f"{example}.py"), **endpoint)
    ids = next(line for line in told.splitlines() if line.startswith("decisions:")).split()[1:]
    assert len(ids) == 2
    items = service.get("/v1/decisions", tenant=tenant)["items"]
    # The plain script's third decision fails before it can say its id.
    assert len(items) == decisions
    assert {item["decision_id"] for item in items} >= set(ids)
    assert {(item["service"], item["name"]) for item in items} == {(service_name, "grade_essay")}


def attribute(name: str, value: str | int) -> KeyValue:
    if isinstance(value, str):
        return KeyValue(key=name, value=AnyValue(string_value=value))
    return KeyValue(key=name, value=AnyValue(int_value=value))


def span(trace: bytes, name: str, /, **attributes: str | int) -> Span:
    """A span with attributes; their names are given with __ for a dot."""
    found = bodies.new_span(name, trace)
    found.attributes.extend(attribute(k.replace("__", "."), v) for k, v in attributes.items())
    return found


#: One call each of 1,000 input tokens (600 read from a cache) and 300 output (120 reasoning),
#: beneath a span that repeats its sums.
NAMINGS: dict[str, tuple[Row, Row]] = {
    "opentelemetry": (
        {
            "gen_ai__operation__name": "chat",
            "gen_ai__provider__name": "openai",
            "gen_ai__response__model": "gpt-5-mini",
            "gen_ai__usage__input_tokens": 1000,
            "gen_ai__usage__cache_read__input_tokens": 600,
            "gen_ai__usage__output_tokens": 300,
            "gen_ai__usage__reasoning__output_tokens": 120,
        },
        {
            "gen_ai__operation__name": "invoke_agent",
            "gen_ai__usage__input_tokens": 1000,
            "gen_ai__usage__output_tokens": 300,
        },
    ),
    "openinference": (
        {
            "openinference__span__kind": "LLM",
            "llm__provider": "openai",
            "llm__model_name": "gpt-5-mini",
            "llm__token_count__prompt": 1000,
            "llm__token_count__prompt_details__cache_read": 600,
            "llm__token_count__completion": 300,
            "llm__token_count__completion_details__reasoning": 120,
            "llm__token_count__total": 1300,
        },
        {
            "openinference__span__kind": "AGENT",
            "llm__token_count__prompt": 1000,
            "llm__token_count__completion": 300,
        },
    ),
    "openllmetry": (
        {
            "llm__request__type": "chat",
            "gen_ai__system": "openai",
            "gen_ai__request__model": "gpt-5-mini",
            "gen_ai__usage__prompt_tokens": 1000,
            "gen_ai__usage__cache_read_input_tokens": 600,
            "gen_ai__usage__completion_tokens": 300,
            "llm__usage__reasoning_tokens": 120,
            "llm__usage__total_tokens": 1300,
        },
        {
            "traceloop__span__kind": "workflow",
            "gen_ai__usage__prompt_tokens": 1000,
            "gen_ai__usage__completion_tokens": 300,
        },
    ),
    "vercel": (
        {
            "ai__operationId": "ai.generateText.doGenerate",
            "ai__model__provider": "openai",
            "ai__model__id": "gpt-5-mini",
            "ai__usage__inputTokens": 1000,
            "ai__usage__cachedInputTokens": 600,
            "ai__usage__outputTokens": 300,
            "ai__usage__reasoningTokens": 120,
        },
        {
            "ai__operationId": "ai.generateText",
            "ai__model__id": "gpt-5-mini",
            "ai__usage__inputTokens": 1000,
            "ai__usage__outputTokens": 300,
        },
    ),
}
BUCKETS = {
    "input": "400",
    "cache_read": "600",
    "output": "180",
    "reasoning": "120",
    "requests": "1",
}


def usage(service: Any, tenant: str) -> dict[tuple[str, str, str], str]:
    items = service.get("/v1/usage", tenant=tenant, group_by="provider,model,meter")["items"]
    return {(i["provider"], i["model"], i["meter"]): i["quantity"] for i in items}


@pytest.mark.parametrize("naming", NAMINGS)
def test_every_naming_gives_the_same_buckets_once(service: Any, naming: str) -> None:
    tenant = f"usage-{naming}"
    key = service.make_key("usage", ["ingest"], [tenant])
    call, agent = NAMINGS[naming]
    parent = bodies.new_span("agent")
    parent.attributes.extend(span(b"", "x", **agent).attributes)
    child = span(parent.trace_id, "call", **call)
    child.parent_span_id = parent.span_id
    expected = {("openai", "gpt-5-mini", meter): quantity for meter, quantity in BUCKETS.items()}
    # The parent ends last and so is sent last; the same body twice changes nothing.
    for body in (bodies.traces(child), bodies.traces(parent), bodies.traces(child)):
        assert bodies.post(service, key, "traces", body).status_code == 200
    assert usage(service, tenant) == expected


def test_an_agent_without_calls_beneath_it_counts(service: Any) -> None:
    key = service.make_key("usage", ["ingest"], ["usage-hosted"])
    _, agent = NAMINGS["opentelemetry"]
    hosted = span(b"", "hosted", gen_ai__request__model="gpt-5-mini", **agent)
    assert bodies.post(service, key, "traces", bodies.traces(hosted)).status_code == 200
    assert usage(service, "usage-hosted") == {
        ("", "gpt-5-mini", "input"): "1000",
        ("", "gpt-5-mini", "output"): "300",
        ("", "gpt-5-mini", "requests"): "1",
    }
