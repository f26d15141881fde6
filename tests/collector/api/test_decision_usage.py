"""What a decision used: its own figures, else those of the calls beneath it."""

from collector.api.decision_usage import descendants
from tests.collector.api.kit import MINUTE_NS, decision

TRACE = b"\x01" * 16
ROOT, AGENT, CALL, OTHER = (bytes([number]) * 8 for number in (0x11, 0x12, 0x13, 0x14))
FIRST = {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 7}
CACHED = {**FIRST, "gen_ai.usage.cache_read.input_tokens": 60}


def spans(sender, start_ns, root, agent, call):
    shared = {"start_ns": start_ns, "trace_id": TRACE}
    sender.spans(
        {**shared, "span_id": ROOT, "attributes": {**decision(decision__id="d1"), **root}},
        {**shared, "span_id": AGENT, "parent_span_id": ROOT, "attributes": agent},
        {**shared, "span_id": CALL, "parent_span_id": AGENT, "attributes": call},
        {**shared, "span_id": OTHER, "attributes": FIRST},
    )


def read(api):
    found = api.get("/v1/decisions/d1")
    return found["tokens"], {row["meter"]: row["quantity"] for row in found["usage"]}


def test_the_calls_beneath_it_are_added_up(api, sender, clock):
    agent = {**FIRST, "gen_ai.operation.name": "invoke_agent"}
    spans(sender, clock() - MINUTE_NS, {}, agent, CACHED)
    tokens, usage = read(api)
    assert tokens == {"input": 100, "output": 7}
    assert usage == {"cache_read": "60", "input": "40", "output": "7", "requests": "1"}


def test_its_own_figures_are_the_whole(api, sender, clock):
    own = {"gen_ai.usage.input_tokens": 500, "gen_ai.usage.output_tokens": 9}
    spans(sender, clock() - MINUTE_NS, own, {}, CACHED)
    tokens, usage = read(api)
    assert tokens == {"input": 500, "output": 9}
    assert usage["input"] == "500"


def test_no_usage_is_said_to_be_none(api, sender, clock):
    spans(sender, clock() - MINUTE_NS, {}, {}, {})
    assert read(api) == (None, {})


def test_a_cycle_ends():
    edges = [
        {"span_id": "b", "parent_span_id": "a"},
        {"span_id": "a", "parent_span_id": "b"},
        {"span_id": "c", "parent_span_id": "b"},
    ]
    assert descendants("a", edges) == {"b", "c"}
