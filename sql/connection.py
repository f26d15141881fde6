"""Opening one driver client on an address, with the settings every statement shares."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import clickhouse_connect

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from sql.dsn import StoreAddress
    from sql.settings import StoreSettings

_MIB = 1 << 20


def connect(address: StoreAddress, settings: StoreSettings) -> Client:
    """Open a client that is not yet bound to a database."""
    # The driver logs what it raises as well, with the statement's URL and the rows at fault.
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    shared: dict[str, Any] = {
        "settings": _session(settings),
        "tz_mode": "aware",
        "show_clickhouse_errors": "scrub",
    }
    if address.directory is not None:
        return clickhouse_connect.get_client(
            interface="chdb",
            path=str(address.directory),
            chdb_options=_engine_options(settings),
            **shared,
        )
    return clickhouse_connect.get_client(
        host=address.host,
        port=address.port,
        username=address.username or None,
        password=address.password,
        interface="https" if address.secure else "http",
        connect_timeout=max(1, round(settings.store_connect_timeout_s)),
        # The engine ends a statement first, so that its reason reaches the caller.
        send_receive_timeout=round(settings.store_query_timeout_s) + 10,
        query_retries=0,
        autogenerate_session_id=False,
        dedicated_pool=True,
        client_name="answerable",
        **shared,
    )


def _session(settings: StoreSettings) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        # An acknowledged insert must be a stored one.
        "async_insert": 0,
        "session_timezone": "UTC",
        "max_execution_time": settings.store_query_timeout_s,
    }
    if settings.store_query_memory_mib:
        chosen["max_memory_usage"] = settings.store_query_memory_mib * _MIB
    return chosen


def _engine_options(settings: StoreSettings) -> dict[str, str]:
    if not settings.store_max_memory_mib:
        return {}
    return {"max_server_memory_usage": str(settings.store_max_memory_mib * _MIB)}
