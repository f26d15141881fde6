"""Counts what a stopped service left in its store; run as a process of its own.

    python count_rows.py DIRECTORY

Prints rows as they lie there, without collapsing replaced ones: a row written twice shows.
"""

from __future__ import annotations

import json
import sys

from pydantic import SecretStr

from sql.client import Store
from sql.settings import StoreSettings

_ITEMS = "SELECT sum(items) FROM ingest_ledger WHERE tenant = 'crash'"
COUNTS = {
    "spans": "SELECT count() FROM spans WHERE tenant = 'crash'",
    "distinct_spans": "SELECT uniqExact(trace_id, span_id) FROM spans WHERE tenant = 'crash'",
    "logs": "SELECT count() FROM logs WHERE tenant = 'crash'",
    "decisions": "SELECT count() FROM decisions WHERE tenant = 'crash'",
    "usage": "SELECT count() FROM charges WHERE tenant = 'crash'",
    "received": f"{_ITEMS} AND state = 'received'",
    "stored": f"{_ITEMS} AND state = 'stored'",
    "ended": f"{_ITEMS} AND state != 'received'",
}


def main() -> None:
    settings = StoreSettings(store=SecretStr(f"chdb://{sys.argv[1]}"))
    with Store.open(settings) as store, store.handle() as client:
        found = {name: int(client.query(text).result_rows[0][0]) for name, text in COUNTS.items()}
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
