"""`GET /v1/costs/forecast`: month ends, limits and their dates, and honest silence."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from cost.api.forecast import CostForecasts
from cost.patterns import Pattern
from cost.prices.rates import Rates
from cost.reports.limits import Limit, RecordedLimits
from cost.reports.outlook import Outlook, days_left
from sql.migrate import Migrator
from tests.conftest import FakeClock
from tests.cost.api.kit import Api, principal
from tests.cost.reports.ledger import DAY_NS, HOUR_NS, Ledger, charge, unpriced

EPOCH = date(1970, 1, 1)


def at_ns(day, hours=0.0):
    return (day - EPOCH).days * DAY_NS + round(hours * HOUR_NS)


@pytest.fixture
def ledger(embedded):
    store = embedded.open()
    Migrator(store).apply()
    clock = FakeClock()
    # Noon in the middle of a month, so that days of it are past and to come.
    today = datetime.fromtimestamp(clock() // 1_000_000_000, UTC).date()
    clock.now_ns = at_ns((today.replace(day=1) - timedelta(days=1)).replace(day=15), 12)
    return Ledger(store, clock)


@pytest.fixture
def api(ledger):
    limits = RecordedLimits(ledger.parts.records)
    return Api([CostForecasts(ledger.parts, partial(Rates, ledger.store), limits).router()])


def spend(ledger, days, cost="10", **values):
    """Book the same cost at noon of each past day, and of today."""
    now = ledger.clock()
    ledger.book(*[charge(now - n * DAY_NS, cost=Decimal(cost), **values) for n in range(days + 1)])


def day_after(ledger, days):
    return datetime.fromtimestamp(ledger.clock() // 10**9 + days * 86_400, UTC).date().isoformat()


def test_constant_spend_goes_on_to_the_end_of_the_month(ledger, api):
    spend(ledger, 40)
    answer = api.get("/v1/costs/forecast")
    today = date.fromisoformat(day_after(ledger, 0))
    left = days_left(today)
    assert answer["currency"] == "USD"
    assert answer["coverage"] == "1"
    assert len(answer["history"]) == 41
    assert [item["day"] for item in answer["forecast"]] == [
        day_after(ledger, n) for n in range(left)
    ]
    month = answer["month"]
    assert (month["month"], month["spent"], month["level"]) == (f"{today:%Y-%m}", "150", "0.8")
    # Half of today is over and its spend is there; the other half is expected as ever.
    expected = 150 + 5 + 10 * (left - 1)
    assert Decimal(month["expected"]) == expected
    assert Decimal(month["low"]) == Decimal(month["high"]) == expected
    assert answer["backtest"]["wmape"] == pytest.approx(0, abs=1e-9)
    assert answer["backtest"]["days"] == left
    assert answer["runs_out"] is None


@pytest.mark.parametrize("days", [0, 1, 13])
def test_too_little_history_is_said_and_no_number_made_up(ledger, api, days):
    spend(ledger, days)
    answer = api.get("/v1/costs/forecast", limit="1000")
    assert "Not enough history" in answer["note"]
    assert answer["forecast"] == []
    assert answer["backtest"] is None
    assert answer["month"]["expected"] is None
    assert Decimal(answer["month"]["spent"]) == 10 * (days + 1)
    assert answer["runs_out"]["expected"] is None


def test_nothing_at_all_is_answered(api):
    answer = api.get("/v1/costs/forecast")
    assert (answer["history"], answer["forecast"], answer["coverage"]) == ([], [], None)
    assert answer["month"]["spent"] == "0"


def test_a_monthly_limit_runs_out_on_a_day(ledger, api):
    spend(ledger, 40)
    found = api.get("/v1/costs/forecast", limit="185")["runs_out"]
    # 150 are spent, 5 more come today and 10 a day from then on.
    assert found["expected"] == day_after(ledger, 3)
    assert not found["exceeded"]
    assert api.get("/v1/costs/forecast", limit="100000")["runs_out"]["expected"] is None


def test_a_limit_that_is_reached_says_since_when(ledger, api):
    spend(ledger, 40)
    found = api.get("/v1/costs/forecast", limit="145")["runs_out"]
    assert found["exceeded"]
    assert found["low"] == found["expected"] == found["high"] == day_after(ledger, 0)
    found = api.get("/v1/costs/forecast", limit="0")["runs_out"]
    assert found["low"] == day_after(ledger, -14)


def test_uncertain_spend_runs_out_early_or_late(ledger, api):
    now = ledger.clock()
    ledger.book(*[charge(now - n * DAY_NS, cost=Decimal(5 + (n * 7) % 11)) for n in range(60)])
    answer = api.get("/v1/costs/forecast", limit="230")
    month, found = answer["month"], answer["runs_out"]
    assert Decimal(month["spent"]) <= Decimal(month["low"]) < Decimal(month["expected"])
    assert Decimal(month["expected"]) < Decimal(month["high"])
    assert found["low"] < found["expected"] < (found["high"] or "9999")


BUDGET = {
    "name": "tutoring",
    "scope": {"project": "p1", "user": "", "key": "", "provider": "", "feature": "", "model": ""},
    "limit": "170",
    "currency": "USD",
    "window": {"kind": "calendar", "period": "month", "time_zone": "UTC"},
    "thresholds": [],
    "hard": True,
    "suspends": False,
    "unknown_price": {"policy": "deny", "cap": None},
    "per_request_cap": None,
    "reservation_ttl_s": 60,
    "default_output_tokens": 100,
}


def record(ledger, tenant="acme", **changes):
    body = {**BUDGET, **changes}
    valid_from = ledger.clock() - 90 * DAY_NS
    ledger.parts.records.put(
        "budget", "b1", body, tenant=tenant, actor="t", reason="", valid_from=valid_from
    )


def test_a_budget_brings_its_charges_window_and_limit(ledger, api):
    record(ledger)
    spend(ledger, 40, project="p1")
    spend(ledger, 40, cost="99", project="p2")
    spend(ledger, 40, cost="99", project="p1", tenant="beta")
    answer = api.get("/v1/costs/forecast", budget="b1")
    assert answer["month"]["spent"] == "150"
    assert answer["runs_out"]["budget_id"] == "b1"
    assert answer["runs_out"]["expected"] == day_after(ledger, 2)
    assert len(answer["forecast"]) == 92


def test_a_budget_of_some_models_leaves_out_the_others(ledger, api):
    record(ledger, scope={**BUDGET["scope"], "project": "", "model": "gpt-#*"})
    spend(ledger, 20, model="GPT-5-mini")
    spend(ledger, 20, model="claude-x")
    assert api.get("/v1/costs/forecast", budget="b1")["month"]["spent"] == "150"


def test_a_moving_window_forgets_what_it_leaves(ledger, api):
    rolling = {"kind": "rolling", "duration_s": 7 * 86_400}
    record(ledger, window=rolling, limit="90", scope={**BUDGET["scope"], "project": ""})
    spend(ledger, 40)
    found = api.get("/v1/costs/forecast", budget="b1")["runs_out"]
    assert (found["exceeded"], found["expected"]) == (False, None)
    record(ledger, window=rolling, limit="60", scope={**BUDGET["scope"], "project": ""})
    assert api.get("/v1/costs/forecast", budget="b1")["runs_out"]["exceeded"]


def test_a_budget_of_a_key_has_no_forecast_and_says_why(ledger, api):
    record(ledger, scope={**BUDGET["scope"], "key": "k1"})
    assert "key" in api.problem("/v1/costs/forecast", budget="b1")["detail"]


def test_budgets_of_other_tenants_are_not_found(ledger, api):
    record(ledger)
    problem = api.problem("/v1/costs/forecast", reader=principal("beta"), budget="b1")
    assert problem["status"] == 404
    record(ledger, tenant="")
    problem = api.problem("/v1/costs/forecast", reader=principal("beta"), budget="b1")
    assert problem["status"] == 404
    assert api.problem("/v1/costs/forecast", budget="b1")["status"] == 400


def test_as_of_looks_ahead_from_the_past(ledger, api):
    spend(ledger, 60)
    as_of = ledger.clock() - 5 * DAY_NS
    answer = api.get("/v1/costs/forecast", as_of=as_of)
    assert answer["forecast"][0]["day"] == day_after(ledger, -5)
    assert answer["month"]["spent"] == "100"


def test_unpriced_charges_lower_the_coverage(ledger, api):
    spend(ledger, 20)
    ledger.book(*[unpriced(ledger.clock() - n * DAY_NS) for n in range(7)])
    assert api.get("/v1/costs/forecast")["coverage"] == "0.75"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"limit": "much"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "NaN"}, "limit"),
        ({"history_days": "3"}, "history_days"),
        ({"as_of": "+1d"}, "future"),
        ({"currency": "QQQ"}, "ISO 4217"),
        ({"from": "2026-01-01"}, "from"),
    ],
)
def test_bad_input_is_named(api, params, said):
    problem = api.problem("/v1/costs/forecast", **params)
    assert problem["status"] == 400
    assert said in str(problem)


def test_several_currencies_ask_for_one(ledger, api):
    spend(ledger, 3)
    spend(ledger, 3, currency="EUR")
    assert "EUR, USD" in api.problem("/v1/costs/forecast")["detail"]


@pytest.mark.parametrize(
    ("day", "left"),
    [
        ("2026-11-30", 1),
        ("2026-12-31", 1),
        ("2028-02-28", 2),
        ("2027-02-28", 1),
        ("2026-01-01", 31),
    ],
)
def test_month_ends(day, left):
    today = date.fromisoformat(day)
    assert days_left(today) == left
    spent = {today - timedelta(days=n): Decimal(2) for n in range(1, 60)}
    outlook = Outlook.of(spent, today, 0.0, 60, 1)
    so_far, band = outlook.month()
    assert so_far == 2 * (today.day - 1)
    assert band.expected == so_far + 2 * left


def test_the_sum_is_exact_beyond_28_digits():
    today = date(2026, 11, 10)
    spent = {date(2026, 11, n): Decimal("12345678901234567.123456789012345678") for n in (1, 2)}
    month = Outlook.of(spent, today, 0.5, 60, 1).month()[0]
    assert str(month) == "24691357802469134.246913578024691356"


def test_a_limit_states_its_window_in_days():
    rolling = Limit("b", Decimal(1), "USD", (), 0, None, {}, Pattern("x"))
    assert rolling.rolling_days(3 * DAY_NS + 1) == 4
