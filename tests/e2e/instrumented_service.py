"""A service that uses answerable_instrument, run as a program by test_instrument.py.

`python instrumented_service.py ENDPOINT KEY PROTOCOL` sends everything the library can record
and prints the ids as one JSON line; it exits with 1 where not all of it was taken.
"""

from __future__ import annotations

import json
import sys

import answerable_instrument as answerable


def main(endpoint: str, key: str, protocol: str) -> int:
    """Record one of each, flush, and say what was recorded."""
    ids: dict[str, str] = {}
    with answerable.configure(
        endpoint,
        key,
        "grader",
        service_version="1.4.2",
        environment="test",
        protocol="grpc" if protocol == "grpc" else "http/protobuf",
    ) as telemetry:
        ids["full"] = full_decision()
        ids["failed"] = failed_decision()
        with answerable.decision("bare", id=f"bare/{protocol}") as bare:
            ids["bare"] = bare.id
        answerable.review(
            ids["full"],
            reviewer="teacher-12",
            verdict="changed",
            queue_ms=42_000,
            duration_ms=9_500,
            reason="too strict",
        )
        sent = telemetry.flush(timeout_s=20)
        print(json.dumps({"ids": ids, "problems": telemetry.problems, "sent": sent}))  # noqa: T201
    return 0 if sent and not telemetry.problems else 1


def full_decision() -> str:
    """Record a decision with every field, and a connector call inside it."""
    with answerable.decision(
        "grade_essay",
        subject="essay-1",
        model="essay-grader",
        model_version="4.2",
        prompt="rubric",
        prompt_version="7",
        datasets=["school/rubrics@2026-09"],
        policy="grading",
        policy_version="2",
    ) as decision:
        with answerable.connector_call(
            "gradebook", "read_essay", version="2.3", credential_id="gradebook-ro"
        ) as call:
            call.retry(2).schema_hash("sha256:1f")
        decision.dataset("lms/essays@2026-11-01")
        decision.features(words=412, ratio=0.25, language="en", late=False)
        decision.tokens(
            input=1830,
            output=212,
            cache_read=1024,
            cache_write=100,
            reasoning=40,
            provider="openai",
        )
        decision.usage(gpu_seconds=0.5)
        decision.confidence(0.91).route("auto")
        decision.outcome("B+").action("publish_grade", "gradebook")
    return decision.id


def failed_decision() -> str:
    """Record a decision whose connector call fails."""
    decision = answerable.decision("grade_essay", subject="essay-404")
    try:
        with decision, answerable.connector_call("gradebook", "read_essay"):
            raise TimeoutError("no answer from the gradebook")
    except TimeoutError:
        return decision.id


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
