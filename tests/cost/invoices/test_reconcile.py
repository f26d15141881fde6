"""Reconciliation over a real store: constructed worlds, and every cause with its amount."""

import asyncio
import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest

from cost.api.focus import Focus
from cost.api.invoices import InvoiceResource
from sql.access import Role
from sql.migrate import Migrator
from tests.conftest import FakeClock
from tests.cost.api.kit import Api, principal
from tests.cost.reports.ledger import Ledger, booking, charge, unpriced

FINANCE = principal(roles=(Role.FINANCE,))


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


NOW = at("2026-11-20T12:00:00")
NOON = at("2026-10-05T12:00:00")


class World:
    """A ledger, and invoices imported over HTTP."""

    def __init__(self, store):
        self.ledger = Ledger(store, FakeClock(NOW))
        parts = self.ledger.parts
        routers = [InvoiceResource(parts).router(), Focus(parts).router()]
        self.api = Api(routers, FINANCE)

    def post(self, content, reader=None, **params):
        async def ask():
            transport = httpx.ASGITransport(self.api._as(reader or FINANCE))
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.post("/v1/invoices", params=params, content=content)

        return asyncio.run(ask())

    def upload(self, content, status=201, **params):
        answer = self.post(content, **params)
        assert answer.status_code == status, answer.text
        return answer.json()

    def lines(self, *lines, **params):
        """Import lines given as (meter, quantity, amount), or as dicts of columns."""
        names = ["day", "provider", "model", "meter", "quantity", "amount", "currency"]
        names += ["service_tier", "scope"]
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, names)
        writer.writeheader()
        for line in lines:
            row = line if isinstance(line, dict) else dict(zip(names[3:6], line, strict=True))
            base = {"day": "2026-10-05", "provider": "openai", "model": "gpt-x", "currency": "USD"}
            writer.writerow({**base, **row})
        return self.upload(buffer.getvalue().encode(), **params)["invoice_id"]

    def reconcile(self, invoice_id, **params):
        return self.api.get(f"/v1/invoices/{invoice_id}/reconcile", **params)

    def causes(self, invoice_id, **params):
        """Give amounts by cause of the only currency; they add up to the variance."""
        answer = self.reconcile(invoice_id, limit=1000, **params)
        assert len(answer["totals"]) == 1
        for one in [*answer["items"], *answer["totals"]]:
            parts = sum((Decimal(part["amount"]) for part in one["causes"].values()), Decimal(0))
            assert parts == Decimal(one["variance"])
            assert Decimal(one["theirs"]) - Decimal(one["ours"]) == parts
        total = answer["totals"][0]["causes"]
        return {cause: part["amount"] for cause, part in total.items() if part["amount"] != "0"}


def used(meter, quantity, cost, time_ns=NOON, **more):
    return charge(time_ns, meter=meter, quantity=Decimal(quantity), cost=Decimal(cost), **more)


@pytest.fixture
def world(embedded):
    store = embedded.open()
    Migrator(store).apply()
    return World(store)


def test_an_invoice_that_agrees_has_no_variance(world):
    world.ledger.book(used("input", 600, "0.6"), used("input", 400, "0.4"), used("output", 10, "1"))
    invoice = world.lines(("input", "1000", "1"), ("output", "10", "1"))
    answer = world.reconcile(invoice)
    assert [(item["model"], item["variance"], item["causes"]) for item in answer["items"]] == [
        ("gpt-x", "0", {})
    ]


