"""`POST /v1/costs/whatif`: exact money before and after, and calls a budget would have stopped."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from cost.api.whatif import WhatIfs
from cost.api.whatif_shapes import WhatIfAnswer
from cost.parts import CostParts
from cost.settings import CostSettings
from cost.whatif.replay import Answer, Budget, Replay, Request, Threshold, window_start
from cost.whatif.scenario import Use
from sql.access import Role
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.cost.reports.ledger import Ledger, booking, charge, random_ledger, unpriced

FAR_NS = 4_102_444_800_000_000_000
HOUR_NS = 3_600_000_000_000


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


NOW = at("2026-11-20T12:00:00")
NOON = at("2026-10-05T12:00:00")
OCTOBER = {"from": "2026-10-01", "to": "2026-11-01"}


class World:
    def __init__(self, store, **settings):
        self.store = store
        self.ledger = Ledger(store, FakeClock(NOW))
        parts = CostParts(store, self.ledger.clock, lambda: "id", CostSettings(**settings))
        self.api = Api([WhatIfs(parts).router()])

    def ask(self, reader=None, **body):
        answer = self.api.response(
            "/v1/costs/whatif", reader, method="POST", json={**OCTOBER, **body}
        )
        assert answer.status_code == 200, answer.text
        WhatIfAnswer.model_validate(answer.json())
        return answer.json()

    def refused(self, reader=None, **body):
        answer = self.api.response(
            "/v1/costs/whatif", reader, method="POST", json={**OCTOBER, **body}
        )
        return answer.status_code, answer.json().get("field")

    def prices(self, *points):
        base = {"book_version": 1, "tenant": "", "provider": "openai", "service_tier": ""}
        rows = []
        for model, meter, amount, more in points:
            money = [Decimal(amount)]
            rows.append(
                {
                    **base,
                    "model": model,
                    "meter": meter,
                    "valid_from": 0,
                    "valid_to": FAR_NS,
                    "currency": "USD",
                    "above": [0],
                    "amounts": money,
                    "list_amounts": money,
                    "price_ids": ["p"],
                    "rules": ["list"],
                    **more,
                }
            )
        self.store.insert("price_points", rows)
        self.store.insert("price_books", [{"book_version": 1, "published_at": 1, "points": 1}])


@pytest.fixture
def world(embedded):
    store = embedded.open()
    Migrator(store).apply()
    return World(store)


@pytest.fixture(scope="module")
def empty_world(request):
    """A world that tests only ask; a migrated database takes its time."""
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    yield World(store)
    databases.clear()


def money(answer):
    return {item["model"]: (item["before"], item["after"]) for item in answer["items"]}


def test_a_change_in_per_cent_by_model_and_meter(world):
    world.ledger.book(
        charge(NOON, model="gpt-5", meter="input", cost=Decimal(1)),
        charge(NOON, model="gpt-5", meter="output", cost=Decimal(2)),
        charge(NOON, model="other", meter="output", cost=Decimal(4)),
        charge(at("2026-09-30T23:00:00"), model="gpt-5", cost=Decimal(99)),
    )
    answer = world.ask(changes=[{"model": "gpt-*", "meter": "output", "percent": "-12.5"}])
    assert money(answer) == {"gpt-5": ("3", "2.75"), "other": ("4", "4")}
    assert answer["totals"] == [
        {"currency": "USD", "before": "7", "after": "6.75", "delta": "-0.25"}
    ]


def test_another_price_list_prices_what_had_no_price(world):
    world.ledger.book(
        charge(NOON, quantity=Decimal(1_000_000), cost=Decimal(1)),
        unpriced(NOON, quantity=Decimal(500_000), list_cost=Decimal(0)),
    )
    price = {"provider": "openai", "amount": "3", "per": 1_000_000, "currency": "EUR"}
    answer = world.ask(changes=[price])
    assert {(t["currency"], t["before"], t["after"]) for t in answer["totals"]} == {
        ("USD", "1", "0"),
        ("EUR", "0", "4.5"),
    }
    assert (answer["coverage_before"], answer["coverage_after"]) == ("0.5", "1")


def test_a_late_price_is_not_taken_for_less_quantity(world):
    waits = unpriced(NOON, quantity=Decimal(1_000_000), list_cost=Decimal(0))
    late = booking(waits, "late_price", NOON + 9, currency="USD", unpriced=-1, cost=Decimal(2))
    world.ledger.book(waits, late)
    answer = world.ask(changes=[{"amount": "3", "currency": "USD"}])
    assert money(answer) == {"gpt-x": ("2", "3")}


def test_another_model_with_its_own_prices_over_time_and_token_ratio(world):
    change = at("2026-10-05T13:00:00")
    world.prices(
        ("mini", "input", "0.000001", {"valid_to": change - 1}),
        ("mini", "input", "0.000002", {"valid_from": change}),
        ("mini", "output", "0.00001", {}),
        ("mini", "input", "0.0000005", {"tenant": "acme", "valid_from": change}),
    )
    use = {"quantity": Decimal(1000), "cost": Decimal(1), "model": "big"}
    world.ledger.book(
        charge(NOON, **use),
        charge(change, **use, tenant="beta"),
        charge(change, **use),
        charge(NOON, **{**use, "meter": "reasoning"}),
        charge(NOON, **{**use, "model": "other"}),
    )
    switch = {"model": "big", "to_provider": "openai", "to_model": "mini"}
    answer = world.ask(
        switch={**switch, "input_ratio": "1.2", "output_ratio": "0.5"}, group_by="tenant"
    )
    after = {item["tenant"]: Decimal(item["after"]) for item in answer["items"]}
    assert after == {
        # Before the change, after it by contract, reasoning at the price of output; and the other.
        "acme": Decimal("0.0012") + Decimal("0.0006") + Decimal("0.005") + 1,
        "beta": Decimal("0.0024"),
    }
    assert world.refused(switch={**switch, "to_model": "nowhere"}) == (400, "to_model")


def test_a_meter_the_other_model_has_no_price_for_is_unpriced(world):
    world.prices(("mini", "input", "0.000001", {}))
    world.ledger.book(charge(NOON, meter="output", model="big"))
    switch = {"model": "big", "to_provider": "openai", "to_model": "mini"}
    answer = world.ask(switch=switch)
    assert (answer["unpriced_before"], answer["unpriced_after"]) == (0, 1)
    assert answer["totals"][0]["after"] == "0"


def test_nothing_changed_is_exactly_what_was(world):
    rows = random_ledger(3, at("2026-10-03T00:00:00"), 5, 300)
    world.ledger.book(*rows)
    held = [row for row in world.ledger.held(NOW) if row["tenant"] != "answerable"]
    answer = world.ask(changes=[{"percent": "0"}], group_by="tenant,model,meter")
    for total in answer["totals"]:
        spent = [row["cost"] for row in held if row["currency"] == total["currency"]]
        assert Decimal(total["before"]) == Decimal(total["after"]) == sum(spent)
    budget = {"limit": "1000000", "currency": "USD", "per": "tenant"}
    played = world.ask(budget=budget)["budget"]
    spent = sum(row["cost"] for row in held if row["currency"] == "USD")
    assert Decimal(played["spent"]) == spent
    assert played["blocked"] == 0


def call(hour, cost, **more):
    return charge(at("2026-10-05T00:00:00") + hour * HOUR_NS, cost=Decimal(cost), **more)


def test_a_budget_blocks_in_the_order_of_events(world):
    """Booked in another order than they happened; the one too large does not stop the next."""
    world.ledger.book(call(3, "4"), call(1, "5"), call(2, "6"), call(4, "1"), call(30, "10"))
    budget = {"limit": "10", "currency": "USD", "window": "day"}
    played = world.ask(budget=budget)["budget"]
    assert (played["requests"], played["blocked"], played["spent"]) == (5, 1, "20")
    first = played["windows"][0]
    assert (first["spent"], first["blocked"], first["avoided"]) == ("10", 1, "6")
    assert first["first_blocked_at"] == "2026-10-05T02:00:00.000000000Z"
    monthly = world.ask(budget={**budget, "window": "month"})["budget"]
    assert (monthly["blocked"], monthly["spent"]) == (2, "10")


def test_thresholds_defer_downgrade_and_say_when(world):
    world.prices(("mini", "input", "0.01", {}))
    use = {"quantity": Decimal(100)}
    world.ledger.book(*[call(hour, "4", **use) for hour in range(1, 5)])
    budget = {"limit": "10", "currency": "USD", "window": "all"}
    down = {
        "thresholds": [{"percent": "40", "answer": "downgrade"}],
        "downgrade": {"to_provider": "openai", "to_model": "mini"},
    }
    played = world.ask(budget={**budget, **down})["budget"]
    assert (played["allowed"], played["downgraded"], played["blocked"]) == (1, 3, 0)
    assert (played["spent"], played["avoided"]) == ("7", "9")
    assert played["windows"][0]["crossed"] == {"40": "2026-10-05T02:00:00.000000000Z"}
    defer = {"thresholds": [{"percent": "80", "answer": "defer"}]}
    played = world.ask(budget={**budget, **defer})["budget"]
    assert (played["allowed"], played["deferred"], played["spent"]) == (2, 2, "8")
    assert world.refused(budget={**budget, "thresholds": down["thresholds"]}) == (400, "downgrade")


def test_each_scope_has_a_budget_of_its_own_and_a_call_is_one_request(world):
    two = call(1, "3", tenant="a")
    world.ledger.book(
        two, {**two, "meter": "output"}, call(2, "3", tenant="b"), call(3, "9", tenant="b")
    )
    world.ledger.book(call(4, "1", tenant="b", currency="EUR"))
    played = world.ask(budget={"limit": "6", "currency": "USD", "per": "tenant"})["budget"]
    found = {
        w["scope"]: (w["requests"], w["blocked"], w["spent"], w["uncounted"])
        for w in played["windows"]
    }
    assert found == {"a": (1, 0, "6", 0), "b": (3, 1, "3", 1)}


def test_a_budget_is_played_over_the_scenario(world):
    world.ledger.book(*[call(hour, "4") for hour in range(1, 5)])
    budget = {"limit": "8", "currency": "USD"}
    assert world.ask(budget=budget)["budget"]["blocked"] == 2
    half = [{"percent": "-50"}]
    assert world.ask(budget=budget, changes=half)["budget"]["blocked"] == 0


def test_a_budget_of_nothing_blocks_whatever_costs(world):
    world.ledger.book(call(1, "0.000000000000000001"), call(2, "0"))
    played = world.ask(budget={"limit": "0", "currency": "USD"})["budget"]
    assert (played["blocked"], played["allowed"]) == (1, 1)


def test_a_replay_is_bounded(embedded):
    store = embedded.open()
    Migrator(store).apply()
    world = World(store, whatif_rows_max=2)
    world.ledger.book(*[call(hour, "4") for hour in range(1, 4)])
    budget = {"limit": "8", "currency": "USD"}
    assert world.refused(budget=budget) == (400, "from")
    assert world.ask(changes=[{"percent": "10"}])["totals"][0]["after"] == "13.2"


def test_tenants_stay_apart(world):
    world.ledger.book(call(1, "1", tenant="acme"), call(1, "2", tenant="beta"))
    acme = principal("acme")
    answer = world.ask(reader=acme, changes=[{"percent": "100"}])
    assert answer["totals"][0]["after"] == "2"
    assert world.refused(reader=acme, tenant="beta", changes=[{"percent": "1"}])[0] == 403
    sender = principal(roles=(Role.INGEST,))
    assert world.refused(reader=sender, changes=[{"percent": "1"}])[0] == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "changes"),
        ({"changes": [{"percent": "-101"}]}, "changes.0.percent"),
        ({"changes": [{"percent": "5", "amount": "1", "currency": "USD"}]}, "amount"),
        ({"changes": [{}]}, "percent"),
        ({"changes": [{"amount": "1"}]}, "currency"),
        ({"changes": [{"amount": "-1", "currency": "USD"}]}, "changes.0.amount"),
        ({"changes": [{"amount": "1", "currency": "XXX"}]}, "currency"),
        ({"changes": [{"percent": "5", "model": "a||b"}]}, "model"),
        ({"changes": [{"percent": "5"}], "group_by": "colour"}, "group_by"),
        ({"changes": [{"percent": "5"}], "from": "2026-10-01T00:30:00Z"}, "from"),
        ({"changes": [{"percent": "5"}], "to": "2026-09-01"}, "from"),
        ({"changes": [{"percent": "5"}], "known_at": "2027-01-01"}, "known_at"),
        ({"budget": {"limit": "-1", "currency": "USD"}}, "budget.limit"),
        ({"budget": {"limit": "1", "currency": "USD", "window": "year"}}, "budget.window"),
        (
            {"switch": {"to_provider": "a", "to_model": "b", "input_ratio": "0"}},
            "switch.input_ratio",
        ),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_bodies_name_the_field(empty_world, body, field):
    status, named = empty_world.refused(**body)
    assert status == 400
    assert named is not None
    assert named.endswith(field)


@pytest.mark.parametrize(
    ("window", "start"),
    [
        ("hour", "2026-11-01T13:00:00"),
        ("day", "2026-11-01T00:00:00"),
        ("week", "2026-10-26T00:00:00"),
        ("month", "2026-11-01T00:00:00"),
    ],
)
def test_windows_begin_where_the_calendar_says(window, start):
    assert window_start(at("2026-11-01T13:45:09"), window) == at(start)
    assert window_start(at("2026-11-01T13:45:09"), "all") == 0


def test_spending_never_passes_the_limit():
    """Whatever comes, what is let through stays within the limit."""
    budget = Budget(Decimal(10), "USD", "all", (Threshold(Decimal(90), Answer.DENY),))
    replay = Replay(budget)
    costs = [Decimal(n % 7) / 3 for n in range(100)]
    uses = [
        Use("a", "p", "m", "input", "tokens", "", Decimal(1), {"USD": cost}, 1, 0, n)
        for n, cost in enumerate(costs)
    ]
    replay.play(Request(use.at_ns, "", [use]) for use in uses)
    (tally,) = replay.tallies.values()
    assert tally.spent <= 10
    assert tally.blocked + tally.allowed == tally.requests == 100
    assert abs(Fraction(tally.spent + tally.avoided) - Fraction(sum(costs))) < Fraction(1, 10**20)
