"""Stores the benchmarks fill, and the statements they fill them with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from sql import queries
from sql.client import Store
from sql.migrate import Migrator
from sql.settings import StoreSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
DAY_NS = 86_400_000_000_000
SPANS_A_TRACE = 10
SPANS_AN_INSERT = 50_000
#: Settings of collector/commit.py that a view's time depends on.
AS_INGEST_DOES = {"optimize_on_insert": 0, "query_plan_enable_optimizations": 0}


def statement(name: str) -> str:
    return queries.body((HERE / name).read_text(encoding="utf-8"))


def fill_spans(
    store: Store, text: str, count: int, now_ns: int, settings: Mapping[str, Any] | None = None
) -> None:
    """Insert so many spans by a statement such as read_api_fill.sql, in the day up to now."""
    for first in range(0, count, SPANS_AN_INSERT):
        parameters = {
            "first": first,
            "spans": min(SPANS_AN_INSERT, count - first),
            "start_ns": now_ns - DAY_NS,
            "trace_step_ns": DAY_NS * SPANS_A_TRACE // count,
            "received_ns": now_ns,
        }
        store.run_text(text, parameters, settings=settings, tag="bench")


def opened(directory: str, database: str) -> Store:
    settings = StoreSettings(
        store=SecretStr(f"chdb://{directory}?database={database}"), store_query_timeout_s=600
    )
    store = Store.open(settings)
    Migrator(store).apply()
    return store
