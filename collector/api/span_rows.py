"""Rows of spans, logs and origins as answers show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.api.anyvalue import packed_map, typed_maps, unpack
from web.render import hex_id, timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sql.client import Store

Row = dict[str, Any]

_KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
_STATUSES = ("UNSET", "OK", "ERROR")


class Origins:
    """Resources and scopes of one tenant's rows, read once, shared by the rows that name them."""

    def __init__(self, store: Store, tenant: str, rows: Sequence[Row]) -> None:
        wanted = sorted({row["origin_id"] for row in rows})
        found = (
            store.query("collector/origins", {"tenant": tenant, "origin_ids": wanted})
            if wanted
            else []
        )
        self._resources = {row["origin_id"]: _resource(row) for row in found}
        self._scopes = {row["origin_id"]: _scope(row) for row in found}

    def resource(self, origin_id: int) -> dict[str, Any]:
        """Give the resource a row came from."""
        return self._resources.get(origin_id, _NO_RESOURCE)

    def scope(self, origin_id: int) -> dict[str, Any]:
        """Give the instrumentation scope a row came from."""
        return self._scopes.get(origin_id, _NO_SCOPE)


def span(row: Row, origins: Origins) -> dict[str, Any]:
    """Render one span."""
    attributes, types = typed_maps(row)
    return {
        "span_id": row["id"],
        "parent_span_id": hex_id(row["parent_id"]),
        "name": row["name"],
        "kind": _named(_KINDS, row["kind"]),
        "service": row["service_name"],
        "scope": origins.scope(row["origin_id"]),
        "resource": origins.resource(row["origin_id"]),
        "start_time": timestamp(row["start_ns"]),
        "duration_ns": row["duration_ns"],
        "status": {
            "code": _named(_STATUSES, row["status_code"]),
            "message": row["status_message"],
        },
        "attributes": attributes,
        "attribute_types": types,
        "events": [_event(event) for event in row["packed_events"]],
        "links": [_link(link) for link in row["packed_links"]],
        "trace_state": row["trace_state"],
        "flags": row["flags"],
        "dropped": {
            "attributes": row["dropped_attributes_count"],
            "events": row["dropped_events_count"],
            "links": row["dropped_links_count"],
        },
    }


def log(row: Row) -> dict[str, Any]:
    """Render one log record."""
    attributes, types = typed_maps(row)
    return {
        "time": timestamp(row["time_ns"]),
        "observed_time": timestamp(row["observed_ns"]) if row["observed_ns"] else None,
        "severity": row["severity_number"],
        "severity_text": row["severity_text"],
        "body": unpack(row["packed_body"])[0],
        "attributes": attributes,
        "attribute_types": types,
        "span_id": hex_id(row["span"]),
        "event_name": row["event_name"],
        "service": row["service_name"],
        "dropped_attributes_count": row["dropped_attributes_count"],
    }


def _named(names: Sequence[str], number: int) -> str:
    return names[number] if 0 <= number < len(names) else str(number)


def _event(held: tuple[Any, ...]) -> dict[str, Any]:
    time_ns, name, packed, dropped = held
    attributes, types = packed_map(packed)
    return {
        "time": timestamp(time_ns),
        "name": name,
        "attributes": attributes,
        "attribute_types": types,
        "dropped_attributes_count": dropped,
    }


def _link(held: tuple[Any, ...]) -> dict[str, Any]:
    trace_id, span_id, trace_state, packed, dropped, flags = held
    attributes, types = packed_map(packed)
    return {
        "trace_id": trace_id,
        "span_id": span_id,
        "trace_state": trace_state,
        "attributes": attributes,
        "attribute_types": types,
        "dropped_attributes_count": dropped,
        "flags": flags,
    }


def _resource(row: Row) -> dict[str, Any]:
    attributes, types = packed_map(row["packed_resource"])
    return {
        "attributes": attributes,
        "attribute_types": types,
        "schema_url": row["resource_schema_url"],
        "dropped_attributes_count": row["resource_dropped"],
    }


def _scope(row: Row) -> dict[str, Any]:
    attributes, types = packed_map(row["packed_scope"])
    return {
        "name": row["scope_name"],
        "version": row["scope_version"],
        "attributes": attributes,
        "attribute_types": types,
        "schema_url": row["scope_schema_url"],
        "dropped_attributes_count": row["scope_dropped"],
    }


_NO_RESOURCE: dict[str, Any] = {
    "attributes": {},
    "attribute_types": {},
    "schema_url": "",
    "dropped_attributes_count": 0,
}
_NO_SCOPE: dict[str, Any] = {"name": "", "version": "", **_NO_RESOURCE}
