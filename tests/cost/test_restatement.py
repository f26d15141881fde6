"""Restatement: what a new book changes is booked as the difference, and nothing is edited."""

from decimal import Decimal

import pytest

from sql.migrate import Migrator
from tests.collector.api.kit import HOUR_NS, Sender
from tests.cost import worlds
from tests.cost.worlds import point

ENTRIES = """
    SELECT entry, kind, state, quantity, unpriced, events, currency, cost, list_cost, change_id,
        reason, approver, price_id, price_rule
    FROM charges FINAL WHERE meter = {meter:String} ORDER BY booked_at, entry
"""


@pytest.fixture
def store(embedded):
    opened = embedded.open()
    Migrator(opened).apply()
    return opened


@pytest.fixture
def parts(store):
    return worlds.cost_parts(store)


@pytest.fixture
def call(store, tmp_path, clock):
    """Store one call of a model an hour ago."""
    sender = Sender(store, tmp_path, clock)

    def stored(model="gpt-a", *, tenant="acme", hours_ago=1, span=None, **attributes):
        named = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.response.model": model,
            "gen_ai.usage.input_tokens": 1000,
            **attributes,
        }
        start_ns = clock() - hours_ago * HOUR_NS
        sender.spans({"start_ns": start_ns, "attributes": named, **(span or {})}, tenant=tenant)

    return stored


def entries(store, meter="input"):
    return worlds.rows(store, ENTRIES, meter=meter)


def total(store):
    return worlds.one(store, "SELECT sum(c.cost) FROM charges AS c FINAL")


def test_a_price_that_comes_later_is_booked_as_a_late_price(store, parts, call):
    call()
    worlds.publish(store, 1, [point("gpt-a", "input", "0.000003")], change_id="c1", reason="list")
    (done,) = worlds.restate(parts)
    said, late = entries(store)
    assert (said["state"], said["unpriced"], said["cost"]) == ("unpriced", 1, 0)
    assert (late["kind"], late["unpriced"], late["events"]) == ("late_price", -1, 0)
    assert (late["cost"], late["quantity"]) == (Decimal("0.003"), 0)
    assert (late["change_id"], late["reason"], late["price_rule"]) == ("c1", "list", "list")
    assert (done.late_prices, done.corrections) == (1, 0)
    assert done.cost_changes == {"USD": Decimal("0.003")}


def test_a_price_set_for_the_past_is_booked_with_its_reason_and_approver(store, parts, call):
    worlds.publish(store, 1, [point("gpt-a", "input", "0.000003")])
    worlds.restate(parts)
    call()
    worlds.publish(
        store,
        2,
        [point("gpt-a", "input", "0.000002")],
        change_id="c2",
        reason="contract signed late",
        approver="bob",
    )
    worlds.restate(parts)
    said, correction = entries(store)
    assert said["cost"] == Decimal("0.003")
    assert (correction["kind"], correction["cost"]) == ("correction", Decimal("-0.001"))
    assert (correction["reason"], correction["approver"]) == ("contract signed late", "bob")
    assert total(store) == Decimal("0.002")


def test_a_price_changes_only_what_happened_while_it_was_valid(store, parts, call, clock):
    border_ns = clock() - 2 * HOUR_NS
    worlds.publish(store, 1, [point("gpt-a", "input", "0.000003")])
    call(hours_ago=3)
    call(hours_ago=1)
    before = point("gpt-a", "input", "0.000003", valid_to=border_ns - 1)
    after = point("gpt-a", "input", "0.000005", valid_from=border_ns)
    worlds.publish(store, 2, [before, after])
    worlds.restate(parts)
    assert total(store) == Decimal("0.008")
    assert [one["kind"] for one in entries(store)] == ["usage", "usage", "correction"]


def test_a_price_dated_in_the_future_changes_nothing_yet(store, parts, call, clock):
    worlds.publish(store, 1, [point("gpt-a", "input", "0.000003")])
    call()
    border_ns = clock() + 1000 * HOUR_NS
    now = point("gpt-a", "input", "0.000003", valid_to=border_ns - 1)
    later = point("gpt-a", "input", "0.9", valid_from=border_ns)
    worlds.publish(store, 2, [now, later])
    worlds.restate(parts)
    assert len(entries(store)) == 1


def test_a_withdrawn_price_leaves_the_charge_unpriced_not_free(store, parts, call):
    worlds.publish(store, 1, [point("gpt-a", "input", "0.000003")])
    call()
    worlds.publish(store, 2, [], change_id="c2")
    worlds.restate(parts)
    found = entries(store)
    assert total(store) == 0
    assert sum(one["unpriced"] for one in found) == 1
    assert sum(one["events"] for one in found) == 1


def test_a_change_of_currency_takes_one_back_and_books_the_other(store, parts, call):
    worlds.publish(store, 1, [point("gpt-a", "input", "0.000003")])
    call()
    worlds.publish(store, 2, [point("gpt-a", "input", "0.000002", currency="EUR")])
    worlds.restate(parts)
    worlds.publish(store, 3, [point("gpt-a", "input", "0.000004")])
    worlds.restate(parts)
    by_currency = worlds.rows(
        store,
        "SELECT currency, sum(c.cost) AS total FROM charges AS c FINAL WHERE meter = 'input' "
        "GROUP BY currency ORDER BY currency",
    )
    assert by_currency == [
        {"currency": "EUR", "total": 0},
        {"currency": "USD", "total": Decimal("0.004")},
    ]


