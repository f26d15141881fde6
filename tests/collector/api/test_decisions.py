"""Decisions: one in full, and which ones a list finds."""

import base64
import math

from tests.collector.api.kit import BOTH, MINUTE_NS, decision
from web.render import timestamp

TRACE, SPAN = b"\x01" * 16, b"\x11" * 8
FULL = {
    **decision(
        decision__id="essay/42 é",
        decision__name="grade_essay",
        decision__outcome="B+",
        decision__subject="essay-42",
        confidence=0.91,
        model__name="essay-grader",
        model__version="4.2",
        prompt__name="rubric",
        prompt__version="7",
        policy__name="grading",
        policy__version="2",
        route="human",
        action__name="publish_grade",
        action__target="gradebook",
        dataset=["school/rubrics@3", "school/essays@9"],
        feature__words=412,
        feature__similarity=0.18,
        feature__late=True,
        feature__language="en",
        feature__odd=math.nan,
        usage__gpu_seconds=1.5,
    ),
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-x",
    "gen_ai.usage.input_tokens": 1830,
    "gen_ai.usage.output_tokens": 212,
    "gen_ai.usage.cache_read.input_tokens": 1000,
    "raw": b"\xff\x00",
}


def names(api, **params):
    return [item["name"] for item in api.get("/v1/decisions", **params)["items"]]


@BOTH
def test_a_decision_in_full(api, sender, clock):
    start = clock() - MINUTE_NS
    sender.spans(
        {
            "start_ns": start,
            "duration_ns": 84,
            "trace_id": TRACE,
            "span_id": SPAN,
            "attributes": FULL,
            "error": True,
        },
        service="grader",
        resource={"service.version": "1.4.2", "deployment.environment.name": "production"},
    )
    summary = {
        "tenant": "acme",
        "decision_id": "essay/42 é",
        "time": timestamp(start),
        "name": "grade_essay",
        "outcome": "B+",
        "subject": "essay-42",
        "confidence": 0.91,
        "service": "grader",
        "model": {"name": "essay-grader", "version": "4.2"},
        "prompt": {"name": "rubric", "version": "7"},
        "policy": {"name": "grading", "version": "2"},
        "route": "human",
        "trace_id": TRACE.hex(),
        "span_id": SPAN.hex(),
        "datasets": ["school/rubrics@3", "school/essays@9"],
        "tokens": {"input": 1830, "output": 212},
        "duration_ns": 84,
        "error": True,
    }
    assert api.get("/v1/decisions")["items"] == [summary]
    assert api.get(f"/v1/traces/{TRACE.hex()}")["decisions"] == [summary]
    found = api.get("/v1/decisions/essay%2F42%20%C3%A9")
    usage = {(used["meter"], used["unit"]): used["quantity"] for used in found.pop("usage")}
    assert usage == {
        ("cache_read", "tokens"): "1000",
        ("gpu_seconds", "seconds"): "1.5",
        ("input", "tokens"): "830",
        ("output", "tokens"): "212",
        ("requests", "requests"): "1",
    }
    attributes, types = found.pop("span"), found.pop("span_attribute_types")
    assert attributes["raw"] == base64.b64encode(b"\xff\x00").decode()
    assert attributes["answerable.dataset"] == ["school/rubrics@3", "school/essays@9"]
    assert attributes.keys() == types.keys() == FULL.keys()
    assert found == {
        **summary,
        "source": "span",
        "service_version": "1.4.2",
        "environment": "production",
        "features": {"words": 412, "similarity": 0.18, "late": 1, "language": "en", "odd": "NaN"},
        "actions": [{"name": "publish_grade", "target": "gradebook"}],
        "resource": {
            "service.name": "grader",
            "service.version": "1.4.2",
            "deployment.environment.name": "production",
        },
        "body": None,
    }


