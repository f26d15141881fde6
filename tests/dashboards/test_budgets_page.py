"""The Budgets page: what is left, when it runs out, what holds it, who changed it."""

from decimal import Decimal

import pytest

from dashboards import budget_charts
from dashboards.views import budget_detail
from tests.dashboards import meter_answers as a
from tests.dashboards.answers import HOSTILE, at
from tests.dashboards.api_double import Problem


@pytest.fixture
def planned(api):
    """An API with one budget, and the sums that say how much is priced."""
    api.routes |= {
        "/v1/budgets": a.budgets(a.budget()),
        "/v1/budgets/maths/history": a.history(),
        "/v1/budgets/reservations": a.reservations(),
        "/v1/costs/forecast": a.forecast(),
        "/v1/costs": a.coverage,
    }
    return api


def test_without_budgets_it_says_how_to_make_one(api, open_page, shown):
    api.routes["/v1/budgets"] = a.budgets()
    app = open_page("budgets")
    shown(app)
    assert "POST /v1/budgets" in app.info[0].value


def test_one_budget_in_full(planned, open_page, shown):
    text = shown(open_page("budgets"))
    for said in ("100.00 USD", "80.00 USD", "5.00 USD", "15.00 USD", "85.0 % used"):
        assert said in text
    for said in ("2026-11-26", "80 %: 2026-11-25 to after its end", "10.00 USD not yet in"):
        assert said in text
    for said in ("r-77", "2.50 USD", "plan", "more pupils", "limit: 50 → 100", "over_limit"):
        assert said in text
    assert "97.0 % priced" in text
    assert "<script>" not in text
    assert planned.last("/v1/costs/forecast") == {"tenant": "north", "budget": "maths"}
    assert planned.last("/v1/budgets/reservations")["state"] == "open"


def test_rules_are_said_in_words(planned, open_page, shown):
    text = shown(open_page("budgets")).replace("\\", "")
    assert "from 80 % downgrade to gpt-5-nano, from 95 % defer, at the limit deny" in text
    assert "a month (Europe/Paris)" in text
    assert "unknown price: deny" in text


def test_a_link_opens_its_budget_and_an_unknown_one_the_fullest(planned, open_page):
    small = a.budget(budget_id="small", tenant="south", state={"used": "0.1"})
    planned.routes["/v1/budgets"] = a.budgets(small, a.budget())
    planned.routes["/v1/budgets/small/history"] = a.history()
    open_page("budgets", budget="small", budget_tenant="south")
    assert planned.last("/v1/budgets/small/history") == {"tenant": "south"}
    open_page("budgets", budget="gone")
    assert planned.last("/v1/budgets/maths/history") == {"tenant": "north"}


def test_a_suspension_is_said_first_and_that_telemetry_goes_on(planned, open_page, shown):
    stop = {"tenant": "north", "budget_id": "maths", "since": at(), "until": None}
    held = {"since": at(), "until": None, "reason": "limit"}
    planned.routes["/v1/budgets"] = a.budgets(
        a.budget(state={"suspended": held}), suspensions=[{**stop, "reason": "limit reached"}]
    )
    app = open_page("budgets")
    shown(app)
    assert "until lifted: limit reached" in app.warning[0].value
    assert "Telemetry is taken" in app.warning[0].value
    assert app.dataframe[0].value["Next call"].to_list() == ["suspended"]


def test_a_budget_of_0_has_no_share(planned, open_page, shown):
    nothing = {"used": None, "remaining": "0", "spent": "0", "held": "0"}
    planned.routes["/v1/budgets"] = a.budgets(a.budget(limit="0", state=nothing))
    planned.routes["/v1/costs/forecast"] = a.unknown_forecast()
    text = shown(open_page("budgets"))
    assert "limit of 0" in text
    assert "14 whole days" in text


def test_money_that_cannot_be_converted_is_said(planned, open_page, shown):
    state = {"unconverted": [{"currency": "EUR", "amount": "3"}]}
    planned.routes["/v1/budgets"] = a.budgets(a.budget(state=state))
    app = open_page("budgets")
    shown(app)
    assert "no rate to USD" in app.warning[0].value


