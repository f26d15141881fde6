"""Exports, invoices and what-ifs over the other transport, as a server of its own has them."""

from decimal import Decimal

from cost.api.whatif import WhatIfs
from sql.migrate import Migrator
from tests.cost.api.kit import Api
from tests.cost.invoices.test_reconcile import World, used


def test_a_month_from_export_to_what_if(served):
    store = served.open()
    Migrator(store).apply()
    world = World(store)
    world.ledger.book(used("input", 1000, "2"), used("output", 10, "1", tenant="beta"))
    file = world.api.response("/v1/focus", period="2026-10", format="parquet")
    invoice = world.upload(file.content, name="own")["invoice_id"]
    assert world.causes(invoice, group_by="day,meter") == {}
    other = world.lines(("input", "1500", "3"), ("output", "10", "1"))
    assert world.causes(other) == {"missing_telemetry": "1"}
    assert len(world.api.pages(f"/v1/invoices/{other}/lines", 1)) == 2
    whatif = Api([WhatIfs(world.ledger.parts).router()])
    body = {"from": "2026-10-01", "to": "2026-11-01", "changes": [{"percent": "-50"}]}
    body["budget"] = {"limit": "0.75", "currency": "USD"}
    answer = whatif.response("/v1/costs/whatif", method="POST", json=body).json()
    assert Decimal(answer["totals"][0]["after"]) == Decimal("1.5")
    assert answer["budget"]["blocked"] == 1
