"""`GET /v1/costs/unit`: every decision counts once, and nothing is divided by nothing."""

from decimal import Decimal
from functools import partial

import pytest

from cost.api.unit_costs import UnitCosts
from cost.prices.rates import Rates
from sql.migrate import Migrator
from tests.cost.api.kit import Api, principal
from tests.cost.reports.ledger import HOUR_NS, SECOND_NS, Ledger, charge, unpriced


@pytest.fixture
def ledger(embedded, clock):
    store = embedded.open()
    Migrator(store).apply()
    return Ledger(store, clock)


@pytest.fixture
def api(ledger):
    return Api([UnitCosts(ledger.parts, partial(Rates, ledger.store)).router()])


def decision(time_ns, decision_id, **values):
    return {
        "tenant": "acme",
        "time": time_ns,
        "decision_id": decision_id,
        "source": "span",
        "name": "grade",
        "outcome": "ok",
        "model_name": "gpt-x",
        "prompt_name": "",
        "prompt_version": "",
        "route": "auto",
        "is_error": False,
        "service_name": "grader",
        "environment": "production",
        "received_at": time_ns,
        **values,
    }


def decide(ledger, *rows):
    ledger.store.insert("decisions", rows)


def only(api, **params):
    items = api.get("/v1/costs/unit", group_by="none", **params)["items"]
    assert len(items) == 1
    return items[0]


def test_cost_per_decision_is_the_cost_over_their_number(ledger, api, clock):
    at = clock() - HOUR_NS
    ledger.book(*[charge(at) for _ in range(4)])
    decide(ledger, *[decision(at, f"d{n}") for n in range(3)])
    item = only(api)
    assert (item["cost"], item["count"]) == ("0.04", 3)
    assert item["unit_cost"] == "0.013333333333333333"


def test_a_decision_sent_twice_counts_once(ledger, api, clock):
    at = clock() - HOUR_NS
    ledger.book(charge(at))
    decide(ledger, decision(at, "d1"))
    decide(ledger, decision(at, "d1", received_at=at + SECOND_NS))
    decide(ledger, decision(at + 5, "d1", source="log"))
    decide(ledger, decision(at, "d1", tenant="beta"))
    assert only(api, tenant="acme")["count"] == 1
    assert only(api)["count"] == 2


def test_outcomes_are_what_is_no_error_or_what_is_named(ledger, api, clock):
    at = clock() - HOUR_NS
    ledger.book(charge(at))
    decide(ledger, decision(at, "d1", outcome="A"), decision(at, "d2", outcome="B"))
    decide(ledger, decision(at, "d3", outcome="C", is_error=True))
    assert only(api, per="outcome")["count"] == 2
    assert only(api, per="outcome", outcome="A, C")["count"] == 2
    assert only(api, per="outcome", outcome="A")["unit_cost"] == "0.01"


def test_reviews_are_what_a_human_took_or_looked_at(ledger, api, clock):
    at = clock() - HOUR_NS
    ledger.book(charge(at))
    decide(ledger, *[decision(at, f"d{n}") for n in range(4)])
    decide(ledger, decision(at, "d9", route="human"))
    review = {
        "tenant": "acme", "start_time": at + SECOND_NS, "trace_id": b"t" * 16,
        "span_id": b"s" * 8, "name": "answerable.review", "received_at": at + SECOND_NS,
        "attr_string": {"answerable.review.decision_id": "d1"},
    }  # fmt: skip
    other = {**review, "tenant": "beta", "attr_string": {"answerable.review.decision_id": "d2"}}
    ledger.store.insert("spans", [review, {**review, "span_id": b"r" * 8}, other])
    item = only(api, per="review")
    assert (item["count"], item["unit_cost"]) == (2, "0.005")


def test_nothing_is_divided_by_nothing(ledger, api, clock):
    ledger.book(charge(clock() - HOUR_NS))
    item = only(api)
    assert (item["count"], item["cost"], item["unit_cost"]) == (0, "0.01", None)


def test_what_has_no_price_has_no_unit_cost(ledger, api, clock):
    ledger.book(unpriced(clock() - HOUR_NS))
    decide(ledger, decision(clock() - HOUR_NS, "d1"))
    item = only(api)
    assert (item["cost"], item["unit_cost"], item["coverage"]) == (None, None, "0")


def test_decisions_without_charges_are_listed_without_a_unit_cost(ledger, api, clock):
    decide(ledger, decision(clock() - HOUR_NS, "d1", model_name="rules"))
    item = api.get("/v1/costs/unit", group_by="model")["items"][0]
    assert (item["model"], item["count"], item["unit_cost"]) == ("rules", 1, None)


def test_groups_meet_by_their_keys_and_page_by_page(ledger, api, clock):
    start = clock() - 5 * HOUR_NS
    for n in range(5):
        ledger.book(charge(start + n * HOUR_NS, service_name=f"s{n % 3}", prompt_name="p"))
        decide(ledger, decision(start + n * HOUR_NS, f"d{n}", service_name=f"s{n % 2}"))
    asked = {"group_by": "service,prompt"}
    items = api.get("/v1/costs/unit", **asked)["items"]
    seen = [(i["service"], i["prompt"], i["cost"], i["count"], i["unit_cost"]) for i in items]
    assert seen == [
        ("s0", "", "0", 3, None), ("s1", "", "0", 2, None), ("s0", "p", "0.02", 0, None),
        ("s1", "p", "0.02", 0, None), ("s2", "p", "0.01", 0, None),
    ]  # fmt: skip
    assert api.pages("/v1/costs/unit", 2, **asked) == items
    by_service = api.get("/v1/costs/unit", group_by="service")["items"]
    assert [i["unit_cost"] for i in by_service] == ["0.006666666666666667", "0.01", None]


def test_known_at_holds_for_decisions_too(ledger, api, clock):
    at = clock() - 4 * HOUR_NS
    ledger.book(charge(at))
    decide(ledger, decision(at, "d1"), decision(at, "d2", received_at=at + 2 * HOUR_NS))
    assert only(api, known_at=at + HOUR_NS)["count"] == 1
    assert only(api)["count"] == 2


def test_a_key_for_one_tenant_counts_no_other(ledger, api, clock):
    at = clock() - HOUR_NS
    ledger.book(charge(at, tenant="beta"))
    decide(ledger, decision(at, "d1"), decision(at, "d2", tenant="beta"))
    assert only(api, reader=principal("beta"))["count"] == 1


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"group_by": "project"}, "no project"),
        ({"group_by": "user"}, "no user"),
        ({"meter": "input"}, "no meter"),
        ({"per": "banana"}, "decision"),
        ({"outcome": "A"}, "per=outcome"),
    ],
)
def test_bad_input_is_named(api, params, said):
    problem = api.problem("/v1/costs/unit", **params)
    assert problem["status"] == 400
    assert said in str(problem)


def test_amounts_are_divided_without_a_float(ledger, api, clock):
    at = clock() - HOUR_NS
    ledger.book(charge(at, cost=Decimal("12345678901234567890.000000000000000003")))
    decide(ledger, *[decision(at, f"d{n}") for n in range(3)])
    assert only(api)["unit_cost"] == "4115226300411522630.000000000000000001"
