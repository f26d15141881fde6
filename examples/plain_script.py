"""A script that records decisions, a connector call, a failure and a human review."""

import random
import sys

import answerable_instrument as answerable

ESSAYS = {
    "essay-1": "The causes of the war were many.",
    "essay-2": "Photosynthesis is how plants eat.",
}


@answerable.connector_call("gradebook", "read_essay", version="2.3", credential_id="gradebook-ro")
def read_essay(name: str) -> str:
    """Fetch one essay; an unknown name is an error of the connector."""
    return ESSAYS[name]


def grade(name: str, seed: int) -> str:
    """Grade one essay and return the decision's id."""
    with answerable.decision(
        "grade_essay",
        subject=name,
        model="essay-grader",
        model_version="4.2",
        prompt="rubric",
        prompt_version="7",
        datasets=["school/rubrics@2026-09"],
        policy="grading",
        policy_version="2",
    ) as decision:
        text = read_essay(name)
        confidence = random.Random(seed).uniform(0.4, 1.0)
        decision.features(words=len(text.split()), language="en", late=False)
        decision.tokens(input=1200 + len(text), output=180, cache_read=1024, provider="example")
        decision.confidence(confidence)
        decision.route("auto" if confidence >= 0.7 else "human")
        decision.outcome("B+").action("publish_grade", "gradebook")
    return decision.id


def main() -> int:
    """Grade everything, review the first grade, flush."""
    with answerable.configure(service_name="example-script", environment="demo") as telemetry:
        with answerable.tenant("north-school"):
            ids = [grade(name, seed) for seed, name in enumerate(ESSAYS)]
            answerable.review(
                ids[0],
                reviewer="teacher-12",
                verdict="approved",
                queue_ms=42_000,
                duration_ms=9_500,
                reason="matches the rubric",
            )
            try:
                grade("essay-404", seed=2)
            except KeyError:
                print("essay-404 does not exist: recorded as a failed decision")
        sent = telemetry.flush(timeout_s=10)
        print("decisions:", *ids)
        if not sent:
            print(f"{telemetry.endpoint} did not take everything: is Answerable running?")
            return 1
        print(f"sent to {telemetry.endpoint}; look at http://127.0.0.1:8501")
    return 0


if __name__ == "__main__":
    sys.exit(main())
