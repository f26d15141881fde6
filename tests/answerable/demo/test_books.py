"""Finance of the demo: what it sets up over the API, and where it leaves things alone."""

from __future__ import annotations

import json
import threading
from decimal import Decimal

import httpx
import pytest

from answerable.demo.books import Books, invoice
from cost.invoices import reader

LIMITS = reader.Limits(2**20, 1000)


def row(day, meter, quantity, cost, tier=""):
    place = {"day": f"2026-11-{day:02}", "provider": "anthropic", "model": "claude-sonnet-4-5"}
    money = {"cost": cost, "currency": "USD" if cost else None}
    return {**place, **money, "meter": meter, "tier": tier, "quantity": quantity}


def week():
    rows = [
        row(day, meter, "100000", "3.004") for day in range(1, 8) for meter in ("input", "output")
    ]
    return [*rows, row(3, "requests", "12", None), row(3, "input", "0", "0.5", "batch")]


def test_the_bill_can_be_read_and_differs_by_known_causes():
    form, lines = reader.read(invoice(week()).encode(), "auto", LIMITS)
    assert form == "generic"
    by_day = {(line.day.day, line.meter): line for line in lines}
    assert by_day[1, "input"].quantity == 100_000
    assert by_day[1, "input"].amount == Decimal("3.00")
    assert by_day[3, "input"].quantity == 109_000
    assert by_day[7, "output"].amount == Decimal("3.15")
    assert by_day[7, "input"].amount == Decimal("3.00")
    assert by_day[7, ""].amount == Decimal("1.50")
    assert len(lines) == 15


def test_without_charges_there_is_no_bill():
    assert invoice([]) == ""
    assert invoice([row(1, "requests", "3", None)]) == ""


class Service:
    """Answers as a service with a priced month does, and remembers what was posted."""

    def __init__(self, status=200, days=30):
        self.status = status
        self.days = days
        self.posted = []
        self.stop = threading.Event()

    def __call__(self, request):
        if request.method == "POST":
            self.posted.append((request.url.path, request.read()))
            if request.url.path.endswith("/reserve"):
                self.stop.set()
            return httpx.Response(201, json={})
        if request.url.path == "/v1/budgets":
            return httpx.Response(self.status, json={"items": []})
        days = 1 if request.url.params["group_by"] == "none" else self.days
        items = [row(1 + day % 28, "input", "1000", "2") for day in range(days)]
        return httpx.Response(200, json={"items": items})

    def keep(self):
        with httpx.Client(base_url="http://demo", transport=httpx.MockTransport(self)) as http:
            Books(http, self.stop).keep()


def test_prices_budgets_and_an_invoice_are_set_up_and_a_part_is_held():
    service = Service()
    service.keep()
    paths = [path for path, _ in service.posted]
    assert paths == [
        *["/v1/prices"] * 2, *["/v1/budgets"] * 4, "/v1/invoices", "/v1/budgets/reserve",
    ]  # fmt: skip
    budgets = [json.loads(body) for path, body in service.posted if path == "/v1/budgets"]
    assert {one["tenant"] for one in budgets} == {
        "", "riverside-academy", "northgate-high", "lakeview-primary",
    }  # fmt: skip
    near = next(one for one in budgets if one["tenant"] == "riverside-academy")
    assert Decimal(2) / Decimal(near["limit"]) > Decimal("0.8")


@pytest.mark.parametrize("status", [404, 403, 501])
def test_a_receiver_without_the_api_is_left_alone(status):
    service = Service(status)
    service.keep()
    assert service.posted == []


def test_nothing_is_billed_before_the_month_is_there():
    service = Service(days=3)
    threading.Timer(0.3, service.stop.set).start()
    service.keep()
    assert [path for path, _ in service.posted] == ["/v1/prices"]


def test_a_receiver_that_answers_something_else_ends_it_quietly():
    def other(request):
        return httpx.Response(200, content=b"<html>")

    with httpx.Client(base_url="http://demo", transport=httpx.MockTransport(other)) as http:
        assert Books(http, threading.Event()).keep() is None