def test_each_cause_alone_is_found_with_its_amount(world):
    """One model a cause, so that they stand side by side in one file."""

    def line(model, quantity, amount, **more):
        return {"model": model, "meter": "input", "quantity": quantity, "amount": amount, **more}

    price = {"quantity": 1000, "cost": "2"}
    world.ledger.book(
        used("input", **{**price, "quantity": 700, "cost": "1.4"}, model="missing"),
        used("input", **price, model="price"),
        used("input", **{**price, "cost": "2.004"}, model="rounding"),
        used("input", **price, model="tier"),
        used("input", **price, model="alone"),
        unpriced(NOON, model="unpriced", quantity=Decimal(1000), list_cost=Decimal(0)),
        used("input", **price, model="foreign", currency="GBP"),
    )
    seen_twice = {**price, "model": "double", "response_hash": 7}
    world.ledger.book(used("input", **seen_twice), used("input", **seen_twice))
    invoice = world.lines(
        line("missing", 1000, "2.00"),
        line("price", 1000, "2.50"),
        line("rounding", 1000, "2.00"),
        line("tier", 400, "0.80"),
        line("tier", 600, "0.60", service_tier="batch"),
        line("double", 1000, "2.00"),
        line("unpriced", 1000, "2.00"),
        line("foreign", 1000, "2.00"),
        line("heard-of-nowhere", 10, "0.25"),
        {"model": "", "meter": "", "amount": "0.19"},
    )
    items = world.reconcile(invoice)["items"]
    found = {item["model"]: {c: p["amount"] for c, p in item["causes"].items()} for item in items}
    assert found == {
        "missing": {"missing_telemetry": "0.6"},
        "price": {"price": "0.5"},
        "rounding": {"rounding": "-0.004"},
        "tier": {"tier": "-0.6"},
        "double": {"double_count": "-2"},
        "alone": {"not_billed": "-2"},
        "unpriced": {"unpriced": "2"},
        "foreign": {"currency": "2"},
        "heard-of-nowhere": {"missing_telemetry": "0.25"},
        "": {"other_charges": "0.19"},
    }
    assert world.causes(invoice, group_by="day,model,meter") == {
        "missing_telemetry": "0.85",
        "unpriced": "2",
        "price": "0.5",
        "tier": "-0.6",
        "rounding": "-0.004",
        "double_count": "-2",
        "not_billed": "-2",
        "currency": "2",
        "other_charges": "0.19",
    }
    sides = {item["model"]: item["side"] for item in items}
    assert (sides["alone"], sides["heard-of-nowhere"], sides["price"]) == ("ours", "theirs", "both")


def test_causes_together_in_one_key(world):
    world.ledger.book(
        used("input", 1000, "2"),
        unpriced(NOON, quantity=Decimal(300), list_cost=Decimal(0)),
    )
    invoice = world.lines(("input", "1500", "4.5"))
    assert world.causes(invoice) == {"price": "1", "unpriced": "0.9", "missing_telemetry": "0.6"}


def test_a_late_price_is_no_unpriced_use(world):
    waits = unpriced(NOON, quantity=Decimal(1000), list_cost=Decimal(0))
    late = booking(waits, "late_price", NOON + 9, currency="USD", unpriced=-1, cost=Decimal(2))
    world.ledger.book(waits, late)
    assert world.causes(world.lines(("input", "1000", "2"))) == {}


def test_a_reversed_double_is_no_double_any_more(world):
    second = used("input", 1000, "2", response_hash=7)
    back = booking(
        second, "reversed", NOON + 9, quantity=Decimal(-1000), cost=Decimal(-2), events=-1
    )
    world.ledger.book(used("input", 1000, "2", response_hash=7), second, back)
    assert world.causes(world.lines(("input", "1000", "2"))) == {}


def test_money_of_another_currency_is_compared_at_the_rate_of_the_day(world):
    world.ledger.store.insert(
        "fx_rates",
        [
            {
                "base": "EUR",
                "quote": "USD",
                "day": date(2026, 10, 5),
                "rate": Decimal("1.25"),
                "source": "",
                "actor": "",
                "recorded_at": 1,
            }
        ],
    )
    world.ledger.book(used("input", 1000, "2", currency="EUR"))
    assert world.causes(world.lines(("input", "1000", "2.75"))) == {"price": "0.25"}


def test_meters_an_invoice_does_not_tell_apart_are_compared_together(world):
    world.ledger.book(
        used("output", 300, "3"), used("reasoning", 700, "7"), used("requests", 1, "0")
    )
    assert world.causes(world.lines(("output", "1000", "10"))) == {}


def test_a_dated_name_of_a_model_is_the_same_model(world):
    world.ledger.book(used("input", 1000, "2", model="GPT-X-2026-08-07"))
    assert world.causes(world.lines(("input", "1000", "2"))) == {}


