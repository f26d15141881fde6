"""Budgets of a running service: the path of every call, telemetry, suspension, kill -9."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import RunningService, clean_environ

NewService = Callable[..., RunningService]
FAST = {
    "ANSWERABLE_BUDGET_CHARGES_LAG_S": "3",
    "ANSWERABLE_BUDGET_CHARGES_INTERVAL_S": "0.3",
    "ANSWERABLE_BUDGET_SPAN_INTERVAL_S": "0.3",
    "ANSWERABLE_BUDGET_SPAN_QUIET_S": "0",
    "ANSWERABLE_BUDGET_WATCH_INTERVAL_S": "0.3",
    "ANSWERABLE_BUDGET_HISTORY_INTERVAL_S": "0.3",
}


def post(service: RunningService, what: str, body: dict[str, Any], key: str = "") -> Any:
    with service.client(key or None) as client:
        return client.post(f"/v1/budgets{what}", json=body)


def spans(tenant: str, trace_id: str, *, input_tokens: int, at_ns: int) -> dict[str, Any]:
    """One call to a model, as OTLP/JSON; no price is needed to store it."""
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.response.model": "gpt-5-mini",
    }
    named = [{"key": key, "value": {"stringValue": text}} for key, text in attributes.items()]
    named.append({"key": "gen_ai.usage.input_tokens", "value": {"intValue": str(input_tokens)}})
    span = {
        "traceId": trace_id,
        "spanId": trace_id[:16],
        "name": "chat",
        "startTimeUnixNano": str(at_ns),
        "endTimeUnixNano": str(at_ns + 1_000_000),
        "attributes": named,
    }
    resource = {"attributes": [{"key": "tenant.id", "value": {"stringValue": tenant}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}


@pytest.fixture
def running(new_service: NewService) -> RunningService:
    service = new_service()
    service.environ |= FAST
    return service.start()


def test_every_refusal_on_the_short_way_is_a_problem_and_is_counted(
    running: RunningService,
) -> None:
    viewer = running.make_key("viewer", ["viewer"], ["a"])
    ingest = running.make_key("ingest", ["ingest"], ["a"])
    with running.client(ingest) as client:
        allowed = client.post("/v1/budgets/reserve", json={"amount": "1"})
        assert allowed.status_code == 200
        assert allowed.headers["content-type"] == "application/json"
        assert allowed.headers["x-content-type-options"] == "nosniff"
        assert len(allowed.headers["x-request-id"]) == 32
        for content, status, field in (
            (b"", 400, "body"),
            (b"{", 400, "body"),
            (b'{"amount": 1}', 400, "amount"),
            (b'{"amount": "1", "more": 1}', 400, "more"),
            (b'{"amount": "1", "tenant": "b"}', 403, "tenant"),
            (b'{"amount": "1"}' + b" " * 70_000, 413, None),
        ):
            answer = client.post("/v1/budgets/reserve", content=content)
            assert answer.status_code == status, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json().get("field") == field
        assert client.get("/v1/budgets/settle").status_code in {403, 404}
        assert client.put("/v1/budgets/reserve", json={}).status_code in {400, 403}
    with running.client(viewer) as client:
        assert client.post("/v1/budgets/reserve", json={"amount": "1"}).status_code == 403
    with running.client("wrong") as client:
        answer = client.post("/v1/budgets/reserve", json={"amount": "1"})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    with running.client() as client:
        page = client.get("/metrics").text
    assert 'route="/v1/budgets/reserve",status="200"' in page


def test_the_documentation_shows_the_path_of_every_call(running: RunningService) -> None:
    document = running.get("/openapi.json")
    for what in ("reserve", "settle", "release", "extend"):
        operation = document["paths"][f"/v1/budgets/{what}"]["post"]
        assert "requestBody" in operation
        assert operation["security"]


def test_a_suspended_tenant_s_telemetry_is_stored_all_the_same(running: RunningService) -> None:
    post(running, "", {"tenant": "a", "budget_id": "all", "limit": "1", "suspends": True})
    call = {"tenant": "a", "reservation_id": "r1", "amount": "1"}
    assert post(running, "/reserve", call).json()["decision"] == "allow"
    post(running, "/settle", {"tenant": "a", "reservation_id": "r1", "amount": "1"})
    running.wait_for(lambda: bool(running.get("/v1/budgets")["suspensions"]))
    denied = post(running, "/reserve", {"tenant": "a", "amount": "0", "project": "x"}).json()
    assert (denied["decision"], denied["reason"]) == ("deny", "suspended")
    trace_id = os.urandom(16).hex()
    with running.client() as client:
        body = spans("a", trace_id, input_tokens=5, at_ns=time.time_ns() - 10**9)
        assert client.post("/v1/traces", json=body).status_code == 200
    found = running.get(f"/v1/traces/{trace_id}", tenant="a")
    assert found["trace_id"] == trace_id
    signals = running.get("/v1/budgets/all")["state"]
    assert signals["crossed"] == ["1"]


def test_a_reservation_is_settled_by_the_span_of_its_call_and_counts_once(
    running: RunningService,
) -> None:
    post(running, "", {"tenant": "a", "budget_id": "all", "limit": "100"})
    running.wait_for(lambda: _priced(running), 60)
    # What prices inserts reads a published book within 8 s; a span before it is priced later.
    time.sleep(9)
    trace_id = os.urandom(16).hex()
    made = post(
        running,
        "/reserve",
        {
            "tenant": "a",
            "reservation_id": "r1",
            "model": "gpt-5-mini",
            "provider": "openai",
            "input_tokens": 1_000_000,
            "max_output_tokens": 0,
            "trace_id": trace_id,
        },
    ).json()
    assert made["estimate"] == "priced"
    with running.client() as client:
        body = spans("a", trace_id, input_tokens=1_000_000, at_ns=time.time_ns())
        assert client.post("/v1/traces", json=body).status_code == 200

    def state() -> Any:
        return running.get("/v1/budgets/all", tenant="a")["state"]

    running.wait_for(lambda: state()["charged"] == made["amount"], 60)
    running.wait_for(lambda: state()["open"] == 0)
    assert (state()["spent"], state()["ahead"], state()["held"]) == (made["amount"], "0", "0")
    found = running.get("/v1/budgets/reservations", tenant="a", state="settled")
    [held] = found["items"]
    assert (held["state"], held["settled_by"]) == ("settled", "span")


def _priced(running: RunningService) -> bool:
    """Whether the price list is imported by now: the first start does it in the background."""
    answer = post(
        running,
        "/reserve",
        {"tenant": "a", "model": "gpt-5-mini", "provider": "openai", "max_output_tokens": 0},
    ).json()
    if answer["held"]:
        post(running, "/release", {"tenant": "a", "reservation_id": answer["reservation_id"]})
    return bool(answer["decision"] == "allow")


def test_kill_9_and_a_restart_keep_what_is_held_and_spent(running: RunningService) -> None:
    post(running, "", {"tenant": "a", "budget_id": "all", "limit": "10"})
    for number in range(5):
        call = {"tenant": "a", "reservation_id": f"r{number}", "amount": "1"}
        assert post(running, "/reserve", call).json()["held"]
    post(running, "/settle", {"tenant": "a", "reservation_id": "r0", "amount": "0.5"})
    before = running.get("/v1/budgets/all")["state"]
    running.kill()
    running.start()
    after = running.get("/v1/budgets/all")["state"]
    assert {name: after[name] for name in ("spent", "held", "open")} == {
        name: before[name] for name in ("spent", "held", "open")
    }
    call = {"tenant": "a", "reservation_id": "r1", "amount": "1"}
    assert post(running, "/reserve", call).json()["replayed"] is True

    def entries() -> list[str]:
        found = running.get("/v1/budgets/all/history")["entries"]
        return sorted(one["op"] for one in found)

    running.wait_for(lambda: entries() == ["reserve"] * 5 + ["settle"])


def test_the_command_line_reaches_it(running: RunningService) -> None:
    environ = clean_environ() | {
        "ANSWERABLE_URL": running.http_url,
        "ANSWERABLE_KEY": running.admin_key,
    }

    def run(*words: str) -> Any:
        command = [sys.executable, "-m", "answerable", "budget", *words, "--json"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    run("set", "all", "--tenant", "a", "--limit", "5", "--reason", "first")
    assert run("set", "all", "--tenant", "a", "--limit", "6")["version"] == 2
    assert run("list")["items"][0]["limit"] == "6"
