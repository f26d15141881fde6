"""Stores the benchmarks fill, and the statements they fill them with."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from sql import queries
from sql.client import Store
from sql.migrate import Migrator
from sql.settings import StoreSettings

HERE = Path(__file__).parent
#: Settings of collector/commit.py that a view's time depends on.
AS_INGEST_DOES = {"optimize_on_insert": 0, "query_plan_enable_optimizations": 0}


def statement(name: str) -> str:
    return queries.body((HERE / name).read_text(encoding="utf-8"))


def opened(directory: str, database: str) -> Store:
    settings = StoreSettings(
        store=SecretStr(f"chdb://{directory}?database={database}"), store_query_timeout_s=600
    )
    store = Store.open(settings)
    Migrator(store).apply()
    return store
