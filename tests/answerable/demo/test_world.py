"""What the simulated platform sends: the same for a seed, complete, and with its incident."""

from __future__ import annotations

from collections import Counter
from statistics import mean

import pytest
from opentelemetry.trace import SpanKind

import answerable_instrument
from answerable.demo.simulation import LAG_S
from answerable.demo.world import (
    COST_INCIDENT,
    COST_PROMPT,
    DIGEST_PROMPT,
    INCIDENT,
    MODELS,
    NS,
    SCHOOLS,
    SERVICES,
)
from tests.answerable.demo.conftest import START_NS, nights, record

HOUR_S = 3600


def _essence(recording):
    return [
        (span.name, span.context.trace_id, span.context.span_id, span.start_time, span.end_time,
         {k: v for k, v in span.attributes.items() if k != "exception.stacktrace"})
        for span in recording.finished
    ]  # fmt: skip


def _during_incident(span):
    return INCIDENT.active(INCIDENT.school, span.start_time)


@pytest.fixture(scope="module")
def essays(recording):
    """Confidence of graded essays by (at the school, during the minutes) of the incident."""
    found = {(school, minutes): [] for school in (True, False) for minutes in (True, False)}
    for span in recording.decisions():
        if span.name == "grade_essay" and "answerable.confidence" in span.attributes:
            at_school = span.attributes["tenant.id"] == INCIDENT.school
            found[at_school, _during_incident(span)].append(
                span.attributes["answerable.confidence"]
            )
    return found


def test_the_same_seed_gives_the_same_spans():
    assert _essence(record(3)) == _essence(record(3))


def test_another_seed_gives_other_spans():
    assert _essence(record(3)) != _essence(record(4))


def test_a_later_run_with_the_same_seed_repeats_no_identifier():
    first, second = record(3), record(3, start_ns=START_NS + NS)
    # Triage is the same for a day, whenever the demo is begun, as the nights are.
    ids = [
        {span.context.span_id for span in each.finished if span.name != "triage_essay"}
        for each in (first, second)
    ]
    decided = [
        {
            span.attributes["answerable.decision.id"]
            for span in each.decisions()
            if span.name != "triage_essay"
        }
        for each in (first, second)
    ]
    assert not ids[0] & ids[1]
    assert not decided[0] & decided[1]


def test_the_hour_before_the_start_is_filled_and_nothing_lies_in_the_future():
    spans = record(7).finished
    assert 3000 <= len(spans) <= 6000
    assert min(span.start_time for span in spans) >= START_NS - (HOUR_S + 120) * NS
    assert max(span.end_time for span in spans) <= START_NS + LAG_S * NS


def test_live_traffic_is_twenty_to_sixty_spans_a_second(recording):
    live = [span for span in recording.finished if span.end_time > START_NS + 10 * NS]
    assert 20 <= len(live) / 50 <= 60


def test_every_decision_says_what_it_saw_which_model_answered_and_how_sure_it_was(recording):
    decisions = [span for span in recording.decisions() if span.status.is_ok]
    assert Counter(span.name for span in decisions).keys() == {
        "grade_essay", "moderate_message", "tutor_reply", "flag_at_risk", "class_digest",
        "triage_essay",
    }  # fmt: skip
    for span in decisions:
        seen = span.attributes
        assert 0 <= seen["answerable.confidence"] <= 1
        assert seen["answerable.model.name"] in {model.name for model in MODELS}
        assert seen["answerable.model.version"]
        assert seen["answerable.route"] in {"auto", "human", "fallback"}
        assert seen["answerable.decision.outcome"]
        assert seen["answerable.action.name"]
        assert sum(name.startswith("answerable.feature.") for name in seen) >= 3


def test_every_span_names_a_school_as_its_tenant(recording):
    assert {span.attributes["tenant.id"] for span in recording.finished} == {
        school.id for school in SCHOOLS
    }
    logged = {log.log_record.attributes["tenant.id"] for log in recording.logs.get_finished_logs()}
    assert logged == {school.id for school in SCHOOLS}


def test_every_service_has_its_own_resource(recording):
    found = {
        (span.resource.attributes["service.name"], span.resource.attributes["service.version"])
        for span in recording.finished
    }
    assert found == {(service.name, service.version) for service in SERVICES}


def test_confidence_falls_at_one_school_in_the_minutes_of_the_incident(essays):
    assert len(essays[True, True]) >= 20
    assert mean(essays[True, False]) - mean(essays[True, True]) > 0.15
    assert abs(mean(essays[False, False]) - mean(essays[False, True])) < 0.03


def test_the_gradebook_rate_limits_and_changes_its_schema_there_and_then(recording):
    statuses = {True: Counter(), False: Counter()}
    for span in recording.finished:
        if span.attributes.get("answerable.connector.name") == "gradebook":
            here = span.attributes["tenant.id"] == INCIDENT.school and _during_incident(span)
            statuses[here][span.attributes["answerable.connector.status"]] += 1
    assert statuses[True]["rate_limited"] / statuses[True].total() > 0.2
    assert statuses[True]["schema_changed"] > 0
    assert statuses[False]["rate_limited"] / statuses[False].total() < 0.05
    assert statuses[False]["schema_changed"] == 0


