"""Committed use: a discount while it holds, and the shortfall of a month, booked once."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from cost.api.commitments import Commitments
from cost.prices import commitments
from cost.prices.shortfalls import Shortfalls
from sql.access import Role
from tests.conftest import FakeClock
from tests.cost.api.kit import Api, principal

FINANCE = principal(roles=(Role.FINANCE,))
AGREED = {"tenant": "acme", "provider": "openai", "monthly": "100", "currency": "USD"}
AGREED |= {"valid_from": "2026-08-01", "discount_percent": "15"}


def ns(*moment):
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 10**9


@pytest.fixture
def clock():
    return FakeClock(ns(2026, 10, 15))


@pytest.fixture
def api(parts):
    return Api([Commitments(parts).router()], FINANCE)


@pytest.fixture
def agree(api):
    def agreed(reader=FINANCE, **fields):
        answer = api.response("/v1/commitments", reader, "POST", {**AGREED, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return agreed


@pytest.fixture
def spend(store):
    numbers = iter(range(10**6))

    def spent(cost, *moment, tenant="acme", provider="openai", model="gpt-x", currency="USD"):
        row = {"tenant": tenant, "time": ns(*moment), "trace_id": next(numbers).to_bytes(16, "big")}
        row |= {"span_id": bytes(8), "meter": "input", "kind": "usage", "state": "priced"}
        row |= {"provider": provider, "model": model, "currency": currency, "events": 1}
        row |= {"cost": Decimal(cost), "received_at": ns(*moment), "booked_at": ns(*moment)}
        store.insert("charges", [row])

    return spent


@pytest.fixture
def booked(store):
    def read():
        text = (
            "SELECT toString(time) AS at, currency, cost, price_id, unpriced, events "
            "FROM charges FINAL WHERE kind = 'shortfall' ORDER BY time, entry"
        )
        with store.handle() as client:
            return [(row[0][:10], row[1], row[2]) for row in client.query(text).result_rows]

    return read


def test_a_month_that_fell_short_is_booked_once_it_is_settled(parts, agree, spend, booked, clock):
    agree()
    spend(60, 2026, 8, 31, 23)
    spend(30, 2026, 9, 1)
    spend(80, 2026, 9, 30, 23)
    spend(999, 2026, 9, 2, tenant="other")
    spend(999, 2026, 9, 2, provider="anthropic")
    job = Shortfalls(parts)
    job.run()
    assert booked() == [("2026-08-31", "USD", 40)]
    job.run()
    assert len(booked()) == 1


def test_a_month_is_left_alone_until_its_grace_is_over(parts, agree, booked, clock):
    agree(valid_from="2026-09-01")
    clock.now_ns = ns(2026, 10, 3)
    Shortfalls(parts).run()
    assert booked() == []
    clock.now_ns = ns(2026, 10, 4)
    Shortfalls(parts).run()
    assert booked() == [("2026-09-30", "USD", 100)]


def test_a_correction_of_the_month_moves_its_shortfall_by_a_further_row(
    parts, agree, spend, booked
):
    agree(valid_from="2026-09-01")
    job = Shortfalls(parts)
    job.run()
    spend(70, 2026, 9, 9)
    job.run()
    assert booked() == [("2026-09-30", "USD", 100), ("2026-09-30", "USD", -70)]
    spend(70, 2026, 9, 10)
    job.run()
    assert sum(cost for _, _, cost in booked()) == 0


def test_a_booking_repeated_after_a_crash_is_one_row(parts, agree, booked):
    made = commitments.read(agree(valid_from="2026-09-01")["id"], "acme", _body())
    job, month = Shortfalls(parts), commitments.month_of(ns(2026, 9, 5))
    before = job.standing(made, month)
    job.run()
    job.standing = lambda *_: before
    job._settle(made, month)
    assert booked() == [("2026-09-30", "USD", 100)]


def _body():
    month = {"valid_from": ns(2026, 9, 1), "valid_to": ns(2100, 1, 1)}
    return {"provider": "openai", "model": "*", "monthly": "100", "currency": "USD"} | {
        "factor": "0.85",
        **month,
    }


def test_use_in_another_currency_counts_at_the_rate_of_its_day(parts, store, agree, spend, booked):
    agree(valid_from="2026-09-01")
    spend(40, 2026, 9, 10, currency="EUR")
    Shortfalls(parts).run()
    # Without a rate nothing is booked rather than something wrong.
    assert booked() == []
    rate = {"base": "EUR", "quote": "USD", "day": date(2026, 9, 9), "rate": Decimal(2)}
    store.insert("fx_rates", [{**rate, "recorded_at": parts.clock()}])
    Shortfalls(parts).run()
    assert booked() == [("2026-09-30", "USD", 20)]


def test_the_discount_is_a_row_of_the_price_book_while_it_holds(agree, record, keeper):
    gpt = {"provider": "openai", "model": "gpt-x", "meter": "input", "amount": "2"}
    record(gpt)
    made = agree(valid_to="2026-12-01")
    row = next(price for price in keeper.book().prices if price.tenant == "acme")
    assert (row.kind, row.amount) == ("factor", Decimal("0.85"))
    assert row.source == f"commitment {made['id']}"
    assert (row.valid_from, row.valid_to) == (ns(2026, 8, 1), ns(2026, 12, 1))


def test_a_commitment_is_listed_with_how_its_month_stands(api, agree, spend):
    agree()
    agree(tenant="rival", discount_percent="", valid_to="2026-09-01")
    spend(30, 2026, 10, 2)
    items = {item["tenant"]: item for item in api.get("/v1/commitments")["items"]}
    assert items["acme"]["now"] == {"month": "2026-10", "spent": "30", "missing": "70"}
    assert items["rival"]["now"] is None
    assert items["rival"]["factor"] == "1"
    seen = api.get("/v1/commitments", principal("acme"))["items"]
    assert [item["tenant"] for item in seen] == ["acme"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"tenant": ""}, "tenant"),
        ({"monthly": "-1"}, "monthly"),
        ({"monthly": ""}, "monthly"),
        ({"currency": "EUT"}, "currency"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_from": "2026-08-02"}, "valid_from"),
        ({"valid_from": "2026-08-01T00:00:00+02:00"}, "valid_from"),
        ({"valid_to": "2026-08-01"}, "valid_to"),
        ({"discount_percent": "120"}, "discount_percent"),
    ],
)
def test_bad_commitments_are_refused(empty_parts, fields, field):
    api = Api([Commitments(empty_parts).router()], FINANCE)
    answer = api.response("/v1/commitments", None, "POST", {**AGREED, **fields})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(f"commitment, column {field}: ")
    assert api.get("/v1/commitments")["items"] == []


def test_only_finance_of_the_tenant_commits_it(empty_parts):
    api = Api([Commitments(empty_parts).router()], FINANCE)
    for reader in (principal(), principal("rival", roles=(Role.FINANCE,))):
        assert api.response("/v1/commitments", reader, "POST", AGREED).status_code == 403


@pytest.mark.parametrize(
    ("moment", "start", "end"),
    [
        ((2026, 2, 28, 23, 59), (2026, 2, 1), (2026, 3, 1)),
        ((2028, 2, 29), (2028, 2, 1), (2028, 3, 1)),
        ((2026, 12, 31, 23), (2026, 12, 1), (2027, 1, 1)),
        ((2026, 10, 25, 1), (2026, 10, 1), (2026, 11, 1)),
    ],
)
def test_months_end_where_the_calendar_says(moment, start, end):
    month = commitments.month_of(ns(*moment))
    assert (month.from_ns, month.to_ns) == (ns(*start), ns(*end))