@pytest.mark.parametrize(
    "lacking", ["/v1/costs/forecast", "/v1/budgets/maths/history", "/v1/costs"]
)
def test_a_part_an_older_service_lacks_leaves_the_rest(planned, open_page, shown, lacking):
    planned.routes[lacking] = Problem(404, "Not Found", "nothing there")
    app = open_page("budgets")
    assert "does not offer it" in shown(app)
    assert "100.00 USD" in shown(app)
    assert not app.error


@pytest.mark.parametrize(("status", "said"), [(404, "Update it"), (403, "role viewer")])
def test_refusals(api, open_page, status, said):
    api.routes["/v1/budgets"] = Problem(status, "No", "not here")
    (error,) = open_page("budgets").error
    assert said in error.value


def test_service_gone(planned, open_page, shown):
    app = open_page("budgets")
    planned.close()
    app.run()
    shown(app)
    assert "answerable up" in app.error[0].value


def test_burn_down_starts_at_the_limit_and_ends_at_what_the_tile_says():
    points = budget_charts.remaining(a.budget(), a.history())
    assert [rest for _, rest in points] == [Decimal(n) for n in (100, 80, 55, 22, 20)]


def test_of_today_only_the_rest_is_to_come_and_it_ends_when_nothing_is_left():
    points = budget_charts.expected(a.budget(), a.history(), a.forecast())
    assert [rest for _, rest in points] == [Decimal(n) for n in (20, 16, 10, 4, -2)]
    assert points[1][0] == "2026-11-24T00:00:00Z"


def test_a_forecast_in_another_currency_is_not_drawn_against_the_limit():
    points = budget_charts.expected(a.budget(), a.history(), a.forecast(currency="EUR"))
    assert len(points) == 1
    assert budget_charts.expected(a.budget(), a.history(), a.unknown_forecast())[1:] == []


def test_a_rolling_window_has_no_even_pace():
    rolling = {"kind": "rolling", "duration_s": 86_400}
    state = {"window": {"from": at(-86_400), "to": None}}
    budget = a.budget(window=rolling, state=state)
    names = [line.name for line in budget_charts.burn_down(budget, a.history(), None).data]
    assert names == ["left"]
    assert budget_detail.window(budget) == "any 1 d"
    # Of today's 6 two are spent and 4 to come; yesterday's 5 leave the window.
    ahead = budget_charts.expected(budget, a.history(), a.forecast())
    assert [rest for _, rest in ahead][:2] == [Decimal(20), Decimal(21)]
    # A day that is still to come leaves again as well: from then on nothing changes.
    assert {rest for _, rest in ahead[2:]} == {ahead[2][1]}
    hours = a.budget(window={**rolling, "duration_s": 3600}, state=state)
    assert len(budget_charts.expected(hours, a.history(), a.forecast())) == 1
    month = budget_charts.burn_down(a.budget(), a.history(), a.forecast())
    assert [line.name for line in month.data] == ["even pace", "left", "expected"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ("2026-11-26", "80 %: 2026-11-25 to after its end")),
        ({"exceeded": True}, ("already", "the limit is reached")),
        ({"expected": None}, ("not expected", "at the earliest 2026-11-25")),
        ({"expected": None, "low": None}, ("not expected", "within its window")),
    ],
)
def test_when_it_runs_out(changes, said):
    forecast = a.forecast()
    forecast["runs_out"] |= changes
    assert budget_detail.runs_out(forecast) == said
    assert budget_detail.runs_out(None) == ("unknown", "no forecast")


def test_changes_of_every_kind_are_told():
    gone = {**a.history()["versions"][0], "version": 3, "op": "delete", "definition": None}
    rows = budget_detail.changes([*a.history()["versions"], gone])
    assert [row["what"] for row in rows] == ["removed", "limit: 50 → 100", "made, limit 50.00 USD"]
    assert HOSTILE not in str(rows)