def test_a_trace_goes_through_services_and_stays_one_tree(recording):
    by_id = {span.context.span_id: span for span in recording.finished}
    nested = [span for span in recording.finished if span.name == "POST /feedback"]
    assert nested
    for span in nested:
        client = by_id[span.parent.span_id]
        assert span.parent.is_remote
        assert client.kind is SpanKind.CLIENT
        assert client.context.trace_id == span.context.trace_id
        assert client.start_time <= span.start_time <= span.end_time <= client.end_time


def test_reviews_links_events_exceptions_and_synthetic_checks_occur(recording):
    spans = recording.finished
    decided = {span.attributes["answerable.decision.id"] for span in recording.decisions()}
    reviews = [span for span in spans if span.name == "answerable.review"]
    assert reviews
    assert {span.attributes["answerable.review.decision_id"] for span in reviews} <= decided
    assert any(span.links for span in spans if span.name == "teacher review session")
    events = Counter(event.name for span in spans for event in span.events)
    assert events.keys() >= {"exception", "rate limited", "first token", "prior grade missing"}
    assert any(span.attributes.get("answerable.synthetic") for span in spans)
    for span in spans:
        assert all(span.start_time <= event.timestamp <= span.end_time for event in span.events)


def test_logs_carry_the_trace_they_belong_to(recording):
    traces = {span.context.trace_id for span in recording.finished}
    logs = recording.logs.get_finished_logs()
    assert len(logs) > 100
    assert {log.log_record.trace_id for log in logs} <= traces


def test_metrics_are_measured_once_live(recording):
    data = recording.metrics.get_metrics_data()
    (scope,) = data.resource_metrics[0].scope_metrics
    kinds = {metric.name: type(metric.data).__name__ for metric in scope.metrics}
    assert kinds["http.server.request.duration"] == "Histogram"
    assert kinds["demo.decisions"] == "Sum"
    assert kinds["demo.gradebook.quota"] == "Gauge"
    for metric in scope.metrics:
        assert all(point.attributes["tenant.id"] for point in metric.data.data_points)


def test_the_library_found_nothing_to_warn_about(monkeypatch):
    monkeypatch.setattr("answerable_instrument.guard._counts", {})
    record(11)
    assert answerable_instrument.warnings_seen() == {}


def _models_called(recording):
    return [span for span in recording.finished if "gen_ai.response.id" in span.attributes]


def test_every_call_of_a_model_says_what_its_cost_is_told_apart_by(recording):
    calls = _models_called(recording)
    assert len(calls) > 200
    projects = {span.attributes["answerable.project"] for span in calls}
    assert projects == {"grading", "tutoring", "class-digests"}
    for span in calls:
        seen = span.attributes
        assert seen["answerable.product.feature"]
        assert seen.get("gen_ai.prompt.version") or seen.get("answerable.prompt.version")
    people = {span.attributes.get("user.id") for span in calls} - {None}
    assert 40 <= len(people) <= 200
    ids = [span.attributes["gen_ai.response.id"] for span in calls]
    assert len(set(ids)) == len(ids)


def test_calls_of_models_are_no_decisions_of_their_own(recording):
    chats = [span for span in recording.finished if span.name.startswith("chat ")]
    assert chats
    for span in chats:
        assert not any(name.startswith("answerable.prompt.") for name in span.attributes)


def test_retries_batches_own_machines_and_a_model_no_list_knows_occur(recording):
    spans = recording.finished
    assert {span.attributes.get("answerable.attempt") for span in spans} == {None, 2}
    tiers = {
        span.attributes.get("openai.response.service_tier")
        or span.attributes.get("answerable.service_tier")
        for span in spans
    }
    assert tiers == {None, "batch"}
    assert any("answerable.usage.gpu_seconds" in span.attributes for span in spans)
    assert any(span.attributes.get("gen_ai.provider.name") == "lexi-labs" for span in spans)


def test_the_tutor_of_one_school_asks_more_and_misses_the_cache_in_its_minutes():
    fresh = {True: [], False: []}
    for span in record(7, live_s=300, start_ns=START_NS + 600 * NS).finished:
        if span.attributes.get("answerable.prompt.name") != "socratic-tutor":
            continue
        seen = span.attributes
        out = seen["answerable.prompt.version"] == COST_PROMPT
        assert out == COST_INCIDENT.active(seen["tenant.id"], span.start_time)
        read = seen.get("gen_ai.usage.cache_read.input_tokens", 0)
        if "gen_ai.usage.input_tokens" in seen:
            fresh[out].append(seen["gen_ai.usage.input_tokens"] - read)
    assert len(fresh[True]) >= 20
    assert mean(fresh[True]) > 2.5 * mean(fresh[False])


def test_the_nights_are_the_same_in_every_run_and_the_last_ones_dearer():
    first, second = nights(START_NS), nights(START_NS + 86_400 * NS)
    since = min(start for _, start, _ in second[0])
    common = [one for one in first[0] if one[1] >= since]
    assert len(common) > 1500
    assert common == second[0][: len(common)]
    dear = [tokens for (school, version), tokens in first[1] if version == DIGEST_PROMPT]
    usual = [tokens for (school, version), tokens in first[1] if version != DIGEST_PROMPT]
    schools = {school for (school, version), _ in first[1] if version == DIGEST_PROMPT}
    assert schools == {COST_INCIDENT.school}
    assert mean(dear) > 1.8 * mean(usual)


def test_no_night_reaches_into_the_hour_that_is_filled():
    ends = [end for _, _, end in nights(START_NS)[0]]
    assert max(ends) < START_NS
    assert min(ends) > START_NS - 37 * 86_400 * NS