def test_a_tenant_s_own_price_leaves_the_others_alone(store, parts, call):
    listed = point("gpt-a", "input", "0.000003")
    worlds.publish(store, 1, [listed])
    call(tenant="acme")
    call(tenant="zeta")
    own = {"tenant": "acme", "list_amounts": [Decimal("0.000003")]}
    worlds.publish(store, 2, [listed, point("gpt-a", "input", "0.000002", **own)])
    worlds.restate(parts)
    sums = worlds.rows(
        store,
        "SELECT tenant, sum(c.cost) AS cost, sum(c.list_cost) AS listed "
        "FROM charges AS c FINAL GROUP BY tenant ORDER BY tenant",
    )
    assert sums == [
        {"tenant": "acme", "cost": Decimal("0.002"), "listed": Decimal("0.003")},
        {"tenant": "zeta", "cost": Decimal("0.003"), "listed": Decimal("0.003")},
    ]


@pytest.mark.parametrize(("input_tokens", "cost"), [(200_000, "0.2"), (200_001, "0.400002")])
def test_a_context_step_holds_for_larger_requests_only(store, parts, call, input_tokens, cost):
    steps = {"above": [0, 200_000], "price_ids": ["p", "q"], "rules": ["list", "list above 200000"]}
    amounts = [Decimal("0.000001"), Decimal("0.000002")]
    worlds.publish(
        store, 1, [point("gpt-a", "input", 1, amounts=amounts, list_amounts=amounts, **steps)]
    )
    call(**{"gen_ai.usage.input_tokens": input_tokens})
    assert total(store) == Decimal(cost)
    # A restatement finds the same step the insert did.
    worlds.publish(
        store,
        2,
        [point("gpt-a", "input", 1, amounts=amounts, list_amounts=[Decimal(1)] * 2, **steps)],
    )
    worlds.restate(parts)
    assert total(store) == Decimal(cost)
    assert sum(one["list_cost"] for one in entries(store)) == input_tokens


def test_a_second_pass_meets_an_insert_that_knew_the_old_book(store, call):
    parts = worlds.cost_parts(store, rollup_lag_s=3600)
    worlds.publish(store, 1, [point("gpt-a", "input", "0.000003")])
    store.insert("price_books", [{"book_version": 2, "published_at": parts.clock(), "points": 0}])
    # The dictionary is not reloaded: this insert still prices by book 1.
    (first, second) = worlds.Restatement(parts).due()
    worlds.Restatement(parts).restate(second)
    call()
    assert total(store) == Decimal("0.003")
    store.run_text("SYSTEM RELOAD DICTIONARY price_points_dictionary", tag="tests")
    late = worlds.cost_parts(store, rollup_lag_s=0)
    assert [due.passes for due in worlds.Restatement(late).due()] == [0, 1]
    worlds.restate(late)
    assert total(store) == 0
    assert first.book_version == 1


def test_a_pass_that_a_crash_cut_short_is_completed_without_doubling(store, parts, call):
    worlds.publish(store, 1, [point("gpt-a", "input", "0.000003")])
    call()
    call()
    worlds.publish(store, 2, [point("gpt-a", "input", "0.000002")])
    job = worlds.Restatement(parts)
    job.restate(job.due()[0])
    (due,) = job.due()
    job.restate(due)
    # It died before it said that it was done, after it had booked.
    store.run_text("TRUNCATE TABLE price_restatements", tag="tests")
    worlds.restate(parts)
    assert total(store) == Decimal("0.004")
    assert [one["kind"] for one in entries(store)] == ["usage"] * 2 + ["correction"] * 2


def test_a_correction_names_the_change_that_made_it_though_two_came_at_once(store, parts, call):
    worlds.publish(store, 1, [point("gpt-a", "input", "0.000003")])
    worlds.restate(parts)
    call("gpt-a")
    call("gpt-b")
    a, b = point("gpt-a", "input", "0.000002"), point("gpt-b", "input", "0.000007")
    worlds.publish(store, 2, [point("gpt-a", "input", "0.000009"), b], change_id="c2")
    worlds.publish(store, 3, [a, b], change_id="c3")
    worlds.restate(parts)
    changes = [(one["kind"], one["change_id"], one["cost"]) for one in entries(store)[2:]]
    assert sorted(changes) == [
        ("correction", "c3", Decimal("-0.001")),
        ("late_price", "c2", Decimal("0.007")),
    ]


def test_what_is_quarantined_stays_without_money(store, parts, call):
    call(**{"gen_ai.usage.input_tokens": -5})
    worlds.publish(store, 1, [point("gpt-a", "gen_ai.usage.input_tokens", 1)])
    worlds.restate(parts)
    assert total(store) == 0


def test_requests_are_free_until_somebody_prices_them(store, parts, call):
    call()
    (before,) = entries(store, "requests")
    assert (before["state"], before["events"], before["unpriced"]) == ("free", 0, 0)
    worlds.publish(store, 1, [point("gpt-a", "requests", "0.01")])
    worlds.restate(parts)
    found = entries(store, "requests")
    assert sum(one["cost"] for one in found) == Decimal("0.01")
    assert (sum(one["events"] for one in found), sum(one["unpriced"] for one in found)) == (1, 0)
