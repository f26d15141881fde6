"""Usage, services, the overview and the ledger: sums that add up."""

import random

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from collector.models import Signal
from tests.collector.api.kit import BOTH, HOUR_NS, MINUTE_NS, decision, principal
from tests.doubles import otlp_bodies
from web.render import timestamp

DAY_NS = 24 * HOUR_NS


def call(model, tokens, **more):
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": model,
        "gen_ai.usage.input_tokens": tokens,
        **more,
    }


def usage(api, **params):
    return api.get("/v1/usage", **params)["items"]


@BOTH
def test_usage_is_grouped_as_asked(api, sender, clock):
    day_start = clock() // DAY_NS * DAY_NS - DAY_NS
    for hour, tenant, model, tokens in [
        (1, "acme", "a", 10),
        (1, "acme", "b", 20),
        (2, "acme", "a", 40),
        (2, "other", "a", 80),
    ]:
        span = {"start_ns": day_start + hour * HOUR_NS, "attributes": call(model, tokens)}
        sender.spans(span, tenant=tenant, service=f"s-{tenant}")
    day = timestamp(day_start)[:10]
    window = {"from_": "-3d", "meter": "input"}

    def sums(group_by, **more):
        found = usage(api, group_by=group_by, **window, **more)
        assert {item["unit"] for item in found} <= {"tokens"}
        return [{k: v for k, v in item.items() if k not in {"unit", "events"}} for item in found]

    assert sums("meter") == [{"meter": "input", "quantity": "150"}]
    assert sums("model,tenant") == [
        {"tenant": "acme", "model": "a", "quantity": "50"},
        {"tenant": "acme", "model": "b", "quantity": "20"},
        {"tenant": "other", "model": "a", "quantity": "80"},
    ]
    assert sums("day") == [{"day": day, "quantity": "150"}]
    assert sums("hour,service") == [
        {"hour": f"{day}T01:00:00.000000000Z", "service": "s-acme", "quantity": "30"},
        {"hour": f"{day}T02:00:00.000000000Z", "service": "s-acme", "quantity": "40"},
        {"hour": f"{day}T02:00:00.000000000Z", "service": "s-other", "quantity": "80"},
    ]
    assert sums("provider, operation ,environment") == [
        {"provider": "openai", "operation": "chat", "environment": "", "quantity": "150"}
    ]
    assert sums("meter", tenant="other") == [{"meter": "input", "quantity": "80"}]
    assert sums("meter", model="b") == [{"meter": "input", "quantity": "20"}]
    assert sums("meter", service="s-other", provider="openai") == [
        {"meter": "input", "quantity": "80"}
    ]
    assert sums("meter", provider="other") == []


def test_units_are_never_added_up_and_quantities_are_exact(api, sender, clock):
    for number in range(10):
        extra = {"answerable.usage.gpu_seconds": 0.1, "answerable.usage.egress_bytes": 2**52}
        span = {"start_ns": clock() - 1 - number, "attributes": {**call("m", 1), **extra}}
        sender.spans(span)
    found = {
        item["unit"]: (item["quantity"], item["events"]) for item in usage(api, group_by="day")
    }
    assert found == {
        "tokens": ("10", 10),
        "requests": ("10", 10),
        "seconds": ("1", 10),
        "bytes": (str(10 * 2**52), 10),
    }
    default = usage(api)
    assert all(item.keys() == {"model", "meter", "unit", "quantity", "events"} for item in default)


def test_what_an_agent_repeats_is_left_out_of_its_unit_only(api, sender, clock):
    """The agent's own seconds have no other report; its tokens do, beyond the window even."""
    trace_id = b"\x01" * 16
    agent = {
        **call("m", 100),
        "gen_ai.operation.name": "invoke_agent",
        "answerable.usage.gpu_seconds": 3,
    }
    start = clock() - 2 * HOUR_NS
    sender.spans(
        {"start_ns": start, "trace_id": trace_id, "attributes": agent},
        {"start_ns": start + HOUR_NS, "trace_id": trace_id, "attributes": call("m", 100)},
    )
    sender.spans(
        {"start_ns": start, "trace_id": trace_id, "attributes": call("m", 7)}, tenant="other"
    )
    early = {"from_": start, "to": start + 1, "group_by": "meter"}
    acme = usage(api, tenant="acme", **early)
    assert [(item["meter"], item["quantity"]) for item in acme] == [("gpu_seconds", "3")]
    both = usage(api, from_="-9h", group_by="meter", meter="input")
    assert both[0]["quantity"] == "107"


def test_services_by_everything_they_send(api, sender, clock):
    at = clock() - MINUTE_NS
    version = {"service.version": "2", "deployment.environment": "test"}
    spans = [{"start_ns": at + n, "duration_ns": 1000 * (n + 1)} for n in range(100)]
    sender.spans(*spans[:50], {**spans[50], "error": True}, *spans[51:], resource=version)
    sender.spans({"start_ns": at, "duration_ns": 0, "attributes": decision(confidence=1)})
    sender.logs({"time_unix_nano": at + 7}, service="only-logs")
    request = ExportMetricsServiceRequest.FromString(otlp_bodies.metrics(random.Random(1), at, 3))
    sender.send(Signal.METRICS, request)
    services = api.get("/v1/services")["items"]
    assert [(item["service"], item["version"]) for item in services] == [
        ("", ""),
        ("only-logs", ""),
        ("shop", ""),
        ("shop", "2"),
    ]
    nameless, logs, plain, versioned = services
    assert (nameless["metric_points"], nameless["spans"], nameless["p95_ns"]) == (3, 0, None)
    assert (logs["logs"], logs["last_seen"]) == (1, timestamp(at + 7))
    assert (plain["spans"], plain["decisions"], plain["p50_ns"]) == (1, 1, 0)
    assert (versioned["environment"], versioned["spans"], versioned["errors"]) == ("test", 100, 1)
    assert abs(versioned["p50_ns"] - 50_000) <= 2000
    assert abs(versioned["p95_ns"] - 95_000) <= 2000
    assert versioned["last_seen"] == timestamp(at + 99)


