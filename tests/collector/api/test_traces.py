"""Traces: what a list counts, which ones it finds, and where a trace lies in time."""

import pytest

from collector.api import traces
from tests.collector.api.kit import BOTH, HOUR_NS, MINUTE_NS, decision
from web.render import timestamp

TRACE = b"\x01" * 16
ROOT, CHILD = b"\x11" * 8, b"\x12" * 8


def listed(api, **params):
    return [item["trace_id"] for item in api.get("/v1/traces", **params)["items"]]


def chat(**more):
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-x",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 20,
        **more,
    }


def test_a_trace_in_the_list(api, sender, clock):
    start = clock() - MINUTE_NS
    sender.spans(
        {
            "start_ns": start,
            "duration_ns": 900,
            "trace_id": TRACE,
            "span_id": ROOT,
            "name": "POST /x",
        },
        service="gateway",
    )
    sender.spans(
        {
            "start_ns": start + 10,
            "duration_ns": 1000,
            "trace_id": TRACE,
            "parent_span_id": ROOT,
            "attributes": {**chat(), **decision(confidence=0.5)},
            "error": True,
        },
        service="grader",
    )
    answer = api.get("/v1/traces")
    assert answer["as_of"] == timestamp(clock())
    assert answer["items"] == [
        {
            "tenant": "acme",
            "trace_id": TRACE.hex(),
            "root_name": "POST /x",
            "root_service": "gateway",
            "services": ["gateway", "grader"],
            "start_time": timestamp(start),
            "duration_ns": 1010,
            "spans": 2,
            "errors": 1,
            "decisions": 1,
            "tokens": 120,
        }
    ]


def test_spans_sent_twice_count_once(api, sender, clock):
    span = {
        "start_ns": clock() - MINUTE_NS,
        "trace_id": TRACE,
        "span_id": ROOT,
        "attributes": {**chat(), **decision(decision__id="d1")},
        "error": True,
    }
    other = {"start_ns": clock() - MINUTE_NS, "trace_id": TRACE, "span_id": CHILD}
    sender.spans(span)
    clock.step(seconds=1)
    # In another body, beside another span, so that neither the body nor the insert is known.
    sender.spans(span, other)
    clock.step(seconds=86_400)  # Into another day's part.
    sender.spans(span)
    (item,) = api.get("/v1/traces", from_="-2d")["items"]
    assert (item["spans"], item["errors"], item["decisions"], item["tokens"]) == (2, 1, 1, 120)
    trace = api.get(f"/v1/traces/{TRACE.hex()}")
    assert [span["span_id"] for span in trace["spans"]] == [ROOT.hex(), CHILD.hex()]
    assert len(trace["decisions"]) == 1
    totals = api.get("/v1/overview", from_="-2d")["totals"]
    assert (totals["spans"], totals["errors"], totals["decisions"]) == (2, 1, 1)
    assert (totals["tokens_input"], totals["tokens_output"], totals["requests"]) == (100, 20, 1)
    quantities = {
        item["meter"]: item["quantity"]
        for item in api.get("/v1/usage", from_="-2d", group_by="meter")["items"]
    }
    assert quantities == {"input": "100", "output": "20", "requests": "1"}
    (service,) = api.get("/v1/services", from_="-2d")["items"]
    assert (service["spans"], service["decisions"]) == (2, 1)
    assert len(api.get("/v1/decisions", from_="-2d")["items"]) == 1


def test_the_last_version_of_a_span_is_shown(api, sender, clock):
    span = {"start_ns": clock() - MINUTE_NS, "trace_id": TRACE, "span_id": ROOT}
    sender.spans({**span, "attributes": {"version": 1}})
    clock.step(seconds=1)
    sender.spans({**span, "attributes": {"version": 2}})
    (shown,) = api.get(f"/v1/traces/{TRACE.hex()}")["spans"]
    assert shown["attributes"] == {"version": 2}


@pytest.mark.parametrize("offset_ns", [-1, 0, 1])
def test_a_span_at_the_hour(api, sender, clock, offset_ns):
    """The window's start is included and its end is not, to the nanosecond."""
    hour = clock() - 3 * HOUR_NS
    assert hour % HOUR_NS == 0
    start = hour + offset_ns
    sender.spans({"start_ns": start, "trace_id": TRACE})
    assert bool(listed(api, from_=hour, to=hour + HOUR_NS)) is (offset_ns >= 0)
    assert bool(listed(api, from_=hour - HOUR_NS, to=hour)) is (offset_ns < 0)
    assert listed(api, from_=start, to=start + 1)
    assert not listed(api, from_=start + 1, to="now")
    assert not listed(api, from_="-9h", to=start)
    spans = api.get("/v1/overview", from_=hour, to=hour + HOUR_NS)["totals"]["spans"]
    assert spans == (offset_ns >= 0)


def test_a_trace_over_two_hours_is_one(api, sender, clock):
    start = clock() - 3 * HOUR_NS - MINUTE_NS
    later = start + 2 * HOUR_NS
    sender.spans(
        {"start_ns": start, "trace_id": TRACE, "span_id": ROOT, "name": "root"}, service="a"
    )
    sender.spans(
        {
            "start_ns": later,
            "duration_ns": 5,
            "trace_id": TRACE,
            "parent_span_id": ROOT,
            "attributes": chat(),
            "error": True,
        },
        service="b",
    )
    (item,) = api.get("/v1/traces", from_="-9h")["items"]
    assert item["start_time"] == timestamp(start)
    assert item["duration_ns"] == 2 * HOUR_NS + 5
    assert (item["spans"], item["errors"], item["services"]) == (2, 1, ["a", "b"])
    # It starts before this window, though a span of it lies within.
    assert not listed(api, from_=later - MINUTE_NS)
    # And it starts in this one, though most of it comes after.
    first = {"from_": start, "to": start + MINUTE_NS}
    assert listed(api, **first)
    for filters in (
        {"errors": "true"},
        {"service": "b"},
        {"model": "gpt-x"},
        {"name": "ROO"},
        {"min_duration_ns": 2 * HOUR_NS},
    ):
        assert listed(api, **first, **filters), filters
    trace = api.get(f"/v1/traces/{TRACE.hex().upper()}")
    assert [span["start_time"] for span in trace["spans"]] == [timestamp(start), timestamp(later)]


