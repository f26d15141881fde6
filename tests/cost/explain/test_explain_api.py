"""`GET /v1/costs/explain` over stored charges."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import pytest
from pydantic import SecretStr

from cost.explain.effects import EFFECTS
from cost.explain.explanation import DIMENSIONS
from cost.prices.rates import Rates
from cost.reports.conversion import UNCONVERTED
from cost.reports.dimensions import BY_HOUR
from cost.reports.question import Question
from cost.reports.sums import Sums
from cost.settings import CostSettings
from sql.client import Store
from sql.migrate import Migrator
from sql.settings import StoreSettings
from tests.conftest import HOUR_NS
from tests.cost.explain.worlds import DAY_NS, Api, Ledger
from web.window import Window


@pytest.fixture
def cost_store(request):
    store = request.getfixturevalue(getattr(request, "param", "embedded")).open()
    Migrator(store).apply()
    return store


@pytest.fixture
def ledger(cost_store, clock):
    return Ledger(cost_store, clock)


@pytest.fixture
def api(cost_store, clock):
    return Api(cost_store, clock)


@pytest.fixture(scope="module")
def unread_store(engine_directory):
    """A store for questions that are refused before anything is read."""
    dsn = f"chdb://{engine_directory}?database=unread"
    with Store.open(StoreSettings(store=SecretStr(dsn))) as store:
        yield store


def nonzero(effects):
    return {name: value for name, value in effects.items() if value != "0"}


@pytest.mark.parametrize("cost_store", ["embedded", "served"], indirect=True)
def test_a_jump_is_split_and_shown_by_every_dimension(api, ledger, clock):
    before, after = clock() - 36 * HOUR_NS, clock() - 12 * HOUR_NS
    for _ in range(2):
        ledger.call(before, project="maths", prompt_name="rubric", prompt_version="1")
    for _ in range(6):
        ledger.call(after, project="maths", prompt_name="rubric", prompt_version="1")
    answer = api.get(from_="-1d")
    assert answer["window"]["from"] < answer["window"]["to"] == answer["known_at"]
    assert answer["baseline_window"]["to"] == answer["window"]["from"]
    assert (answer["baseline"], answer["current"], answer["delta"]) == ("2", "6", "4")
    assert answer["effects"].keys() == EFFECTS.keys()
    assert nonzero(answer["effects"]) == {"volume": "4"}
    assert answer["currency"] == "USD"
    assert answer["per"] == "window"
    assert answer["calls"] == {"baseline": "2", "current": "6"}
    assert answer["coverage"] == {"baseline": "1", "current": "1"}
    assert answer["causes"] == []
    values = {item["dimension"]: item["value"] for item in answer["items"]}
    assert list(dict.fromkeys(item["dimension"] for item in answer["items"])) == [*DIMENSIONS]
    assert values["project"] == "maths"
    assert values["prompt"] == "rubric@1"
    assert values["connector"] == ""


def test_the_parts_of_a_hour_count_to_the_nanosecond(api, ledger, clock):
    start = clock() - 2 * HOUR_NS + 1234
    for time_ns in (start - HOUR_NS, start - 1, start, start + 1, start + HOUR_NS - 1):
        ledger.call(time_ns)
    window = {"from_": start, "to": start + HOUR_NS}
    answer = api.get(**window)
    assert (answer["baseline"], answer["current"]) == ("2", "3")


def test_the_whole_is_what_costs_says(api, ledger, cost_store, clock):
    for number in range(40):
        time_ns = clock() - 40 * HOUR_NS + number * HOUR_NS + 777 * number
        ledger.call(
            time_ns, price=f"0.0{number + 1}7", tokens=37 + number, project=f"p{number % 7}"
        )
    window = Window(clock() - 19 * HOUR_NS + 5, clock() - HOUR_NS // 3)
    asked = Question(window, clock(), (), (), {}, BY_HOUR)
    (total,) = Sums(cost_store, partial(Rates, cost_store)).totals(asked, UNCONVERTED)
    answer = api.get(from_=window.from_ns, to=window.to_ns)
    assert Decimal(answer["current"]) == total.amounts.cost
    assert sum(Decimal(value) for value in answer["effects"].values()) == Decimal(answer["delta"])


def test_rates_a_day_are_compared_where_windows_differ_in_length(api, ledger, clock):
    for day in range(7):
        ledger.call(clock() - DAY_NS - day * DAY_NS - HOUR_NS)
    ledger.call(clock() - HOUR_NS)
    asked = {"from_": "-1d", "baseline_from": "-8d", "baseline_to": "-1d"}
    answer = api.get(**asked)
    assert (answer["per"], answer["baseline"], answer["delta"]) == ("day", "1", "0")
    assert nonzero(answer["effects"]) == {}
    whole = api.get(**asked, per="window")
    assert (whole["per"], whole["delta"]) == ("window", "-6")
    assert nonzero(whole["effects"]) == {"volume": "-6"}


def test_other_tenants_are_seen_by_nobody_else(api, ledger, clock):
    ledger.call(clock() - HOUR_NS)
    ledger.call(clock() - HOUR_NS, tenant="other", price="5")
    ledger.call(clock() - HOUR_NS, tenant="answerable", price="7")
    assert api.get(tenants=("school",))["current"] == "1"
    assert api.get()["current"] == "501"
    assert api.get(tenant="other")["current"] == "500"
    assert api.response(tenants=("school",), tenant="other").status_code == 403
    assert api.response(roles=("ingest",)).status_code == 403


def test_a_correction_is_seen_from_when_it_was_booked(api, ledger, clock):
    time_ns = clock() - 30 * HOUR_NS
    row = ledger.charge(time_ns, "input", 100, "0.01")
    ledger.charge(time_ns + DAY_NS, "input", 100, "0.02")
    correction = {"entry": "c1", "kind": "correction", "booked_at": clock() - HOUR_NS}
    ledger.store.insert(
        "charges",
        [{**row, **correction, "quantity": 0, "events": 0, "cost": Decimal(1), "list_cost": 1}],
    )
    assert nonzero(api.get(from_="-1d")["effects"]) == {}
    earlier = api.get(from_="-1d", known_at=clock() - 2 * HOUR_NS)
    assert nonzero(earlier["effects"]) == {"price": "1"}


def test_what_happened_after_as_of_is_left_out(api, ledger, clock):
    ledger.call(clock() - 5 * HOUR_NS)
    ledger.call(clock() - HOUR_NS)
    as_of = clock() - 2 * HOUR_NS
    answer = api.get(from_="-1d", as_of=as_of)
    assert answer["current"] == "1"
    assert answer["as_of"] is not None


def test_filters_narrow_both_windows(api, ledger, clock):
    for project in ("a", "b", ""):
        ledger.call(clock() - HOUR_NS, project=project, service_tier="batch")
    assert api.get(project="a")["current"] == "1"
    assert api.get(missing="project")["current"] == "1"
    assert api.get(tier="standard")["current"] == "0"


def test_what_is_in_two_currencies_is_converted_or_refused(api, ledger, clock):
    before, after = clock() - 36 * HOUR_NS, clock() - 12 * HOUR_NS
    for time_ns, rate in ((before, "1.10"), (after, "1.25")):
        ledger.call(time_ns)
        ledger.charge(time_ns, "output", 100, "0.02", currency="EUR")
        ledger.store.insert(
            "fx_rates",
            [
                {
                    "base": "EUR",
                    "quote": "USD",
                    "day": _day(time_ns),
                    "rate": Decimal(rate),
                    "source": "tests",
                    "actor": "tests",
                    "recorded_at": before,
                }
            ],
        )
    refused = api.problem(from_="-1d")
    assert (refused["status"], refused["field"]) == (400, "currency")
    assert "EUR, USD" in refused["detail"]
    answer = api.get(from_="-1d", currency="usd")
    assert (answer["baseline"], answer["current"]) == ("3.2", "3.5")
    assert nonzero(answer["effects"]) == {"currency": "0.3"}
    assert api.problem(from_="-1d", currency="JPY")["field"] == "currency"


def test_unpriced_calls_show_as_coverage(api, ledger, clock):
    ledger.call(clock() - 36 * HOUR_NS)
    ledger.call(clock() - 12 * HOUR_NS, price=None)
    answer = api.get(from_="-1d")
    assert nonzero(answer["effects"]) == {"coverage": "-1"}
    assert answer["coverage"] == {"baseline": "1", "current": "0"}


def test_impossible_rows_change_nothing(api, ledger, clock):
    ledger.call(clock() - 36 * HOUR_NS)
    ledger.call(clock() - 12 * HOUR_NS)
    ledger.charge(
        clock() - 12 * HOUR_NS, "input", 0, state="quarantined", unit="", events=0, unpriced=0
    )
    assert nonzero(api.get(from_="-1d")["effects"]) == {}


def test_the_smaller_values_are_one_rest(api, ledger, clock):
    for number in range(5):
        ledger.call(clock() - HOUR_NS, project=f"p{number}", tokens=100 * (number + 1))
    answer = api.get(by="project", limit=2)
    shown = [(item["value"], item["values"], item["current"]) for item in answer["items"]]
    assert shown == [("p4", 1, "5"), ("p3", 1, "4"), (None, 3, "6")]


def test_too_many_kinds_of_calls_are_folded(cost_store, ledger, clock):
    for number in range(8):
        ledger.call(clock() - HOUR_NS, project=f"p{number}", tokens=100 * (number + 1))
    api = Api(cost_store, clock, CostSettings(explain_rows_max=8, explain_values_kept=3))
    answer = api.get(by="project")
    assert answer["folded"] == ["project"]
    assert [item["value"] for item in answer["items"]] == ["p7", "p6", "p5", None]
    assert answer["current"] == "36"
    assert Api(cost_store, clock).get()["current"] == "36"
    strict = Api(cost_store, clock, CostSettings(explain_rows_max=4, explain_values_kept=3))
    assert strict.problem()["field"] == "tenant"


def test_a_store_without_charges_has_no_change(api):
    answer = api.get()
    assert (answer["delta"], answer["currency"], answer["items"]) == ("0", None, [])
    assert answer["coverage"] == {"baseline": None, "current": None}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from_": "-1d", "to": "-2d"}, "from"),
        ({"from_": "-1d", "baseline_from": "-2d", "baseline_to": "-3d"}, "baseline_from"),
        ({"from_": "-2d", "baseline_from": "-3d", "baseline_to": "-1d"}, "baseline_to"),
        ({"from_": "-2d", "baseline_to": "soon"}, "baseline_to"),
        ({"from_": "1970-01-02", "to": "1970-01-05"}, "baseline_from"),
        ({"by": "model,colour"}, "by"),
        ({"per": "week"}, "per"),
        ({"user": "ana"}, "user"),
        ({"meter": "input"}, "meter"),
        ({"currency": "XXX"}, "currency"),
        ({"known_at": "+1d"}, "known_at"),
        ({"as_of": "-30d"}, "as_of"),
        ({"limit": "0"}, "limit"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_questions_are_refused_by_name(unread_store, clock, asked, field):
    problem = Api(unread_store, clock).problem(**asked)
    assert problem["status"] in {400, 422}
    assert field in (problem.get("field") or str(problem))


def _day(time_ns):
    return datetime.fromtimestamp(time_ns / 1e9, tz=UTC).date()
