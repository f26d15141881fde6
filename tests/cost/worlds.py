"""Small worlds of charges: a book that tests publish, spans stored as the service does it."""

import time
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cost.parts import CostParts
from cost.restatement import Restatement
from cost.rollups import Rollups
from cost.settings import CostSettings

FAR_NS = 4_102_444_800_000_000_000

_ANY = "Tuple(String, String, UInt8, Int64, Float64, Array(String), String, String)"

#: Spans of calls, from the table `events` straight into the table that every traces view reads.
_STORE_EVENTS = f"""
INSERT INTO otlp_spans
    (tenant, verdict, request_id, body_hash, received_at, start_time, is_decision, is_usage, span)
SELECT
    tenant, '', 'r', 'h', now64(9, 'UTC'), fromUnixTimestamp64Nano(at_ns, 'UTC'), 0, 1,
    (
        unhex(leftPad(hex(n), 32, '0')), unhex(leftPad(hex(n), 16, '0')), '', '', 'call', 3,
        at_ns, at_ns,
        CAST([
            ('gen_ai.provider.name', ('string', 'openai', 0, 0, 0., [], '', '')),
            ('gen_ai.response.model', ('string', model, 0, 0, 0., [], '', '')),
            ('gen_ai.usage.input_tokens', ('int', '', 0, input, 0., [], '', '')),
            ('gen_ai.usage.output_tokens', ('int', '', 0, output, 0., [], '', ''))
        ], 'Map(String, {_ANY})'),
        0, [], 0, [], 0, ('', 0), 1
    )
FROM events
WHERE batch = {{batch:UInt32}}
"""


def point(model, meter, amount, **more):
    return {
        "book_version": 1,
        "tenant": "",
        "provider": "openai",
        "model": model,
        "meter": meter,
        "service_tier": "",
        "valid_from": 0,
        "valid_to": FAR_NS,
        "currency": "USD",
        "above": [0],
        "amounts": [Decimal(amount)],
        "list_amounts": [Decimal(amount)],
        "price_ids": [f"{model}/{meter}/{amount}"],
        "rules": ["list"],
        **more,
    }


def cost_parts(store, **settings):
    """Parts on the machine's clock, as the engine's clock books charges."""
    chosen = {"rollup_lag_s": 0, **settings}
    return CostParts(store, time.time_ns, lambda: "id", CostSettings(**chosen))


def publish(store, version, points, *, change_id="", reason="", approver=""):
    """Publish a book and make the insert know it."""
    if points:
        store.insert("price_points", [{**one, "book_version": version} for one in points])
    book = {"book_version": version, "published_at": time.time_ns(), "points": len(points)}
    named = {"change_id": change_id, "actor": "ann", "approver": approver, "reason": reason}
    store.insert("price_books", [book | named])
    store.run_text("SYSTEM RELOAD DICTIONARY price_points_dictionary", tag="tests")


def restate(parts):
    """Run every restatement that is due, until none is."""
    job = Restatement(parts)
    done = []
    while due := job.due():
        done.append(job.restate(due[0]))
    return done


def roll_up(parts):
    rollups = Rollups(parts)
    rollups.publish(rollups.state())


def rows(store, text, **parameters):
    with store.handle() as client:
        return [dict(row) for row in client.query(text, parameters=parameters).named_results()]


def one(store, text, **parameters):
    return next(iter(rows(store, text, **parameters)[0].values()))


def write_events(store, path, rng, count, *, models, tenants, from_ns, to_ns, batches):
    """Make random calls and put them into a table of their own; give them as columns."""
    columns = {
        "n": np.arange(1, count + 1, dtype=np.uint64),
        "batch": rng.integers(0, batches, count, dtype=np.uint32),
        "tenant": rng.integers(0, len(tenants), count),
        "model": rng.integers(0, len(models), count),
        "at_ns": rng.integers(from_ns, to_ns, count, dtype=np.uint64),
        "input": rng.integers(1, 200_000, count),
        "output": rng.integers(1, 20_000, count),
    }
    table = pa.table(
        {
            **columns,
            "tenant": pa.array(np.array(tenants)[columns["tenant"]]),
            "model": pa.array(np.array(models)[columns["model"]]),
        }
    )
    pq.write_table(table, path)
    store.run_text(
        "CREATE TABLE events (n UInt64, batch UInt32, tenant String, model String, "
        "at_ns UInt64, input Int64, output Int64) ENGINE = MergeTree ORDER BY (batch, n)",
        tag="tests",
    )
    store.insert_file("events", path, "Parquet")
    return columns


def store_events(store, batch):
    store.run_text(_STORE_EVENTS, {"batch": batch}, tag="tests")
