"""Reads back what a service stored: through its API, and once it has stopped from its store.

`python -m tests.e2e.readback DIRECTORY` prints the metric points and log records of a store, for
which there is no endpoint; it is a process of its own because the engine holds one directory.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from collector.api import span_rows
from collector.api.anyvalue import typed_maps
from sql.client import Store
from sql.settings import StoreSettings

ROOT = Path(__file__).resolve().parents[2]
#: Integers beyond are text in answers, because JavaScript would round them.
SAFE_INTEGER = 2**53 - 1
READ_TIMEOUT_S = 60

_TYPED_MAPS = """
    attr_string, attr_int, attr_double, attr_bool,
    mapApply((k, v) -> (k, arrayMap(x -> hex(x), v)), attr_array) AS attr_array_hex,
    mapApply((k, v) -> (k, hex(v)), attr_other) AS attr_other_hex
"""
_POINTS = f"""
SELECT tenant, metric, description, unit, toString(kind) AS kind, temporality, is_monotonic,
    toUnixTimestamp64Nano(time) AS time_ns, start_time_unix_nano, value_double, value_int, count,
    sum, min, max, bucket_counts, explicit_bounds, scale, zero_count, zero_threshold,
    positive_offset, positive_counts, negative_offset, negative_counts, quantiles, flags,
    service_name, origin_id, {_TYPED_MAPS}
FROM metric_points ORDER BY tenant, metric, time
"""
_LOGS = f"""
SELECT tenant, toUnixTimestamp64Nano(time) AS time_ns, observed_time_unix_nano AS observed_ns,
    severity_number, severity_text, event_name, flags, origin_id, service_name,
    lower(hex(trace_id)) AS trace_id, lower(hex(span_id)) AS span, dropped_attributes_count,
    multiIf(body.kind = 'string', concat('s', body.string_value),
        body.kind = 'kvlist', concat('k', hex(body.kvlist_value)), 'n') AS packed_body,
    {_TYPED_MAPS}
FROM logs ORDER BY tenant, time
"""

Row = dict[str, Any]


def typed(shown: Row) -> dict[str, tuple[str, Any]]:
    """Type and value of every attribute of a span, log, event, link, scope or resource."""
    assert shown["attributes"].keys() == shown["attribute_types"].keys()
    return {
        name: (shown["attribute_types"][name], value) for name, value in shown["attributes"].items()
    }


def as_sent(attributes: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """What `typed` gives for attributes that were sent as these Python values."""
    return {name: (_kind(value), _shown(value)) for name, value in attributes.items()}


def _kind(value: Any) -> str:
    kinds = {
        str: "string",
        bool: "bool",
        int: "int",
        float: "double",
        bytes: "bytes",
        dict: "kvlist",
        type(None): "none",
    }
    return kinds.get(type(value), "array")


def _shown(value: Any) -> Any:
    match value:
        case bool() | None | str():
            return value
        case int():
            return value if abs(value) <= SAFE_INTEGER else str(value)
        case bytes():
            return base64.b64encode(value).decode()
        case dict():
            return {key: _shown(item) for key, item in value.items()}
        case list() | tuple():
            return [_shown(item) for item in value]
        case _:
            return value


def from_otlp_json(pairs: list[Row]) -> dict[str, Any]:
    """Attributes of OTLP/JSON as Python values."""
    return {pair["key"]: value_from_otlp_json(pair["value"]) for pair in pairs}


def value_from_otlp_json(value: Row) -> Any:
    """One AnyValue of OTLP/JSON as a Python value."""
    [(kind, held)] = value.items()
    match kind:
        case "intValue":
            return int(held)
        case "doubleValue":
            return float(held)
        case "arrayValue":
            return [value_from_otlp_json(item) for item in held["values"]]
        case "kvlistValue":
            return from_otlp_json(held["values"])
        case _:
            return held


def read_trace(service: Any, trace_id: str | int, tenant: str) -> Row:
    """One trace; what was acknowledged is there at once, so there is nothing to wait for."""
    text = f"{trace_id:032x}" if isinstance(trace_id, int) else trace_id.lower()
    found: Row = service.get(f"/v1/traces/{text}", tenant=tenant)
    return found


def spans_by_name(trace: Row) -> dict[str, Row]:
    """The spans of a trace by name; no two may share one."""
    found = {span["name"]: span for span in trace["spans"]}
    assert len(found) == len(trace["spans"])
    return found


def amounts(service: Any, tenant: str, **params: str) -> dict[tuple[str, str, str], int]:
    """Items in the ledger by signal, state and reason; it must balance."""
    ledger = service.get("/v1/ledger", tenant=tenant, **params)
    assert ledger["balanced"], ledger["unbalanced"]
    return {(row["signal"], row["state"], row["reason"]): row["items"] for row in ledger["rows"]}


def stop_and_read(service: Any) -> dict[str, list[Row]]:
    """Stop a service and read the metric points and log records from its store."""
    assert service.stop() == 0, service.log
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.readback", str(service.data_dir / "store")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=READ_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[Row]] = json.loads(done.stdout)
    return found


def _points(store: Store) -> list[Row]:
    with store.handle() as client:
        rows = list(client.query(_POINTS).named_results())
    return [_located(store, row) for row in rows]


def _logs(store: Store) -> list[Row]:
    with store.handle() as client:
        rows = list(client.query(_LOGS).named_results())
    return [
        {**span_rows.log(row), **_located(store, row), "trace_id": row["trace_id"]} for row in rows
    ]


def _located(store: Store, row: Row) -> Row:
    """Replace the columns of attributes and origin by what they hold."""
    attributes, types = typed_maps(row)
    origins = span_rows.Origins(store, row["tenant"], [row])
    kept = {name: value for name, value in row.items() if not name.startswith("attr_")}
    return {
        **kept,
        "attributes": attributes,
        "attribute_types": types,
        "resource": origins.resource(row["origin_id"]),
        "scope": origins.scope(row["origin_id"]),
    }


def _main(directory: str) -> None:
    store = Store.open(StoreSettings(store=SecretStr(f"chdb://{directory}")))
    try:
        print(json.dumps({"metric_points": _points(store), "logs": _logs(store)}))  # noqa: T201
    finally:
        store.close()


if __name__ == "__main__":
    _main(sys.argv[1])
