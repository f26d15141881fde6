"""Rows of the decisions table as answers show them."""

from __future__ import annotations

from typing import Any

from web.render import double, finite, hex_id, timestamp

Row = dict[str, Any]


def summary(row: Row) -> dict[str, Any]:
    """Render what a list shows of a decision."""
    return {
        "tenant": row["tenant"],
        "decision_id": row["decision_id"],
        "time": timestamp(row["time_ns"]),
        "name": row["name"],
        "outcome": row["outcome"],
        "subject": row["subject"],
        "confidence": finite(row["confidence"]),
        "service": row["service_name"],
        "model": {"name": row["model_name"], "version": row["model_version"]},
        "prompt": {"name": row["prompt_name"], "version": row["prompt_version"]},
        "policy": {"name": row["policy_name"], "version": row["policy_version"]},
        "route": row["route"],
        "trace_id": hex_id(row["trace"]),
        "span_id": hex_id(row["span"]),
        "datasets": row["datasets"],
        "tokens": _tokens(row),
        "duration_ns": row["duration_ns"],
        "error": row["is_error"],
    }


def features(row: Row) -> dict[str, float | str]:
    """Join numeric and text features, by name."""
    found: dict[str, float | str] = {
        name: double(value) for name, value in row["feature_number"].items()
    }
    found.update(row["feature_string"])
    return dict(sorted(found.items()))


def actions(row: Row) -> list[dict[str, str]]:
    """List what the decision did, if it says so."""
    if not row["action_name"] and not row["action_target"]:
        return []
    return [{"name": row["action_name"], "target": row["action_target"]}]


def _tokens(row: Row) -> dict[str, int] | None:
    if row["tokens_input"] is None and row["tokens_output"] is None:
        return None
    return {"input": row["tokens_input"] or 0, "output": row["tokens_output"] or 0}