def test_an_unnamed_batch_discount_is_known_by_the_price_list(world):
    store = world.ledger.store
    price = {"book_version": 1, "tenant": "", "provider": "openai", "model": "gpt-x"}
    point = {
        **price,
        "meter": "input",
        "service_tier": "batch",
        "valid_from": 0,
        "valid_to": 4_102_444_800_000_000_000,
        "currency": "USD",
        "above": [0],
        "amounts": [Decimal("0.001")],
        "list_amounts": [Decimal("0.001")],
        "price_ids": ["b"],
        "rules": ["factor"],
    }
    store.insert("price_points", [point])
    store.insert("price_books", [{"book_version": 1, "published_at": 1, "points": 1}])
    world.ledger.book(used("input", 1000, "2"))
    page = {
        "data": [
            {
                "start_time": at("2026-10-05T00:00:00") // 10**9,
                "end_time": at("2026-10-06T00:00:00") // 10**9,
                "results": [
                    {
                        "amount": {"value": 1.0, "currency": "usd"},
                        "line_item": "gpt-x, input",
                        "quantity": 1000,
                    }
                ],
            }
        ]
    }
    invoice = world.upload(json.dumps(page).encode())["invoice_id"]
    assert world.causes(invoice) == {"tier": "-1"}


def test_costs_and_usage_that_a_provider_exports_apart(world):
    """Money alone has no reason; with the quantities beside it, it has."""
    world.ledger.book(used("input", 700, "1.4"))

    def page(result):
        days = {"start_time": at("2026-10-05T00:00:00") // 10**9}
        return json.dumps(
            {"data": [{**days, "end_time": days["start_time"] + 86400, "results": [result]}]}
        ).encode()

    money = {"amount": {"value": 2, "currency": "usd"}, "line_item": "gpt-x, input"}
    costs = world.upload(page(money))["invoice_id"]
    usage = {"input_tokens": 1000, "output_tokens": 0, "num_model_requests": 1, "model": "gpt-x"}
    counts = world.upload(page(usage))["invoice_id"]
    assert world.causes(costs) == {"unexplained": "0.6"}
    assert world.causes(costs, usage=counts) == {"missing_telemetry": "0.6"}
    assert world.causes(counts) == {"missing_telemetry": "0.6"}


def test_our_own_focus_file_reconciles_to_nothing(world):
    world.ledger.book(
        used("input", 123, "0.000123", model="gpt-a", tenant="acme"),
        used("cache_read", 77, "0.0000077", model="gpt-a", tenant="beta", service_tier="batch"),
        used("output", 9, "0.01", provider="aws.bedrock", model="us.anthropic.claude-9"),
    )
    for fmt in ("csv", "parquet"):
        file = world.api.response("/v1/focus", period="2026-10", version="1.4", format=fmt)
        invoice = world.upload(file.content)
        assert invoice["format"] == "focus"
        assert world.causes(invoice["invoice_id"], group_by="day,provider,model,meter") == {}
        items = world.reconcile(invoice["invoice_id"], group_by="model")["items"]
        assert {item["side"] for item in items} == {"both"}


def test_projects_stand_for_tenants(world):
    world.ledger.book(
        used("input", 1000, "2", tenant="school-a"), used("input", 500, "1", tenant="school-b")
    )
    line = {"meter": "input"}
    invoice = world.lines(
        {**line, "quantity": "1000", "amount": "2", "scope": "proj_a"},
        {**line, "quantity": "600", "amount": "1.2", "scope": "proj_b"},
        scope="proj_a:school-a",
    )
    items = world.reconcile(invoice, group_by="tenant")["items"]
    assert [(item["tenant"], item["variance"]) for item in items] == [
        ("", "0.2"),
        ("school-a", "0"),
    ]
    problem = world.post(
        b"day,provider,amount,currency\n2026-10-05,a,1,USD\n", scope="proj_z:x"
    ).json()
    assert problem["field"] == "scope"


def test_the_same_file_is_imported_once(world):
    content = b"day,provider,amount,currency\n2026-10-05,openai,1,USD\n"
    first = world.upload(content, name="october")
    second = world.upload(content, status=200)
    assert (first["created"], second["created"]) == (True, False)
    assert first["invoice_id"] == second["invoice_id"]
    assert len(world.api.get("/v1/invoices")["items"]) == 1
    other = world.upload(content, tenant="acme")
    assert other["invoice_id"] != first["invoice_id"]
    assert [one["tenant"] for one in world.api.pages("/v1/invoices", 1)] in (
        [None, "acme"],
        ["acme", None],
    )


def test_a_broken_file_leaves_nothing_behind(world):
    good = "2026-10-05,openai,1,USD\n"
    answer = world.post(
        f"day,provider,amount,currency\n{good}2026-10-05,openai,much,USD\n".encode()
    )
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("line 3: amount is 'much'")
    assert world.api.get("/v1/invoices")["items"] == []


def test_lines_are_kept_as_they_were(world):
    invoice = world.lines(("input", "10", "1"), ("output", "20", "2"))
    lines = world.api.pages(f"/v1/invoices/{invoice}/lines", 1)
    assert [(line["line"], line["meter"], line["amount"]) for line in lines] == [
        (1, "input", "1"),
        (2, "output", "2"),
    ]
    assert json.loads(lines[1]["raw"])["quantity"] == "20"
    only = world.api.get(f"/v1/invoices/{invoice}/lines", meter="output", day="2026-10-05")["items"]
    assert [line["line"] for line in only] == [2]
    problem = world.api.problem(f"/v1/invoices/{invoice}/lines", day="tomorrow")
    assert problem["field"] == "day"


def test_differences_page_by_page_and_as_csv(world):
    world.ledger.book(used("input", 1000, "2"), used("output", 10, "1"))
    invoice = world.lines(("input", "1000", "3"), ("output", "10", "1.5"))
    path = f"/v1/invoices/{invoice}/reconcile"
    items = world.api.pages(path, 1, group_by="day,meter")
    assert [(item["meter"], item["variance"]) for item in items] == [
        ("input", "1"),
        ("output", "0.5"),
    ]
    answer = world.api.response(path, group_by="meter", format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["meter"], row["variance"], row["price"]) for row in rows] == [
        ("input", "1", "1"),
        ("output", "0.5", "0.5"),
    ]
    drilled = world.reconcile(invoice, group_by="day", meter="output")
    assert [item["variance"] for item in drilled["items"]] == ["0.5"]


