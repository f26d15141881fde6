"""One call is counted once: repeats of agents, calls that two spans report, spans sent again."""

from decimal import Decimal

import pytest

from cost.adoption import Adoption
from cost.doubles import Doubles
from sql.migrate import Migrator
from tests.collector.api.kit import HOUR_NS, Sender
from tests.cost import worlds
from tests.cost.worlds import point

SUMS = """
    SELECT sum(c.cost) AS cost, sum(c.unpriced) AS unpriced, sum(c.events) AS events,
        sumIf(c.quantity, c.meter = 'input') AS input,
        sumIf(c.quantity, c.meter = 'requests') AS requests
    FROM charges AS c FINAL WHERE c.state != 'aggregate'
"""


@pytest.fixture
def store(embedded):
    opened = embedded.open()
    Migrator(opened).apply()
    worlds.publish(opened, 1, [point("gpt-a", "input", "0.000003")])
    return opened


@pytest.fixture
def parts(store):
    return worlds.cost_parts(store, aggregate_settle_s=0)


@pytest.fixture
def sender(store, tmp_path, clock):
    return Sender(store, tmp_path, clock)


def usage(clock, operation="chat", *, tokens=1000, model="gpt-a", response="", **span):
    attributes = {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": "openai",
        "gen_ai.response.model": model,
        "gen_ai.usage.input_tokens": tokens,
    }
    if response:
        attributes["gen_ai.response.id"] = response
    return {"start_ns": clock() - HOUR_NS, "attributes": attributes, **span}


def sums(store):
    return worlds.rows(store, SUMS)[0]


def test_an_agent_s_repeat_of_its_calls_is_not_charged(store, parts, sender, clock):
    trace = sender.trace_id()
    sender.spans(usage(clock, trace_id=trace), usage(clock, "invoke_agent", trace_id=trace))
    Adoption(parts).run()
    assert sums(store)["cost"] == Decimal("0.003")


def test_what_only_an_agent_reports_is_adopted_once(store, parts, sender, clock):
    sender.spans(usage(clock, "invoke_agent"))
    assert sums(store)["cost"] == 0
    job = Adoption(parts)
    job.run()
    job.run()
    Adoption(parts).run()
    assert sums(store) == {
        "cost": Decimal("0.003"),
        "unpriced": 0,
        "events": 1,
        "input": 1000,
        "requests": 1,
    }


def test_of_nested_agents_the_outermost_is_adopted(store, parts, sender, clock):
    trace, outer, inner = sender.trace_id(), b"outer-id", b"inner-id"
    between = {"name": "tool", "trace_id": trace, "span_id": b"between!", "parent_span_id": outer}
    sender.spans(
        usage(clock, "invoke_workflow", tokens=5000, trace_id=trace, span_id=outer),
        {"start_ns": clock() - HOUR_NS, **between},
        usage(clock, "invoke_agent", trace_id=trace, span_id=inner, parent_span_id=b"between!"),
    )
    Adoption(parts).run()
    assert sums(store)["input"] == 5000


def test_spans_that_are_each_other_s_parents_end_the_job_all_the_same(store, parts, sender, clock):
    trace, one, two = sender.trace_id(), b"number-1", b"number-2"
    sender.spans(
        usage(clock, "invoke_agent", trace_id=trace, span_id=one, parent_span_id=two),
        usage(clock, "invoke_agent", trace_id=trace, span_id=two, parent_span_id=one),
    )
    Adoption(parts).run()
    assert sums(store)["input"] == 0


def test_an_adoption_is_taken_back_when_the_calls_report_after_all(store, parts, sender, clock):
    trace = sender.trace_id()
    sender.spans(usage(clock, "invoke_agent", trace_id=trace))
    job = Adoption(parts)
    job.run()
    sender.spans(usage(clock, tokens=900, trace_id=trace))
    job.run()
    job.run()
    assert sums(store)["input"] == 900
    assert sums(store)["cost"] == Decimal("0.0027")