@BOTH
def test_the_overview_adds_up(api, sender, clock):
    at = clock() - 10 * MINUTE_NS
    sender.spans(
        {"start_ns": at, "attributes": call("a", 100), "error": True},
        {"start_ns": at + 5 * MINUTE_NS, "attributes": call("b", 10)},
        {"start_ns": at, "attributes": decision(confidence=0.5, route="auto")},
        {"start_ns": at, "attributes": decision(confidence=1.0, route="auto")},
        {"start_ns": at, "attributes": decision(decision__id="unsure", route="human")},
    )
    sender.spans({"start_ns": at}, service="other")
    sender.spans({"start_ns": at - 9 * HOUR_NS}, service="long ago")
    sender.logs({"time_unix_nano": at}, {"time_unix_nano": at})
    answer = api.get("/v1/overview")
    assert answer["totals"] == {
        "spans": 6,
        "logs": 2,
        "metric_points": 0,
        "decisions": 3,
        "errors": 1,
        "tokens_input": 110,
        "tokens_output": 0,
        "requests": 2,
    }
    for name, expected in (("spans", 6), ("errors", 1), ("decisions", 3), ("tokens", 110)):
        assert sum(point[name] for point in answer["series"]) == expected
    assert len(answer["series"]) == 3600 / answer["bucket_s"] <= 120
    by_time = {point["time"]: point for point in answer["series"]}
    assert by_time[timestamp(at)]["spans"] == 5
    assert by_time[timestamp(at + 5 * MINUTE_NS)]["tokens"] == 10
    assert [(s["service"], s["spans"], s["errors"]) for s in answer["services"]] == [
        ("shop", 5, 1),
        ("other", 1, 0),
    ]
    assert answer["models"] == [
        {"provider": "openai", "model": "a", "requests": 1, "tokens": 100},
        {"provider": "openai", "model": "b", "requests": 1, "tokens": 10},
    ]
    assert answer["decisions"] == {
        "by_route": {
            "auto": {"decisions": 2, "mean_confidence": 0.75},
            "human": {"decisions": 1, "mean_confidence": None},
        },
        "mean_confidence": 0.75,
    }


def test_the_ledger_says_what_became_of_everything(api, api_store, sender, clock):
    sender.spans({"start_ns": clock() - 5}, {"start_ns": clock() - 5})
    sender.spans({"start_ns": clock() - 5}, {"start_ns": clock() - 5, "span_id": b"short"})
    sender.logs({"body": "x"}, tenant="other")
    line = {
        "tenant": "acme",
        "received_at": clock() - 1,
        "signal": "traces",
        "reason": "",
        "items": 3,
        "requests": 1,
        "bytes": 9,
        "request_id": "",
        "body_hash": "",
        "key_id": "k1",
    }
    api_store.insert("ingest_ledger", [{**line, "state": s} for s in ("received", "duplicate")])
    answer = api.get("/v1/ledger")
    totals = {state: (sums["items"], sums["requests"]) for state, sums in answer["totals"].items()}
    assert totals == {
        "received": (8, 4),
        "stored": (4, 3),
        "rejected": (1, 0),
        "duplicate": (3, 1),
        "quarantined": (0, 0),
    }
    assert answer["balanced"]
    assert answer["unbalanced"] == []
    assert ("acme", "traces", "rejected", "invalid_span_id", 1) in {
        (row["tenant"], row["signal"], row["state"], row["reason"], row["items"])
        for row in answer["rows"]
    }
    assert answer["recent"][0]["state"] == "duplicate"
    assert {row["state"] for row in answer["recent"]} == {"stored", "rejected", "duplicate"}
    for state, (items, _) in totals.items():
        assert sum(p["items"] for p in answer["series"] if p["state"] == state) == items
    logs = api.get("/v1/ledger", signal="logs")
    assert {row["signal"] for row in logs["rows"] + logs["recent"]} == {"logs"}
    assert logs["totals"]["received"]["items"] == 1


def test_a_ledger_that_does_not_balance_says_where(api, api_store, sender, clock):
    sender.spans({"start_ns": clock() - 5})
    line = {"tenant": "other", "received_at": clock() - 1, "signal": "logs", "reason": ""}
    amounts = {"items": 5, "requests": 1, "bytes": 0, "request_id": "", "body_hash": ""}
    api_store.insert("ingest_ledger", [{**line, **amounts, "key_id": "", "state": "received"}])
    answer = api.get("/v1/ledger")
    assert not answer["balanced"]
    assert answer["unbalanced"] == [
        {"tenant": "other", "signal": "logs", "items": 5, "requests": 1}
    ]
    assert api.get("/v1/ledger", principal("acme"))["balanced"]