def test_a_decision_without_an_id_is_found_by_its_span(api, sender, clock):
    span = {"start_ns": clock() - 5, "span_id": SPAN, "attributes": decision(confidence=1)}
    sender.spans(span)
    found = api.get(f"/v1/decisions/{SPAN.hex()}")
    assert (found["decision_id"], found["name"], found["confidence"]) == (SPAN.hex(), "work", 1.0)
    assert (found["tokens"], found["usage"], found["actions"], found["features"]) == (
        None,
        [],
        [],
        {},
    )


def test_a_decision_that_came_as_a_log_record(api, sender, clock):
    at = clock() - MINUTE_NS
    span = {"trace_id": TRACE, "span_id": SPAN, "start_ns": at - MINUTE_NS}
    sender.spans({**span, "attributes": {"gen_ai.usage.input_tokens": 5}})
    record = {
        "time_unix_nano": at,
        "trace_id": TRACE,
        "span_id": SPAN,
        "event_name": "answerable.decision",
        "severity_number": 17,
        "body": {"why": ["because"]},
        "attributes": decision(decision__id="d1", decision__name="triage", confidence=math.nan),
    }
    sender.logs(record)
    found = api.get("/v1/decisions/d1")
    assert (found["source"], found["name"], found["error"]) == ("log", "triage", True)
    assert found["body"] == {"why": ["because"]}
    assert found["confidence"] is None
    assert found["span"]["answerable.confidence"] == "NaN"
    assert {used["meter"]: used["quantity"] for used in found["usage"]} == {
        "input": "5",
        "requests": "1",
    }


def test_a_log_record_on_its_own_has_no_trace(api, sender):
    event = {"event_name": "answerable.decision", "body": "x"}
    sender.logs({**event, "attributes": decision(decision__id="alone")})
    found = api.get("/v1/decisions/alone")
    assert (found["trace_id"], found["span_id"], found["usage"]) == (None, None, [])
    assert found["body"] == "x"


def test_a_span_speaks_before_a_log_record_of_the_same_id(api, sender, clock):
    attributes = decision(decision__id="both")
    sender.spans({"start_ns": clock() - MINUTE_NS, "attributes": attributes})
    sender.logs({"event_name": "answerable.decision", "attributes": attributes})
    assert api.get("/v1/decisions/both")["source"] == "span"


def test_an_unknown_decision_is_not_found(api):
    for wanted in ("none", "a/b", "%00"):
        assert api.problem(f"/v1/decisions/{wanted}")["status"] == 404


@BOTH
def test_filters_find_what_they_name(api, sender, clock):
    variants = {
        "plain": {},
        "sure": {"confidence": 0.9},
        "unsure": {"confidence": 0.25},
        "human": {"route": "human"},
        "graded": {"decision__outcome": "B+"},
        "about": {"decision__subject": "essay-1"},
        "modelled": {"model__name": "grader"},
    }
    for number, (name, attributes) in enumerate(variants.items()):
        span = {"start_ns": clock() - number - 1}
        span["attributes"] = decision(decision__name=f"Do {name}", **attributes)
        sender.spans(span, service="b" if name == "plain" else "a")
    expected = [
        ({}, list(variants)),
        ({"min_confidence": 0.25}, ["sure", "unsure"]),
        ({"min_confidence": 0.26}, ["sure"]),
        ({"max_confidence": 0.25}, ["unsure"]),
        ({"min_confidence": 0, "max_confidence": 1}, ["sure", "unsure"]),
        ({"min_confidence": 0.5, "max_confidence": 0.4}, []),
        ({"route": "human"}, ["human"]),
        ({"outcome": "B+"}, ["graded"]),
        ({"outcome": "B"}, []),
        ({"subject": "essay-1"}, ["about"]),
        ({"model": "grader"}, ["modelled"]),
        ({"service": "b"}, ["plain"]),
        ({"name": "do SURE"}, ["sure"]),
        ({"name": "sure"}, ["sure", "unsure"]),
    ]
    for filters, wanted in expected:
        assert names(api, **filters) == [f"Do {name}" for name in wanted], filters