def test_an_adopted_charge_follows_the_price_book(store, parts, sender, clock):
    sender.spans(usage(clock, "invoke_agent"))
    Adoption(parts).run()
    worlds.publish(store, 2, [point("gpt-a", "input", "0.000009")])
    worlds.restate(parts)
    assert sums(store)["cost"] == Decimal("0.009")


def test_an_agent_whose_usage_has_not_settled_is_left_alone(store, sender, clock):
    sender.spans(usage(clock, "invoke_agent"))
    Adoption(worlds.cost_parts(store, aggregate_settle_s=3600)).run()
    assert sums(store)["input"] == 0


def test_a_call_seen_by_sdk_and_gateway_is_counted_once_with_evidence(store, parts, sender, clock):
    sender.spans(usage(clock, response="resp-1"), service="sdk")
    sender.spans(usage(clock, response="resp-1"), service="gateway")
    sender.spans(usage(clock, response="resp-2"))
    assert sums(store)["requests"] == 3
    job = Doubles(parts)
    job.run()
    job.run()
    Doubles(parts).run()
    assert sums(store) == {
        "cost": Decimal("0.006"),
        "unpriced": 0,
        "events": 2,
        "input": 2000,
        "requests": 2,
    }
    reasons = worlds.rows(
        store, "SELECT DISTINCT reason, service_name FROM charges WHERE kind = 'reversed'"
    )
    assert [row["service_name"] for row in reasons] == ["gateway"]
    assert reasons[0]["reason"].startswith("same response as span ")


def test_the_report_with_a_price_is_kept_though_it_came_second(store, parts, sender, clock):
    sender.spans(usage(clock, response="resp-1", model="my-deployment"))
    sender.spans(usage(clock, response="resp-1"))
    Doubles(parts).run()
    found = sums(store)
    assert (found["cost"], found["unpriced"], found["events"]) == (Decimal("0.003"), 0, 1)


def test_one_tenant_s_response_id_says_nothing_about_another_s(store, parts, sender, clock):
    sender.spans(usage(clock, response="resp-1"), tenant="acme")
    sender.spans(usage(clock, response="resp-1"), tenant="zeta")
    Doubles(parts).run()
    assert sums(store)["input"] == 2000


def test_a_reversed_double_stays_reversed_through_a_price_change(store, parts, sender, clock):
    sender.spans(usage(clock, response="resp-1"))
    sender.spans(usage(clock, response="resp-1"))
    Doubles(parts).run()
    worlds.publish(store, 2, [point("gpt-a", "input", "0.000009")])
    worlds.restate(parts)
    found = sums(store)
    assert (found["cost"], found["events"]) == (Decimal("0.009"), 1)


def test_a_span_sent_again_counts_once_in_the_sums_too(store, parts, sender, clock):
    span = usage(clock, trace_id=b"t" * 16, span_id=b"s" * 8)
    sender.spans(span)
    worlds.roll_up(parts)
    sender.spans(span)
    text = (
        "SELECT sum(c.cost), sum(c.events) FROM (SELECT cost, events, hour "
        "FROM charge_sums(known_ns = {known_ns:Int64})) AS c"
    )
    (before,) = worlds.rows(store, text, known_ns=parts.clock())
    worlds.roll_up(parts)
    (after,) = worlds.rows(store, text, known_ns=parts.clock())
    assert [*before.values()] == [*after.values()] == [Decimal("0.003"), 1]


def test_sums_a_crash_left_unpublished_are_never_read(store, parts, sender, clock, monkeypatch):
    sender.spans(usage(clock))
    monkeypatch.setattr(store, "insert", _crash)
    with pytest.raises(RuntimeError):
        worlds.roll_up(parts)
    monkeypatch.undo()
    worlds.roll_up(parts)
    for view in ("charge_sums", "charge_user_sums"):
        text = f"SELECT sum(c.cost) FROM (SELECT cost FROM {view}(known_ns = {{k:Int64}})) AS c"
        assert worlds.one(store, text, k=parts.clock()) == Decimal("0.003")


def _crash(*_args, **_more):
    raise RuntimeError
