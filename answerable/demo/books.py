"""What the platform's finance set up over the API: prices of its own machines, budgets, an invoice.

All of it goes through the public API, as a customer's would. A receiver without one is left alone.
"""

from __future__ import annotations

import csv
import io
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from answerable.demo.visitor import visitor
from answerable.demo.world import (
    COST_INCIDENT,
    DIGESTS,
    INCIDENT,
    RISK,
    RUBRIC_BERT,
    SAFETY,
    TUTORING,
)

_TIMEOUT_S = 20.0
#: Tries until the service is ready and its charges have prices, a second apart.
_TRIES = 90
#: Seconds a night's digests hold part of their budget, and until that is asked for again.
_HOLD_S = 240
_RENEW_S = 120.0

_CENT = Decimal("0.01")
#: Share of the money that one budget has left at the start.
_NEARLY = Decimal("1.18")

_COLUMNS = (
    "day",
    "provider",
    "model",
    "meter",
    "service_tier",
    "quantity",
    "amount",
    "currency",
    "description",
)

#: Prices of one second of the platform's own machines.
_OWN_PRICES = (
    (RUBRIC_BERT.name, "gpu_seconds", "0.0011"),
    (SAFETY.name, "cpu_seconds", "0.000014"),
    (RISK.name, "cpu_seconds", "0.000014"),
)


@dataclass(frozen=True, slots=True)
class Books:
    """Finance at its desk.

    Parameters
    ----------
    stop
        Ends what it waits for.
    """

    http: httpx.Client
    stop: threading.Event

    def keep(self) -> None:
        """Set everything up once, then hold part of a budget for the night ahead."""
        try:
            if not self._await("/v1/budgets"):
                return
            self._prices()
            if self._await_month():
                self._contract()
                self._budgets()
                self._invoice()
            while not self.stop.is_set():
                self._hold()
                self.stop.wait(_RENEW_S)
        except (httpx.HTTPError, ValueError):
            # Without the API there is nothing to set up; the traffic goes on.
            return

    def _await(self, path: str) -> bool:
        for _ in range(_TRIES):
            status = self.http.get(path).status_code
            if status == httpx.codes.OK:
                return True
            if status != httpx.codes.SERVICE_UNAVAILABLE or self.stop.wait(1):
                return False
        return False

    def _await_month(self) -> bool:
        """Wait until the nights have arrived and have their prices."""
        for _ in range(_TRIES):
            spent = self._costs(group_by="day")
            if len(spent) >= 28 and all(row["cost"] for row in spent[:-2]):
                return True
            if self.stop.wait(1):
                return False
        return False

    def _prices(self) -> None:
        own = [
            {
                "provider": "*",
                "model": model,
                "meter": meter,
                "amount": amount,
                "currency": "USD",
                "source": "cost of own machines",
            }
            for model, meter, amount in _OWN_PRICES
        ]
        why = {"reason": "depreciation and power of the machine room", "approver": "finance"}
        self.http.post("/v1/prices", json={"prices": own, **why})

    def _contract(self) -> None:
        """Record what was agreed two weeks ago: the charges since then are corrected."""
        signed = datetime.now(UTC).date() - timedelta(days=14)
        agreed = [
            {
                "tenant": COST_INCIDENT.school,
                "provider": "openai",
                "model": "*",
                "meter": "*",
                "discount_percent": "10",
                "valid_from": signed.isoformat(),
                "source": "framework contract",
            },
            {
                "provider": "*",
                "model": RUBRIC_BERT.name,
                "meter": "gpu_seconds",
                "amount": "0.0009",
                "currency": "USD",
                "valid_from": signed.isoformat(),
                "source": "cost of own machines",
            },
        ]
        why = {"reason": "contract and power bill came late", "approver": "finance"}
        self.http.post("/v1/prices", json={"prices": agreed, **why})

    def _budgets(self) -> None:
        month = _total(self._costs(start="-30d", group_by="none"))
        spent = _total(self._costs(start="-30d", group_by="none", tenant=INCIDENT.school))
        warned = [{"at": "0.8", "answer": "allow"}, {"at": "0.95", "answer": "defer"}]
        rolling = {"kind": "rolling", "duration_s": 30 * 86_400}
        self._budget("platform", "", "Whole platform", month * 3, window=rolling)
        self._budget(
            INCIDENT.school,
            INCIDENT.school,
            "Riverside: everything",
            spent * _NEARLY,
            window=rolling,
            thresholds=warned,
        )
        self._budget(
            "tutoring",
            "northgate-high",
            "Northgate: tutor",
            Decimal(40),
            scope={"project": TUTORING.project},
            window={"kind": "calendar", "period": "day", "time_zone": "Europe/Dublin"},
            thresholds=[{"at": "0.75", "answer": "downgrade", "model": "gpt-5-nano"}, *warned[1:]],
        )
        self._budget(
            "digests",
            "lakeview-primary",
            "Lakeview: nightly digests",
            Decimal(75),
            scope={"project": DIGESTS.project},
            hard=False,
        )

    def _budget(self, budget_id: str, tenant: str, name: str, limit: Decimal, **more: Any) -> None:
        body = {
            "budget_id": budget_id,
            "tenant": tenant,
            "name": name,
            "limit": str(limit.quantize(Decimal(1))),
            "currency": "USD",
            "unknown_price": {"policy": "allow"},
            "reason": "plan of the school year",
            **more,
        }
        # A second run on the same data finds it there; its limit stays as it was.
        self.http.post("/v1/budgets", json=body)

    def _hold(self) -> None:
        body = {
            "tenant": "lakeview-primary",
            "project": DIGESTS.project,
            "feature": DIGESTS.feature,
            "amount": "1.80",
            "currency": "USD",
            "ttl_s": _HOLD_S,
        }
        self.http.post("/v1/budgets/reserve", json=body)

    def _invoice(self) -> None:
        today = datetime.now(UTC).date()
        rows = self._costs(
            group_by="day,provider,model,meter,tier",
            start=(today - timedelta(days=8)).isoformat(),
            end=(today - timedelta(days=1)).isoformat(),
            provider="anthropic",
        )
        content = invoice(rows)
        if content:
            params = {"name": "anthropic, last week.csv", "format": "auto"}
            self.http.post("/v1/invoices", params=params, content=content.encode())

    def _costs(self, *, start: str = "-35d", end: str = "now", **params: str) -> list[Any]:
        asked = {"from": start, "to": end, "limit": "1000", **params}
        answer = self.http.get("/v1/costs", params=asked)
        answer.raise_for_status()
        items: list[Any] = answer.json()["items"]
        return items