def test_known_at_leaves_out_what_was_booked_later(world):
    world.ledger.book(used("input", 1000, "2"))
    world.ledger.book({**used("input", 500, "1"), "booked_at": at("2026-11-01T00:00:00")})
    invoice = world.lines(("input", "1500", "3"))
    assert world.causes(invoice) == {}
    assert world.causes(invoice, known_at="2026-10-20") == {"missing_telemetry": "1"}
    assert (
        world.api.problem(f"/v1/invoices/{invoice}/reconcile", known_at="2027-01-01")["status"]
        == 400
    )


def test_who_may_import_and_see_what(world):
    content = b"day,provider,amount,currency\n2026-10-05,openai,1,USD\n"
    assert world.post(content, reader=principal()).status_code == 403
    one = principal("acme", roles=(Role.FINANCE,))
    assert world.post(content, reader=one, tenant="beta").status_code == 403
    assert world.post(content, reader=one, scope=":beta").status_code == 400
    mine = world.post(content, reader=one).json()
    assert mine["tenant"] == "acme"
    everyone = world.upload(content)
    assert [i["tenant"] for i in world.api.get("/v1/invoices", reader=one)["items"]] == ["acme"]
    hidden = world.api.problem(f"/v1/invoices/{everyone['invoice_id']}/reconcile", reader=one)
    assert hidden["status"] == 404
    both = principal("acme", "beta", roles=(Role.FINANCE,))
    assert world.post(content, reader=both).status_code == 403


def test_charges_of_other_tenants_are_not_compared(world):
    world.ledger.book(used("input", 10, "1", tenant="acme"), used("input", 10, "5", tenant="beta"))
    invoice = world.lines(("input", "10", "1"), tenant="acme")
    assert world.causes(invoice) == {}


def test_bad_questions_name_the_field(world):
    invoice = world.lines(("input", "1", "1"))
    for params, field in (
        ({"group_by": "colour"}, "group_by"),
        ({"limit": 0}, "limit"),
        ({"cursor": "abc"}, "cursor"),
        ({"format": "xls"}, "format"),
        ({"known_at": "soon"}, "known_at"),
    ):
        problem = world.api.problem(f"/v1/invoices/{invoice}/reconcile", **params)
        assert (problem["status"], problem["field"]) == (400, field)
    assert world.api.problem("/v1/invoices/unknown/reconcile")["status"] == 404
