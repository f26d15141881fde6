"""Charges for tests: rows as the ledger holds them, and sums of them worked out in Python."""

import itertools
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Context, Decimal, localcontext

from cost.parts import CostParts
from cost.rollups import Rollups, RollupState
from cost.settings import CostSettings
from sql.client import Store

SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
DAY_NS = 24 * HOUR_NS

#: Key of an item -> column of a charge.
COLUMNS = {
    "tenant": "tenant",
    "user": "user",
    "project": "project",
    "provider": "provider",
    "model": "model",
    "prompt": "prompt_name",
    "prompt_version": "prompt_version",
    "feature": "product_feature",
    "connector": "connector",
    "service": "service_name",
    "environment": "environment",
    "operation": "operation",
    "meter": "meter",
    "unit": "unit",
    "tier": "service_tier",
    "kind": "kind",
    "currency": "currency",
}

_numbers = itertools.count(1)


def charge(time_ns, booked_ns=None, **values):
    """Make a row of the ledger; by default a priced usage of one cent."""
    number = next(_numbers)
    row = {
        "tenant": "acme",
        "time": time_ns,
        "trace_id": number.to_bytes(16, "big"),
        "span_id": number.to_bytes(8, "big"),
        "meter": "input",
        "entry": "",
        "kind": "usage",
        "state": "priced",
        "state_reason": "",
        "unit": "tokens",
        "quantity": Decimal(100),
        "unpriced": 0,
        "events": 1,
        "service_tier": "",
        "currency": "USD",
        "cost": Decimal("0.01"),
        "provider": "openai",
        "model": "gpt-x",
        "operation": "chat",
        "service_name": "grader",
        "environment": "production",
        "project": "",
        "user": "",
        "product_feature": "",
        "connector": "",
        "prompt_name": "",
        "prompt_version": "",
        "received_at": time_ns,
        "booked_at": time_ns if booked_ns is None else booked_ns,
        **values,
    }
    row.setdefault("list_cost", row["cost"])
    return row


def unpriced(time_ns, booked_ns=None, **values):
    """Make a row that waits for a price."""
    waiting = {"state": "unpriced", "unpriced": 1, "cost": Decimal(0), "currency": ""}
    return charge(time_ns, booked_ns, **{**waiting, **values})


def booking(original, kind, booked_ns, **values):
    """Make a further row of the same key that adds a difference."""
    nothing = {"quantity": Decimal(0), "events": 0, "unpriced": 0, "cost": Decimal(0)}
    entry = f"{kind}-{next(_numbers)}"
    row = {**original, **nothing, "kind": kind, "entry": entry, "state": "priced", **values}
    return {**row, "booked_at": booked_ns, "list_cost": row["cost"]}


@dataclass
class Ledger:
    """A store's charges, and the same rows here."""

    store: Store
    clock: object
    rows: list = field(default_factory=list)
    blocks: list = field(default_factory=lambda: [0])

    @property
    def parts(self):
        ids = itertools.count(1)
        return CostParts(self.store, self.clock, lambda: f"id-{next(ids)}", CostSettings())

    def book(self, *rows):
        self.store.insert("charges", rows)
        self.rows += rows

    def roll_up(self, watermark_ns):
        """Sum up, by the job's own statements, what was booked until then."""
        state = RollupState(self.blocks[-1], watermark_ns, 1, 0)
        Rollups(self.parts).publish(state)
        self.blocks.append(watermark_ns)

    def held(self, known_ns):
        """Rows that were known then, of each key the one booked first."""
        first = {}
        for row in sorted(self.rows, key=lambda row: row["booked_at"]):
            key = tuple(row[name] for name in ("tenant", "time", "trace_id", "span_id", "meter"))
            first.setdefault((*key, row["entry"]), row)
        return [
            row
            for row in first.values()
            if row["booked_at"] <= known_ns and row["state"] != "aggregate"
        ]


def keys_of(row, names):
    """Read the keys of a charge as an item shows them."""
    at = datetime.fromtimestamp(row["time"] // SECOND_NS, UTC)
    times = {"month": f"{at:%Y-%m}", "day": f"{at:%Y-%m-%d}", "hour": f"{at:%Y-%m-%dT%H}"}
    times["hour"] += ":00:00.000000000Z"
    return tuple(times[name] if name in times else row[COLUMNS[name]] for name in names)


def added(rows, names, rate=None):
    """Add up rows by keys and currency: cost, list cost, quantity, events, unpriced."""
    sums = defaultdict(lambda: [Decimal(0)] * 3 + [0] * 2)
    with localcontext(Context(prec=120)):
        for row in rows:
            factor = rate(row) if rate and row["currency"] else Decimal(1)
            held = sums[(*keys_of(row, names), "EUR" if rate else row["currency"])]
            held[0] += row["cost"] * factor
            held[1] += row["list_cost"] * factor
            held[2] += row["quantity"]
            held[3] += row["events"]
            held[4] += row["unpriced"]
    return dict(sums)


def random_ledger(seed, start_ns, days, spans, within_ns=DAY_NS):
    """Draw charges of some days, or of shorter stretches, with all that is booked later."""
    rng = random.Random(seed)
    rows = []
    for _ in range(spans):
        time_ns = start_ns + rng.randrange(days * within_ns)
        rows += _span(rng, time_ns, time_ns + rng.randrange(1, 6 * HOUR_NS))
    return rows


def _span(rng, time_ns, booked_ns):
    named = {
        "tenant": rng.choice(["acme", "beta", "answerable"]),
        "user": rng.choice(["", "u1", "u2", "u3"]),
        "project": rng.choice(["", "p1", "p2"]),
        "model": rng.choice(["gpt-x", "gpt-y"]),
        "provider": rng.choice(["openai", "azure"]),
        "prompt_name": rng.choice(["", "rubric"]),
        "prompt_version": rng.choice(["1", "2"]),
        "product_feature": rng.choice(["", "feedback"]),
        "service_name": rng.choice(["grader", "tutor"]),
        "service_tier": rng.choice(["", "batch"]),
        "meter": rng.choice(["input", "output"]),
        "currency": rng.choice(["USD", "USD", "GBP"]),
        "quantity": Decimal(rng.randrange(1, 10**6)),
        "cost": Decimal(rng.randrange(1, 10**17)).scaleb(-18),
        "list_cost": Decimal(rng.randrange(1, 10**17)).scaleb(-18),
    }
    fate = rng.random()
    if fate < 0.05:
        return [charge(time_ns, booked_ns, **{**named, "state": "aggregate", "events": 0})]
    if fate < 0.25:
        row = unpriced(time_ns, booked_ns, **{**named, "cost": Decimal(0), "list_cost": Decimal(0)})
        row["currency"] = ""
        if fate < 0.15:
            return [row]
        late = {"currency": named["currency"], "cost": named["cost"], "unpriced": -1}
        return [row, booking(row, "late_price", booked_ns + rng.randrange(3 * DAY_NS), **late)]
    row = charge(time_ns, booked_ns, **named)
    if fate < 0.45:
        difference = -row["cost"] / 2 if fate < 0.35 else row["cost"]
        difference = difference.quantize(Decimal(1).scaleb(-18))
        later = booked_ns + rng.randrange(3 * DAY_NS)
        return [row, booking(row, "correction", later, cost=difference)]
    if fate < 0.6:
        # Sent again with another count: the first booking holds.
        again = {**row, "cost": row["cost"] * 3, "booked_at": booked_ns + rng.randrange(1, DAY_NS)}
        return [row, again]
    return [row]
