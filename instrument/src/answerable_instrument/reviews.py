"""Reviews: what a person decided about a decision, and how long that took."""

import time

from answerable_instrument import attributes as names
from answerable_instrument.records import Record, recording
from answerable_instrument.values import as_amount, as_count


class Review(Record):
    """One finished review."""

    __slots__ = ("_end_ns",)

    def __init__(self, at_ns: int | None) -> None:
        super().__init__(names.REVIEW_SPAN)
        self._end_ns = time.time_ns()
        if at_ns is not None:
            self._finished_at(at_ns)

    @recording
    def _finished_at(self, at_ns: int) -> None:
        self._end_ns = as_count(at_ns)

    @recording
    def text(self, attribute: str, value: object) -> None:
        """Set a text attribute."""
        self._put_text(attribute, value)

    @recording
    def milliseconds(self, attribute: str, value: object) -> None:
        """Set a duration attribute."""
        self._put(attribute, as_amount(value))

    def lasted(self) -> None:
        """Start the span as long before its end as the review lasted."""
        duration_ms = self._stored(names.REVIEW_DURATION_MS)
        # Bounded before it is scaled: a span cannot start before 1970.
        longest_ms = self._end_ns / 1e6
        length_ms = min(duration_ms, longest_ms) if isinstance(duration_ms, (int, float)) else 0
        self._start_ns = max(0, self._end_ns - int(length_ms * 1e6))

    def _end(self) -> None:
        self._span.end(self._end_ns)


def review(
    decision_id: str,
    *,
    reviewer: str,
    verdict: str,
    queue_ms: float | None = None,
    duration_ms: float | None = None,
    reason: str | None = None,
    tenant: str | None = None,
    at_ns: int | None = None,
) -> None:
    """Record a human review of a decision.

    Parameters
    ----------
    decision_id
        The reviewed decision's id.
    reviewer
        Who; prefer a pseudonym.
    verdict
        ``approved``, ``rejected``, ``changed``, ``escalated`` or ``abstained``; others are kept.
    queue_ms
        How long the decision waited for the reviewer, in milliseconds.
    duration_ms
        How long the reviewer took, in milliseconds.
    at_ns
        When the verdict was given, in nanoseconds since 1970, for reviews reported late.
    """
    record = Review(at_ns)
    for attribute, value in (
        (names.REVIEW_DECISION_ID, decision_id),
        (names.REVIEW_REVIEWER, reviewer),
        (names.REVIEW_VERDICT, verdict),
        (names.REVIEW_REASON, reason),
        (names.TENANT, tenant),
    ):
        if value is not None:
            record.text(attribute, value)
    for attribute, duration in (
        (names.REVIEW_QUEUE_MS, queue_ms),
        (names.REVIEW_DURATION_MS, duration_ms),
    ):
        if duration is not None:
            record.milliseconds(attribute, duration)
    record.lasted()
    with record:
        pass