def _total(rows: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(row["cost"] or 0) for row in rows), Decimal(0))


def invoice(rows: list[dict[str, Any]]) -> str:
    """Write the bill a provider would send for these charges; empty where there are none.

    It differs from them as bills do: amounts in cents, one night of which a part never reached the
    telemetry, a dearer output from one day on, and a fee.
    """
    used = [row for row in rows if row["currency"] and Decimal(row["quantity"]) > 0]
    if not used:
        return ""
    days = sorted({row["day"] for row in used})
    lost, dearer = days[len(days) // 3], days[2 * len(days) // 3]
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(_COLUMNS)
    for row in used:
        factor = Decimal("1.09") if row["day"] == lost else Decimal(1)
        price = Decimal("1.05") if row["day"] >= dearer and row["meter"] == "output" else Decimal(1)
        quantity = (Decimal(row["quantity"]) * factor).to_integral_value()
        unit = Decimal(row["cost"]) / Decimal(row["quantity"])
        amount = (unit * quantity * price).quantize(_CENT)
        place = (row["day"], row["provider"], row["model"], row["meter"], row["tier"] or "standard")
        writer.writerow((*place, quantity, amount, row["currency"], ""))
    last = date.fromisoformat(days[-1])
    fee = (last.isoformat(), used[0]["provider"], "", "", "", "", "1.50", used[0]["currency"])
    writer.writerow((*fee, "priority support"))
    return held.getvalue()


def keep_books(endpoint: str, key: str, stop: threading.Event) -> None:
    """Keep the books of the platform until `stop` is set.

    Parameters
    ----------
    endpoint
        Where the telemetry goes; the API is expected at the same address.
    """
    with visitor(endpoint, key, _TIMEOUT_S) as http:
        Books(http, stop).keep()
