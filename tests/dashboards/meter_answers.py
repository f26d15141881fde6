"""Answers about budgets, prices and invoices in the shape of the API, as a running service gave
them for a small world."""

from tests.dashboards.answers import HOSTILE, at
from tests.dashboards.cost_answers import money

MONTH = {"from": "2026-11-01T00:00:00.000000000Z", "to": "2026-12-01T00:00:00.000000000Z"}


def budget(**changes):
    state = {
        "window": MONTH,
        "spent": "80",
        "charged": "70",
        "ahead": "10",
        "held": "5",
        "remaining": "15",
        "used": "0.85",
        "decision": "downgrade",
        "crossed": ["0.8"],
        "resets_at": MONTH["to"],
        "suspended": None,
        "unconverted": [],
        "open": 2,
        **changes.pop("state", {}),
    }
    return {
        "budget_id": "maths",
        "tenant": "north",
        "name": "Maths *department*",
        "scope": {"project": "grading", "user": "", "key": "", "model": "", "feature": ""},
        "limit": "100",
        "currency": "USD",
        "window": {"kind": "calendar", "period": "month", "time_zone": "Europe/Paris"},
        "thresholds": [
            {"at": "0.8", "answer": "downgrade", "model": "gpt-5-nano"},
            {"at": "0.95", "answer": "defer", "model": ""},
        ],
        "hard": True,
        "suspends": True,
        "unknown_price": {"policy": "deny", "cap": None},
        "per_request_cap": None,
        "reservation_ttl_s": 120,
        "default_output_tokens": 4096,
        "version": 2,
        "changed_at": at(),
        "changed_by": "k1",
        "level": "project",
        "parents": [],
        "state": state,
        **changes,
    }


def budgets(*items, suspensions=()):
    return {
        "as_of": at(),
        "items": list(items),
        "suspensions": list(suspensions),
        "next_cursor": None,
    }


def definition(limit):
    return {"limit": limit, "currency": "USD", "hard": True}


def history(**changes):
    def slot(day, spent):
        return {"at": f"2026-11-{day:02}T00:00:00.000000000Z", "spent": spent, "charged": spent}

    entry = {
        "time": at(-60),
        "op": "reserve",
        "reservation_id": "r-1",
        "amount": "0.5",
        "currency": "USD",
        "decision": "deny",
        "reason": "over_limit",
        "model": "gpt-5",
        "user": HOSTILE,
    }

    def version(number, op, limit, reason):
        body = None if limit is None else definition(limit)
        when = at(-3600 * (9 - number))
        made = {"version": number, "op": op, "changed_at": when, "changed_by": "dana"}
        return {**made, "reason": reason, "definition": body}

    return {
        "as_of": at(),
        "window": MONTH,
        "versions": [version(1, "put", "50", "plan"), version(2, "put", "100", "more pupils")],
        "series": [slot(5, "20"), slot(10, "45"), slot(20, "78")],
        "entries": [entry],
        "next_cursor": None,
        **changes,
    }


def reservations():
    item = {
        "reservation_id": "r-77",
        "tenant": "north",
        "state": "open",
        "project": "grading",
        "user": "",
        "model": "gpt-5-mini",
        "reserved": "2.5",
        "currency": "USD",
        "created_at": at(-20),
        "expires_at": at(100),
    }
    return {"as_of": at(), "items": [item], "next_cursor": None}


def forecast(**changes):
    days = [f"2026-11-{day:02}" for day in range(23, 31)]
    ahead = [{"day": day, "low": "4", "expected": "6", "high": "9"} for day in days]
    return {
        "as_of": at(),
        "known_at": at(),
        "currency": "USD",
        "coverage": "0.97",
        "note": None,
        "history": [{"day": "2026-11-22", "cost": "5"}, {"day": "2026-11-23", "cost": "2"}],
        "forecast": ahead,
        "month": {
            "month": "2026-11",
            "spent": "80",
            "low": "110",
            "expected": "122",
            "high": "140",
            "level": "0.8",
        },
        "runs_out": {
            "budget_id": "maths",
            "limit": "100",
            "exceeded": False,
            "low": "2026-11-25",
            "expected": "2026-11-26",
            "high": None,
        },
        "backtest": {
            "n": 70,
            "days": 7,
            "mape": 0.083,
            "wmape": 0.08,
            "naive_wmape": 0.11,
            "coverage": 0.82,
        },
        **changes,
    }


def unknown_forecast():
    """What a service says that has seen three days."""
    nothing = {"low": None, "expected": None, "high": None}
    month = {"month": "2026-11", "spent": "80", "level": "0.8", **nothing}
    return forecast(
        note="Not enough history: 14 whole days are needed since the first charge.",
        forecast=[{"day": "2026-11-23", **nothing}],
        month=month,
        runs_out={"budget_id": "maths", "limit": "100", "exceeded": False, **nothing},
        backtest=None,
    )


