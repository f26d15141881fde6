"""Reviews: attributes and the time the span covers."""

import answerable_instrument as answerable


def test_every_attribute_and_the_span_of_time(spans):
    answerable.review(
        "d-1",
        reviewer="ana",
        verdict="approved",
        queue_ms=42_000,
        duration_ms=9_500,
        reason="rubric met",
        tenant="north",
        at_ns=1_700_000_000_000_000_000,
    )
    span = spans.named("answerable.review")
    assert dict(span.attributes) == {
        "answerable.review.decision_id": "d-1",
        "answerable.review.reviewer": "ana",
        "answerable.review.verdict": "approved",
        "answerable.review.queue_ms": 42_000,
        "answerable.review.duration_ms": 9_500,
        "answerable.review.reason": "rubric met",
        "tenant.id": "north",
    }
    assert span.end_time == 1_700_000_000_000_000_000
    assert span.end_time - span.start_time == 9_500_000_000


def test_the_tenant_comes_from_the_context(spans):
    with answerable.tenant("south"):
        answerable.review("d-1", reviewer="ana", verdict="rejected")
    assert spans.attributes("answerable.review")["tenant.id"] == "south"


def test_bad_durations_are_left_out(spans):
    answerable.review("d", reviewer="a", verdict="approved", queue_ms=-1, duration_ms=float("nan"))
    span = spans.named("answerable.review")
    assert "answerable.review.queue_ms" not in span.attributes
    assert span.end_time == span.start_time
    assert len(span.attributes["answerable.instrument.warning"]) == 2
