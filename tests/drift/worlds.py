"""Small worlds of decisions, stored so that every view of the table decisions sees them."""

import itertools

from drift.parts import DriftParts
from drift.settings import DriftSettings

SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
DAY_NS = 24 * HOUR_NS

_numbers = itertools.count(1)


def drift_parts(store, clock, **settings):
    """Parts on the test's clock; nothing waits for late rows unless told otherwise."""
    ids = itertools.count(1)
    chosen = {"cube_lag_s": 0.0, **settings}
    return DriftParts(store, clock, lambda: f"id{next(ids)}", DriftSettings(**chosen))


def decision(
    time_ns, *, features=None, received_ns=None, tenant="school-a", model="grader", **more
):
    """One row of decisions; texts and numbers of `features` go where they belong.

    A row is received when it was made unless told otherwise. A time of long ago would end it:
    the engine forgets by `received_at`.
    """
    features = features or {}
    number = {name: float(value) for name, value in features.items() if not isinstance(value, str)}
    row = {
        "tenant": tenant,
        "time": time_ns,
        "decision_id": f"d{next(_numbers)}",
        "source": "span",
        "name": "grade",
        "outcome": "",
        "subject": "",
        "confidence": None,
        "model_name": model,
        "model_version": "1",
        "prompt_name": "",
        "prompt_version": "",
        "policy_name": "",
        "policy_version": "",
        "route": "",
        "action_name": "",
        "action_target": "",
        "datasets": [],
        "feature_number": number,
        "feature_string": {k: v for k, v in features.items() if isinstance(v, str)},
        "embeddings": {},
        "tokens_input": None,
        "tokens_output": None,
        "duration_ns": 0,
        "is_error": False,
        "service_name": "grading",
        "service_version": "",
        "environment": "production",
        "trace_id": b"\0" * 16,
        "span_id": b"\0" * 8,
        "origin_id": 0,
        "received_at": time_ns if received_ns is None else received_ns,
    }
    unknown = set(more) - set(row)
    assert not unknown, unknown
    return {**row, **more}


def decide(store, rows):
    """Store decisions in one insert."""
    store.insert("decisions", rows)


def decisions(start_ns, count, every_ns, features, **more):
    """Make rows at a steady pace.

    Parameters
    ----------
    features
        Function of the row's number that gives its features.
    """
    return [decision(start_ns + i * every_ns, features=features(i), **more) for i in range(count)]
