"""Answers in the shape of the cost meter's API: a small world with money in it."""

from decimal import Decimal

from tests.dashboards.answers import NOW, at

#: What the API writes for a stretch of time.
WINDOW = {"from": at(-3600), "to": at()}


def money(cost="1.25", currency="USD", *, events=100, unpriced=0, **more):
    """One sum; a cost of None is a group of which nothing has a price."""
    share = f"{1 - Decimal(unpriced) / events:.6f}".rstrip("0").rstrip(".") if events else None
    return {
        "currency": None if cost is None else currency,
        "cost": cost,
        "list_cost": more.pop("list_cost", cost),
        "events": events,
        "unpriced": unpriced,
        "coverage": share,
        "quarantined": more.pop("quarantined", 0),
        **more,
    }


def costs(items=(), totals=None, *, next_cursor=None, now=NOW):
    return {
        "window": {"from": at(-3600, now=now), "to": at(now=now)},
        "as_of": None,
        "known_at": at(now=now),
        "currency": None,
        "items": list(items),
        "totals": [money("0", currency=None, events=0)] if totals is None else totals,
        "next_cursor": next_cursor,
    }


def sums(query):
    """Two hours of three models and one that nothing is known of, grouped as asked."""
    hours = ("2026-11-23T21:00:00.000000000Z", "2026-11-23T22:00:00.000000000Z")
    models = {"claude-5": "3.5", "gpt-5-mini": "0.25", "mystery-1": None}
    place = {
        "tenant": "north",
        "project": "grading",
        "feature": "feedback",
        "prompt": "rubric",
        "prompt_version": "7",
        "service": "feedback-model",
        "provider": "anthropic",
        "meter": "input",
        "tier": "",
        "user": "user-7",
        "connector": "",
        "day": "2026-11-23",
        "month": "2026-11",
    }
    items = [
        {**place, "hour": hour, "model": model}
        | (money(cost, events=40) if cost else money(None, events=20, unpriced=20))
        for hour in hours
        for model, cost in models.items()
    ]
    totals = [money("7.5", events=200, unpriced=40, list_cost="9", quarantined=3)]
    wanted = {"prompt_version", *query.get("group_by", "").split(",")}
    known = {*items[0]} - {*place, "hour", "model"}
    shown = [{key: value for key, value in one.items() if key in wanted | known} for one in items]
    return costs(shown, totals)


EFFECTS = {
    "volume": "2",
    "mix": "0",
    "tokens_per_call": "1.5",
    "cache_share": "-0.25",
    "retries": "0.125",
    "other_meters": "0",
    "price": "-0.375",
    "currency": "0",
    "coverage": "0",
    "adjustments": "0",
}


def moved(**changes):
    return {
        "baseline": "4.5",
        "current": "7.5",
        "delta": "3",
        "effects": dict(EFFECTS),
        "coverage": {"baseline": "1", "current": "0.8"},
        **changes,
    }


def explanation(**changes):
    return {
        "window": WINDOW,
        "baseline_window": {"from": at(-7200), "to": at(-3600)},
        "as_of": None,
        "known_at": at(),
        "currency": "USD",
        "per": "window",
        **moved(),
        "calls": {"baseline": "90", "current": "140"},
        "retries": {"baseline": "0", "current": "2"},
        "folded": [],
        "items": [
            {"dimension": "prompt", "value": "rubric@7", "values": 1, **moved()},
            {"dimension": "prompt", "value": None, "values": 4, **moved(delta="0", effects={})},
        ],
        "causes": [],
        **changes,
    }


def units(query):
    if query["group_by"] == "none":
        return costs([money("7.5", events=200, unpriced=40, count=1200, unit_cost="0.00625")])
    rows = [
        {"prompt": "rubric", "prompt_version": "7"},
        {"prompt": "", "prompt_version": ""},
    ]
    named = [{**row, "model": "claude-5", "tenant": "north", "service": "x"} for row in rows]
    known = money("6", count=600, unit_cost="0.01")
    unknown = money(None, events=40, unpriced=40, count=600, unit_cost=None)
    return costs([{**named[0], **known}, {**named[1], **unknown}])


def unpriced():
    item = {
        "tenant": "north",
        "provider": "acme",
        "model": "mystery-1",
        "meter": "input",
        "unit": "tokens",
        "tier": "",
        "reason": "no_price",
        "charges": 40,
        "quantity": "18300",
        "first": at(-3600),
        "last": at(),
    }
    return {"window": WINDOW, "as_of": None, "known_at": at(), "currency": None, "items": [item]}
