"""Drift from the sender to the heat map, over a running service whose jobs count by themselves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

HOUR_NS = 3_600_000_000_000


def decisions(start_ns: int, values: list[float], first: int) -> bytes:
    """Write spans that are decisions with one number, one text and one embedding each."""
    spans = []
    for number, value in enumerate(values):
        at = start_ns + number * 1_000_000
        attributes = [
            {"key": "answerable.model.name", "value": {"stringValue": "grader"}},
            {"key": "answerable.feature.words", "value": {"doubleValue": value}},
            {"key": "answerable.feature.language", "value": {"stringValue": "en"}},
            {
                "key": "answerable.embedding.essay",
                "value": {"arrayValue": {"values": [{"doubleValue": value}, {"doubleValue": 1}]}},
            },
        ]
        spans.append(
            {
                "traceId": f"{first + number:032x}",
                "spanId": f"{first + number:016x}",
                "name": "grade",
                "kind": 2,
                "startTimeUnixNano": str(at),
                "endTimeUnixNano": str(at + 1_000_000),
                "attributes": attributes,
            }
        )
    scopes = [{"scope": {"name": "tests"}, "spans": spans}]
    return json.dumps({"resourceSpans": [{"resource": {}, "scopeSpans": scopes}]}).encode()


def test_a_shift_shows_by_itself(new_service: Callable[..., Any]) -> None:
    running = new_service(
        environ={"ANSWERABLE_CUBE_INTERVAL_S": "0.5", "ANSWERABLE_CUBE_LAG_S": "0.5"}
    ).start()
    sender = running.make_key("sender", ["ingest"], ["school-a"])
    operator = running.make_key("operator", ["operator"], ["school-a"])
    now = time.time_ns()
    json_type = {"Content-Type": "application/json"}

    def send(start_ns: int, values: list[float], first: int) -> None:
        with running.client(sender) as client:
            body = decisions(start_ns, values, first)
            assert client.post("/v1/traces", content=body, headers=json_type).json() == {}

    send(now - 30 * HOUR_NS, [float(i % 50) for i in range(200)], 1)
    asked = {"id": "june", "model": "grader", "from": "-31h", "to": "-29h"}
    with running.client(operator) as client:
        made = client.post("/v1/references", json=asked)
    assert made.status_code == 201, made.text
    assert made.json()["decisions"] == 200
    send(now - 2 * HOUR_NS, [100.0 + i % 50 for i in range(100)], 1000)

    def latest() -> dict[str, Any]:
        answer = running.get("/v1/drift/features", operator, reference="june", **{"from": "-3h"})
        (row,) = (one for one in answer["features"] if one["feature"] == "words")
        return max(row["cells"], key=lambda cell: cell["n"])

    running.wait_for(lambda: latest()["n"] == 100, 120)
    assert latest()["estimate"] > 1
    # What comes late for that hour is in it, too.
    send(now - 2 * HOUR_NS, [5.0] * 20, 5000)
    running.wait_for(lambda: latest()["n"] == 120, 120)
    compared = running.get(
        "/v1/drift/compare", operator, reference="june", features="words", **{"from": "-3h"}
    )
    distance = next(
        one for one in compared["items"][0]["results"] if one["statistic"] == "kolmogorov_smirnov"
    )
    assert (distance["n_reference"], distance["n_current"]) == (200, 120)
    assert abs(distance["estimate"] - 100 / 120) < 0.15
    assert running.get("/v1/drift/models", operator)["items"][0]["references"] == ["june"]
    assert running.stop() == 0
