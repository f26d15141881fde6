"""Answers in the shape of the read API: empty, and of one small world with everything in it."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
TRACE = "0af7651916cd43dd8448eb211c80319c"
DECISION = "d-1"
STATES = ("received", "stored", "rejected", "duplicate", "quarantined")
#: What somebody may send to break a page.
HOSTILE = "<script>alert(1)</script> **bold** $x$"


def at(seconds: float = 0, ns: int = 0, now: datetime = NOW) -> str:
    when = now + timedelta(seconds=seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%S") + f".{when.microsecond * 1000 + ns:09d}Z"


def framed(now: datetime = NOW, **body) -> dict:
    return {"window": {"from": at(-3600, now=now), "to": at(now=now)}, "as_of": at(now=now), **body}


def me(**changes) -> dict:
    return {
        "key_id": "k1",
        "name": "ops laptop",
        "roles": ["viewer", "auditor"],
        "tenants": ["north", "south"],
        "all_tenants": False,
        "anonymous": False,
        **changes,
    }


def empty_overview(now: datetime = NOW) -> dict:
    names = ("spans", "logs", "metric_points", "decisions", "errors", "tokens_input")
    totals = dict.fromkeys((*names, "tokens_output", "requests"), 0)
    nothing = {"by_route": {}, "mean_confidence": None}
    return framed(
        now, totals=totals, series=[], bucket_s=30, services=[], models=[], decisions=nothing
    )


def overview(now: datetime = NOW) -> dict:
    series = [
        {
            "time": at(-3600 + 60 * i, now=now),
            "spans": 800 + (i * 37) % 300,
            "errors": (i * 7) % 23,
            "decisions": 120 + (i * 13) % 60,
            "tokens": 40_000 + (i * 7919) % 30_000,
        }
        for i in range(60)
    ]
    total = {name: sum(point[name] for point in series) for name in ("spans", "errors")}
    totals = {
        **total,
        "logs": 18_220,
        "metric_points": 4_410,
        "decisions": sum(point["decisions"] for point in series),
        "tokens_input": 2_412_345,
        "tokens_output": 812_300,
        "requests": 1_240,
    }
    services = [
        {"service": "feedback-model", "spans": 31_220, "errors": 410, "p95_ns": 812_000_000},
        {"service": "lms-connector", "spans": 18_110, "errors": 3, "p95_ns": 91_200_000},
        {"service": HOSTILE, "spans": 12, "errors": 0, "p95_ns": 0},
    ]
    models = [
        {"provider": "anthropic", "model": "claude-5", "requests": 4_310, "tokens": 2_990_000},
        {"provider": "", "model": "rubric-ranker", "requests": 903, "tokens": 0},
    ]
    routes = {"auto": 7_800, "human": 610, "fallback": 122, "": 4}
    return framed(
        now,
        totals=totals,
        series=series,
        bucket_s=60,
        services=services,
        models=models,
        decisions={"by_route": routes, "mean_confidence": 0.8731},
    )


def empty_ledger(now: datetime = NOW) -> dict:
    zero = {"items": 0, "requests": 0, "bytes": 0}
    totals = {state: dict(zero) for state in STATES}
    return framed(now, balanced=True, totals=totals, rows=[], series=[], bucket_s=60, recent=[])


def ledger(now: datetime = NOW, *, balanced: bool = True) -> dict:
    fates = {
        "stored": ("traces", "", 120_340, 300, 40_123_000),
        "rejected": ("logs", "unknown_tenant", 12, 3, 5_120),
        "duplicate": ("traces", "same_body", 512, 1, 98_000),
        "quarantined": ("metrics", "bad_value", 1, 1, 220),
    }
    rows = [
        {
            "tenant": "north",
            "signal": signal,
            "state": state,
            "reason": reason,
            "items": items,
            "requests": requests,
            "bytes": octets,
        }
        for state, (signal, reason, items, requests, octets) in fates.items()
    ]
    units = ("items", "requests", "bytes")
    totals = {row["state"]: {unit: row[unit] for unit in units} for row in rows}
    totals["received"] = {unit: sum(row[unit] for row in rows) for unit in units}
    if not balanced:
        totals["received"]["items"] += 7
    series = [
        {"time": at(-3600 + 60 * i, now=now), "state": state, "items": items, "requests": 3}
        for i in range(60)
        for state, items in (("stored", 1_800 + (i * 97) % 700), ("rejected", (i % 9) * 20))
    ]
    recent = [
        {**row, "time": at(-i, now=now), "request_id": f"req-{i:04d}", "key_id": "k1"}
        for i, row in enumerate(rows * 4)
    ]
    parts = {"totals": totals, "rows": rows, "series": series, "bucket_s": 60, "recent": recent}
    return framed(now, balanced=balanced, **parts)


def page(items: list, now: datetime = NOW, next_cursor: str | None = None) -> dict:
    return framed(now, items=items, next_cursor=next_cursor)


def trace_row(i: int = 0, now: datetime = NOW) -> dict:
    return {
        "tenant": "north",
        "trace_id": TRACE if i == 0 else f"{i:032x}",
        "root_name": "POST /feedback" if i else "POST /feedback/{essay}",
        "root_service": "feedback-api",
        "services": ["feedback-api", "feedback-model"],
        "start_time": at(-i * 7, ns=123_456_789, now=now),
        "duration_ns": 812_345_678 // (1 + i % 5),
        "spans": 7 + i % 4,
        "errors": int(i % 6 == 0),
        "decisions": 1,
        "tokens": 1_312 + 17 * i,
    }


def span(i: int = 0, parent: int | None = None, now: datetime = NOW, **changes) -> dict:
    depth = (i + 1).bit_length() - 1
    return {
        "span_id": f"{i + 1:016x}",
        "parent_span_id": None if parent is None else f"{parent + 1:016x}",
        "name": f"step {i}",
        "kind": "INTERNAL",
        "service": ("feedback-api", "feedback-model", "lms-connector")[i % 3],
        "scope": {"name": "demo", "version": "1.2", "attributes": {}},
        "start_time": at(0.8 * (1 - 0.92**depth) + 0.0003 * i, now=now),
        "duration_ns": int(800_000_000 * 0.72**depth),
        "status": {"code": "UNSET", "message": ""},
        "attributes": {"gen_ai.request.model": "claude-5", "retries": 2, "tags": ["a", "b"]},
        "attribute_types": {"gen_ai.request.model": "string", "retries": "int", "tags": "array"},
        "resource": {"attributes": {"service.name": "feedback-api", "host.name": "n1"}},
        "events": [{"time": at(0.02, now=now), "name": "retry", "attributes": {"wait_ms": 20.5}}],
        "links": [{"trace_id": "f" * 32, "span_id": "e" * 16, "trace_state": "", "attributes": {}}],
        "trace_state": "",
        "flags": 1,
        "dropped": {"attributes": 0, "events": 2, "links": 0},
        **changes,
    }


def trace(spans: int = 7, now: datetime = NOW, **changes) -> dict:
    made = [span(i, None if i == 0 else (i - 1) // 2, now=now) for i in range(spans)]
    for i, one in enumerate(made):
        if i % 50 == 3:
            one["status"] = {"code": "ERROR", "message": "upstream said 529"}
    if made:
        made[0]["name"] = "POST /feedback/{essay}"
    records = [
        {
            "time": at(0.03, now=now),
            "severity": 17,
            "severity_text": "ERROR",
            "body": HOSTILE,
            "attributes": {"attempt": 2},
            "span_id": f"{2:016x}",
            "event_name": "",
        }
    ]
    return {
        "tenant": "north",
        "trace_id": TRACE,
        "start_time": at(now=now),
        "duration_ns": 812_345_678,
        "spans": made,
        "logs": records,
        "decisions": [decision_row(now=now)] if made else [],
        "truncated": False,
        **changes,
    }


def decision_row(i: int = 0, now: datetime = NOW, **changes) -> dict:
    return {
        "tenant": "north",
        "decision_id": f"d-{i + 1}",
        "time": at(-i * 11, ns=5, now=now),
        "name": "feedback-grade",
        "outcome": "B+" if i % 3 else "A-",
        "subject": f"student-{4711 + i}",
        "confidence": None if i % 7 == 6 else 0.99 - (i % 10) * 0.06,
        "service": "feedback-model",
        "model": {"name": "grader", "version": "2026-11-01"},
        "prompt": {"name": "rubric", "version": "14"},
        "policy": {"name": "", "version": ""},
        "route": ("auto", "auto", "human", "fallback")[i % 4],
        "trace_id": TRACE,
        "span_id": f"{3:016x}",
        "datasets": ["warehouse/essays@v12"],
        "tokens": {"input": 1_210, "output": 102},
        "duration_ns": 412_000_000,
        "error": i % 9 == 8,
        **changes,
    }


def decision(now: datetime = NOW, **changes) -> dict:
    return {
        **decision_row(now=now),
        "features": {
            "essay_words": 412,
            "spelling_errors": 7,
            "sentiment": -0.21,
            "similarity_to_sources": 0.3141592,
            "language": "en",
            "handwritten": False,
        },
        "actions": [{"name": "publish_grade", "target": "gradebook"}],
        "usage": [{"meter": "gpu_seconds", "quantity": "0.42"}],
        "source": "span",
        "span": {"answerable.confidence": 0.93, "gen_ai.request.model": "grader"},
        "environment": "production",
        "service_version": "4.2.0",
        **changes,
    }


def bare_decision(now: datetime = NOW) -> dict:
    """A decision of which nothing but its existence was recorded."""
    nothing = {"name": "", "version": ""}
    return decision(
        now,
        name="",
        outcome="",
        subject="",
        confidence=None,
        model=nothing,
        prompt=nothing,
        route="",
        trace_id="",
        span_id="",
        datasets=[],
        tokens=None,
        features={},
        actions=[],
        usage=[],
        source="log",
        environment="",
        service_version="",
        service="",
    )