def price(**changes):
    return {
        "price_id": "p-1",
        "tenant": "",
        "provider": "openai",
        "model": "gpt-5-mini | gpt-5-mini-2025-08-07",
        "meter": "input",
        "service_tier": "",
        "above": 0,
        "kind": "price",
        "amount": "0.00000025",
        "per_million": "0.25",
        "currency": "USD",
        "unit": "tokens",
        "valid_from": None,
        "valid_to": None,
        "recorded_at": at(-86_400),
        "change_id": "c-1",
        "source": "genai-prices 0.2.3",
        "source_url": "https://openai.com/api/pricing/",
        "actor": "answerable",
        "approver": "",
        "reason": "price list",
        **changes,
    }


def prices(*items, next_cursor=None):
    return {"as_of": at(), "known_at": at(), "items": list(items), "next_cursor": next_cursor}


def price_history():
    now = price(
        price_id="p-2",
        amount="0.0000002",
        per_million="0.2",
        valid_from="2026-11-01T00:00:00.000000000Z",
        recorded_at=at(),
        reason="contract of 1 November",
        approver="cfo",
        source="contract 7",
        source_url="javascript:alert(1)",
        superseded_by=[],
    )
    other = price(price_id="p-3", service_tier="batch", per_million="0.1", superseded_by=[])
    return {"known_at": at(), "items": [now, other, price(superseded_by=["p-2"])]}


def resolved(**changes):
    return {
        "tenant": "",
        "provider": "openai",
        "model": "gpt-5-mini",
        "meter": "input",
        "amount": "0.00000025",
        "per_million": "0.25",
        "currency": "USD",
        "unit": "tokens",
        "rule": "list price",
        "valid_from": None,
        "valid_to": None,
        "rows": [price()],
        "why_not": None,
        **changes,
    }


def restatements():
    book = {
        "book_version": 4,
        "published_at": at(),
        "points": 12_000,
        "change_id": "c-2",
        "actor": "k1",
        "approver": "cfo",
        "reason": "contract signed late",
        "state": "final",
        "late_prices": 17,
        "corrections": 1200,
        "cost_changes": {"USD": "-12.5", "EUR": "3"},
    }
    return {"items": [book], "next_cursor": None}


def invoice(**changes):
    return {
        "invoice_id": "inv-1",
        "tenant": None,
        "name": "openai-2026-11.csv",
        "format": "openai",
        "content_sha256": "0" * 64,
        "first_day": "2026-11-01",
        "last_day": "2026-11-22",
        "providers": ["openai"],
        "lines": 1234,
        "amounts": {"USD": "110.5"},
        "scopes": {},
        "imported_by": "k1",
        "imported_at": at(),
        **changes,
    }


def invoices(*items):
    return {"as_of": at(), "items": list(items), "next_cursor": None}


def difference(theirs, ours, causes, **more):
    parts = {name: {"amount": amount, "quantity": "0"} for name, amount in causes.items()}
    moved = str(float(theirs) - float(ours))
    base = {"currency": "USD", "theirs": theirs, "ours": ours, "variance": moved, "causes": parts}
    return {**base, **more}


def reconciled(**changes):
    whole = {"missing_telemetry": "8", "price": "3", "rounding": "-0.5", "unexplained": "0"}
    sides = {"their_quantity": "1200", "our_quantity": "1100", "unit": "tokens"}
    items = [
        difference("80", "70", {"missing_telemetry": "8", "price": "2"}, side="both", **sides),
        difference("30.5", "30", {"price": "1", "rounding": "-0.5"}, side="theirs", **sides),
    ]
    names = ("gpt-5", HOSTILE)
    return {
        "invoice": invoice(),
        "known_at": at(),
        "items": [
            {**one, "model": name, "day": "2026-11-03", "meter": "input"}
            for one, name in zip(items, names, strict=True)
        ],
        "totals": [difference("110.5", "100", whole)],
        "next_cursor": None,
        **changes,
    }


def coverage(query):
    """What the pages ask the sums for: how much has a price."""
    named = {"tenant": "north"} if query["group_by"] == "tenant" else {}
    one = {**named, **money("70", events=100, unpriced=3)}
    return {"as_of": None, "known_at": at(), "window": MONTH, "items": [one], "next_cursor": None}


def bookings():
    """Charges by kind: what spans said, and one correction."""
    kinds = [{"kind": "usage", **money("70")}, {"kind": "correction", **money("-2.5", events=0)}]
    return {"as_of": None, "known_at": at(), "window": MONTH, "items": kinds, "next_cursor": None}
