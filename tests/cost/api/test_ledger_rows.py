"""The ledger row by row, what has no price, what is quarantined, what was restated."""

from decimal import Decimal

import pytest

from cost.api.gaps import Gaps
from cost.api.ledger import Ledger
from sql.migrate import Migrator
from tests.collector.api.kit import HOUR_NS, Sender
from tests.cost import worlds
from tests.cost.api.kit import Api, principal
from tests.cost.worlds import point

CHARGES = "/v1/costs/charges"


@pytest.fixture
def store(embedded):
    opened = embedded.open()
    Migrator(opened).apply()
    worlds.publish(opened, 1, [point("gpt-a", "input", "0.000003")])
    return opened


@pytest.fixture
def parts(store):
    return worlds.cost_parts(store)


@pytest.fixture
def api(parts):
    return Api([Ledger(parts).router(), Gaps(parts).router()])


@pytest.fixture
def call(store, tmp_path, clock):
    sender = Sender(store, tmp_path, clock)

    def stored(model="gpt-a", *, tenant="acme", minutes_ago=60, **attributes):
        named = {
            "gen_ai.provider.name": "openai",
            "gen_ai.response.model": model,
            "gen_ai.usage.input_tokens": 1000,
            **attributes,
        }
        start_ns = clock() - minutes_ago * HOUR_NS // 60
        sender.spans({"start_ns": start_ns, "attributes": named}, tenant=tenant)

    return stored


def test_a_charge_names_its_price_and_its_rule(api, call):
    call()
    (item,) = api.get(CHARGES, meter="input")["items"]
    assert (item["cost"], item["currency"]) == ("0.003", "USD")
    assert (item["amount"], item["price_id"]) == ("0.000003", "gpt-a/input/0.000003")
    assert (item["price_rule"], item["state"], item["kind"]) == ("list", "priced", "usage")


def test_an_unpriced_charge_has_no_cost_rather_than_none_at_all(api, call):
    call("unheard-of")
    (item,) = api.get(CHARGES, state="unpriced")["items"]
    assert (item["cost"], item["currency"]) == (None, None)
    assert item["state_reason"] == "no_price"
    assert item["unpriced"] == 1


def test_a_correction_shows_who_and_why(api, call, store, parts):
    call()
    changed = {"change_id": "c2", "reason": "signed late", "approver": "bob"}
    worlds.publish(store, 2, [point("gpt-a", "input", "0.000001")], **changed)
    worlds.restate(parts)
    (item,) = api.get(CHARGES, kind="correction")["items"]
    assert (item["cost"], item["change_id"]) == ("-0.002", "c2")
    assert (item["reason"], item["approver"]) == ("signed late", "bob")
    assert api.get(CHARGES, change_id="c2")["items"] == [item]


def test_pages_follow_each_other_without_gap_or_repeat(api, call):
    for minutes in range(1, 15):
        call(minutes_ago=minutes * 5)
        call(minutes_ago=minutes * 5)
    whole = api.get(CHARGES, limit=1000)["items"]
    assert len(whole) == 56
    assert api.pages(CHARGES, 5) == whole
    times = [item["time"] for item in whole]
    assert times == sorted(times, reverse=True)


def test_one_tenant_s_rows_are_not_another_s(api, call):
    call(tenant="acme")
    call(tenant="zeta")
    call("unheard-of", tenant="zeta")
    call(tenant="zeta", **{"gen_ai.usage.output_tokens": -1})
    mine = principal("acme")
    items = api.get(CHARGES, mine)["items"]
    assert {item["tenant"] for item in items} == {"acme"}
    assert api.get("/v1/costs/unpriced", mine)["items"] == []
    assert api.get("/v1/costs/quarantine", mine)["items"] == []
    assert api.problem(CHARGES, mine, tenant="zeta")["status"] == 403
    assert api.problem("/v1/costs/restatements", mine)["status"] == 403


def test_an_empty_window_is_an_empty_list(api, call):
    call()
    past = {"from": "2020-01-01", "to": "2020-01-02"}
    for path in (CHARGES, "/v1/costs/unpriced", "/v1/costs/quarantine"):
        assert api.get(path, **past)["items"] == []


def test_what_has_no_price_is_listed_by_what_a_price_would_be_set_for(api, call):
    call("unheard-of")
    call("unheard-of")
    call("", **{"gen_ai.usage.input_tokens": 5})
    items = api.get("/v1/costs/unpriced")["items"]
    assert [(i["model"], i["meter"], i["reason"], i["charges"], i["quantity"]) for i in items] == [
        ("unheard-of", "input", "no_price", 2, "2000"),
        ("", "input", "no_model", 1, "5"),
    ]


def test_a_price_that_comes_later_empties_the_list(api, call, store, parts):
    call("gpt-late")
    assert len(api.get("/v1/costs/unpriced")["items"]) == 1
    worlds.publish(store, 2, [point("gpt-late", "input", "0.000001")])
    worlds.restate(parts)
    assert api.get("/v1/costs/unpriced")["items"] == []


def test_the_quarantine_shows_what_was_reported(api, call):
    call(**{"gen_ai.usage.output_tokens": -7})
    call(**{"gen_ai.usage.total_tokens": 5})
    items = api.get("/v1/costs/quarantine")["items"]
    found = {(item["reason"], item["meter"]): item["reported"] for item in items}
    assert found["negative", "gen_ai.usage.output_tokens"] == "-7"
    assert found["total_mismatch", "tokens"].startswith("input=1000 ")


def test_restatements_tell_what_each_book_moved(api, call, store, parts):
    worlds.restate(parts)
    call()
    worlds.publish(store, 2, [point("gpt-a", "input", "0.000004")], change_id="c2")
    before = api.get("/v1/costs/restatements")["items"]
    assert [(item["book_version"], item["state"]) for item in before] == [(2, "due"), (1, "final")]
    worlds.restate(parts)
    newest = api.get("/v1/costs/restatements", limit=1)
    (item,) = newest["items"]
    assert (item["state"], item["corrections"]) == ("final", 1)
    assert Decimal(item["cost_changes"]["USD"]) == Decimal("0.001")
    second = api.get("/v1/costs/restatements", cursor=newest["next_cursor"])
    assert [item["book_version"] for item in second["items"]] == [1]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"trace_id": "xyz"}, "trace_id"),
        ({"state": "paid"}, "state"),
        ({"from": "yesterday"}, "from"),
        ({"colour": "red"}, "colour"),
        ({"missing": "colour"}, "missing"),
    ],
)
def test_a_wrong_parameter_is_named(api, parameters, field):
    problem = api.problem(CHARGES, **parameters)
    assert problem["status"] in (400, 422)
    assert field in str(problem)
