"""Labels and the health of a model through the running service, a crash included."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.e2e.test_service import cli, send

HOUR_NS = 3_600_000_000_000
TENANT = "labelled"


def spans(rows: list[tuple[str, str, float]], end_ns: int) -> bytes:
    """An OTLP/JSON request of decisions: id, outcome, confidence; over the two days before."""
    found = []
    for number, (name, outcome, confidence) in enumerate(rows):
        at = end_ns - 48 * HOUR_NS + number * 48 * HOUR_NS // len(rows)
        texts = {
            "answerable.decision.id": name,
            "answerable.decision.outcome": outcome,
            "answerable.model.name": "loan",
        }
        attributes = [{"key": key, "value": {"stringValue": text}} for key, text in texts.items()]
        attributes.append({"key": "answerable.confidence", "value": {"doubleValue": confidence}})
        found.append(
            {
                "traceId": f"{number + 1:032x}",
                "spanId": f"{number + 1:016x}",
                "name": "decide",
                "startTimeUnixNano": str(at),
                "endTimeUnixNano": str(at + 1000),
                "attributes": attributes,
            }
        )
    scopes = [{"scope": {"name": "tests"}, "spans": found}]
    return json.dumps({"resourceSpans": [{"resource": {}, "scopeSpans": scopes}]}).encode()


def test_labels_join_decisions_and_outlive_a_crash(new_service: Callable[..., Any]) -> None:
    running = new_service().start()
    sender = running.make_key("sender", ["ingest"], [TENANT])
    viewer = running.make_key("viewer", ["viewer"], [TENANT])
    rng = np.random.default_rng(1)
    confidence = rng.uniform(0.5, 1, 600).round(3)
    right = rng.random(600) < confidence
    names = [f"d{number}" for number in range(600)]
    labels = [
        {"decision_id": name, "label": "yes" if is_right else "no"}
        for name, is_right in zip(names, right, strict=True)
    ]

    def post(items: list[dict[str, Any]]) -> dict[str, Any]:
        with running.client(sender) as client:
            answer = client.post("/v1/labels", json={"items": items})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    # Labels of half the decisions come before them, and the service dies right after its answer.
    assert post(labels[:300])["waiting"] == 300
    running.kill()
    running.start()
    rows = [(name, "yes", float(sure)) for name, sure in zip(names, confidence, strict=True)]
    assert send(running, sender, spans(rows, time.time_ns())).status_code == 200
    again = post(labels)
    assert (again["unchanged"], again["stored"], again["waiting"]) == (300, 300, 0)

    answer = running.get(
        "/v1/drift/performance", viewer, model="loan", step="week", **{"from": "-3d"}
    )
    realised = [one["realised"] for one in answer["items"] if one["realised"]]
    assert sum(one["n"] for one in realised) == 600
    total = sum(one["accuracy"]["estimate"] * one["n"] for one in realised) / 600
    assert abs(total - right.mean()) < 1e-9
    assert answer["calibration"]["method"] == "none"
    calibration = running.get("/v1/drift/calibration", viewer, model="loan", **{"from": "-3d"})
    assert calibration["n"] == 600
    assert calibration["ece"]["low"] <= 0.05

    stranger = running.make_key("stranger", ["viewer"], ["another"])
    assert running.get("/v1/labels", stranger)["items"] == []
    with running.client(viewer) as client:
        assert client.post("/v1/labels", json={"items": labels}).status_code == 403
    listed = cli(running, "labels", "list", "--limit", "5", "--json", key=viewer)
    assert len(json.loads(listed.stdout)["items"]) == 5