@BOTH
def test_filters_find_what_they_name(api, sender, clock):
    ids = {}
    for number, (name, special, service) in enumerate(
        [
            ("plain", {}, "a"),
            ("failed", {"error": True}, "a"),
            ("slow", {"duration_ns": 10**9}, "b"),
            ("chat", {"attributes": chat()}, "a"),
            ("decided", {"attributes": decision(model__name="gpt-x")}, "b"),
        ]
    ):
        trace_id = bytes([number + 1] * 16)
        ids[name] = trace_id.hex()
        span = {
            "start_ns": clock() - number - 1,
            "trace_id": trace_id,
            "name": f"GET /{name}",
            **special,
        }
        sender.spans(span, service=service)
    expected = [
        ({}, ["plain", "failed", "slow", "chat", "decided"]),
        ({"errors": "true"}, ["failed"]),
        ({"errors": "false"}, ["plain", "failed", "slow", "chat", "decided"]),
        ({"min_duration_ns": 10**9}, ["slow"]),
        ({"min_duration_ns": 10**9 + 1}, []),
        ({"service": "b"}, ["slow", "decided"]),
        ({"service": "B"}, []),
        ({"name": "get /CHAT"}, ["chat"]),
        ({"name": "/"}, ["plain", "failed", "slow", "chat", "decided"]),
        ({"model": "gpt-x"}, ["chat", "decided"]),
        ({"model": "gpt"}, []),
        ({"model": "gpt-x", "service": "b"}, ["decided"]),
    ]
    for filters, names in expected:
        assert listed(api, **filters) == [ids[name] for name in names], filters


def test_what_an_agent_repeats_is_counted_once(api, sender, clock):
    agent = {"gen_ai.operation.name": "invoke_agent"}
    start = clock() - MINUTE_NS
    sender.spans(
        {"start_ns": start, "trace_id": TRACE, "attributes": chat(**agent)},
        {"start_ns": start + 1, "trace_id": TRACE, "attributes": chat()},
        {"start_ns": start + 2, "trace_id": b"\x02" * 16, "attributes": chat(**agent)},
    )
    tokens = {item["trace_id"]: item["tokens"] for item in api.get("/v1/traces")["items"]}
    assert tokens == {TRACE.hex(): 120, ("02" * 16): 120}
    assert api.get("/v1/overview")["totals"]["tokens_input"] == 200
    usage = api.get("/v1/usage", group_by="meter", meter="input")["items"]
    assert [(item["quantity"], item["events"]) for item in usage] == [("200", 2)]


def test_a_trace_without_a_root(api, sender, clock):
    sender.spans({"start_ns": clock() - 5, "trace_id": TRACE, "parent_span_id": ROOT})
    (item,) = api.get("/v1/traces")["items"]
    assert (item["root_name"], item["root_service"]) == ("", "")
    assert api.get(f"/v1/traces/{TRACE.hex()}")["spans"][0]["parent_span_id"] == ROOT.hex()


def test_an_unknown_trace_is_not_found(api):
    problem = api.problem(f"/v1/traces/{TRACE.hex()}")
    assert (problem["status"], problem["title"]) == (404, "Not found")
    assert TRACE.hex() in problem["detail"]


def test_a_long_trace_is_cut_and_says_so(api, sender, clock, monkeypatch):
    monkeypatch.setattr(traces, "SPANS_MAX", 3)
    start = clock() - MINUTE_NS
    spans = [{"start_ns": start + number, "trace_id": TRACE} for number in range(4)]
    sender.spans(*spans[:3])
    assert not api.get(f"/v1/traces/{TRACE.hex()}")["truncated"]
    sender.spans(spans[3])
    trace = api.get(f"/v1/traces/{TRACE.hex()}")
    assert trace["truncated"]
    assert [span["start_time"] for span in trace["spans"]] == [
        timestamp(start + number) for number in range(3)
    ]


def test_decisions_and_logs_of_the_trace_come_with_it(api, sender, clock):
    start = clock() - MINUTE_NS
    sender.spans({"start_ns": start, "trace_id": TRACE, "span_id": ROOT})
    sender.logs(
        {"time_unix_nano": start + 2, "trace_id": TRACE, "span_id": ROOT, "body": "two"},
        {"time_unix_nano": start + 1, "trace_id": TRACE, "body": "one"},
        {"time_unix_nano": start + 1, "trace_id": b"\x09" * 16, "body": "elsewhere"},
        {
            "time_unix_nano": start + 3,
            "trace_id": TRACE,
            "event_name": "answerable.decision",
            "attributes": decision(decision__id="by log"),
        },
    )
    trace = api.get(f"/v1/traces/{TRACE.hex()}")
    assert [log["body"] for log in trace["logs"]] == ["one", "two", None]
    assert [one["decision_id"] for one in trace["decisions"]] == ["by log"]
    assert api.get("/v1/traces")["items"][0]["decisions"] == 1
