"""`GET /v1/costs`: exact sums by anything, as of any time, as known at any time."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from cost.api.costs import Costs
from cost.prices.rates import Rates
from sql.access import Role
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api, principal
from tests.cost.reports.ledger import (
    DAY_NS,
    HOUR_NS,
    SECOND_NS,
    Ledger,
    added,
    booking,
    charge,
    random_ledger,
    unpriced,
)

DAYS = 5

#: An hour with many charges, before the first block of sums ends.
CROWDED_NS = 30 * HOUR_NS
GROUPS = ["tenant", "project", "model", "provider", "prompt", "feature", "service", "tier", "kind"]


def api_over(store, clock):
    ledger = Ledger(store, clock)
    return ledger, Api([Costs(ledger.parts, lambda known: Rates(store, known)).router()])


@pytest.fixture
def ledger(embedded, clock):
    store = embedded.open()
    Migrator(store).apply()
    return Ledger(store, clock)


@pytest.fixture
def api(ledger):
    return api_over(ledger.store, ledger.clock)[1]


@pytest.fixture(scope="module")
def random_one(request):
    """A ledger of random charges with blocks of sums in its middle; tests only read it."""
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    clock = FakeClock()
    clock.now_ns = clock.now_ns // DAY_NS * DAY_NS + 13 * HOUR_NS
    ledger, api = api_over(store, clock)
    start = clock() // DAY_NS * DAY_NS - DAYS * DAY_NS
    drawn = random_ledger(11, start, DAYS, 1500) + random_ledger(
        12, start + CROWDED_NS, 1, 300, HOUR_NS
    )
    rows = [row for row in drawn if row["booked_at"] <= clock()]
    rows.sort(key=lambda row: row["booked_at"])
    marks = [start + 2 * DAY_NS + 77, start + 4 * DAY_NS + 3 * HOUR_NS]
    for mark in marks:
        ledger.book(*[r for r in rows if r["booked_at"] <= mark and r not in ledger.rows])
        ledger.roll_up(mark)
    ledger.book(*[r for r in rows if r["booked_at"] > marks[-1]])
    rates = [
        {
            "base": base,
            "quote": "EUR",
            "day": date(2020, 1, 1),
            "rate": rate,
            "source": "",
            "actor": "",
            "recorded_at": 1,
        }
        for base, rate in (("USD", Decimal("0.5")), ("GBP", Decimal(3)))
    ]
    for n in range(DAYS + 1):
        day = datetime.fromtimestamp((start + n * DAY_NS) // SECOND_NS, UTC).date()
        rates += [
            {
                **rates[0],
                "base": base,
                "day": day,
                "rate": Decimal(f"1.{n}00000000{n}1"),
                "recorded_at": start,
            }
            for base in ("USD", "GBP")
        ]
    store.insert("fx_rates", rates)
    yield ledger, api, start
    databases.clear()


def shown(items, names):
    """Read items as `added` gives sums, apart from what stands without a currency."""
    found = {}
    for item in items:
        key = (*(item[name] for name in names), item["currency"] or "")
        assert key not in found
        found[key] = item
    return found


def names_of(groups):
    both = {"prompt": ("prompt", "prompt_version"), "meter": ("meter", "unit")}
    return [name for group in groups for name in both.get(group, (group,))]


def assert_same(items, rows, groups, rate=None):
    """Compare to the last digit; charges without a price may stand beside others of their group."""
    names = names_of(groups)
    found, expected = shown(items, names), added(rows, names, rate)
    for key, (cost, list_cost, quantity, events, missing) in expected.items():
        if key[-1] == "" and key not in found:
            continue
        item = found[key]
        if item["cost"] is None:
            assert cost == 0
            assert events == missing > 0
            continue
        assert Decimal(item["cost"]) == cost
        assert Decimal(item["list_cost"]) == list_cost
        if "meter" in groups and key[:-1] not in {k[:-1] for k in expected if k[-1] == ""}:
            assert Decimal(item["quantity"]) == quantity
    assert {key for key in found if key[-1]} == {key for key in expected if key[-1]}
    for count, at in (("events", 3), ("unpriced", 4)):
        assert sum(item[count] for item in items) == sum(held[at] for held in expected.values())


def own(rows, *tenants):
    wanted = tenants or ("acme", "beta")
    return [row for row in rows if row["tenant"] in wanted]


@pytest.mark.parametrize("groups", [[], ["day"], ["hour"], ["month", "tenant"], GROUPS, ["meter"]])
def test_sums_equal_the_raw_rows_to_the_last_digit(random_one, groups):
    ledger, api, start = random_one
    rows = own(ledger.held(ledger.clock()))
    items = api.pages("/v1/costs", 1000, from_=start, group_by=",".join(groups) or "none")
    order = [name for name in (*["month", "day", "hour"], *groups) if name in groups]
    assert_same(items, rows, list(dict.fromkeys(order)))


@pytest.mark.parametrize("seed", range(4))
def test_partial_hours_are_exact_too(random_one, seed):
    ledger, api, start = random_one
    low = start + seed * 7 * HOUR_NS + 1_234_567_891
    high = low + [90 * SECOND_NS, HOUR_NS, 31 * HOUR_NS, 3 * DAY_NS][seed] + 1
    rows = [row for row in own(ledger.held(ledger.clock())) if low <= row["time"] < high]
    for group in ("model", "user"):
        answer = api.get("/v1/costs", from_=low, to=high, group_by=group)
        assert_same(answer["items"], rows, [group])
        assert_same(answer["totals"], rows, [])


@pytest.mark.parametrize("hours", [1, 30, 50, 51, 75, 99, 120])
def test_what_was_known_then_is_answered_as_it_was_known(random_one, hours):
    ledger, api, start = random_one
    known = start + hours * HOUR_NS
    rows = own(ledger.held(known))
    for group in ("kind", "user"):
        answer = api.get("/v1/costs", from_=start, known_at=known, group_by=group)
        assert_same(answer["items"], rows, [group])


@pytest.mark.parametrize("known", [32, 40, 50, 200])
@pytest.mark.parametrize("group", ["kind", "user", "model"])
def test_parts_of_hours_are_answered_as_they_were_known(random_one, known, group):
    ledger, api, start = random_one
    low, high = (start + CROWDED_NS + minutes * 60 * SECOND_NS for minutes in (7, 51))
    known = min(start + known * HOUR_NS, ledger.clock())
    rows = [row for row in own(ledger.held(known)) if low <= row["time"] < high]
    assert len(rows) > 20
    answer = api.get("/v1/costs", from_=low, to=high, known_at=known, group_by=group)
    assert_same(answer["items"], rows, [group])


def test_as_of_leaves_out_what_happened_later_whenever_it_was_booked(random_one):
    ledger, api, start = random_one
    as_of = start + 2 * DAY_NS + 5 * HOUR_NS + 1
    rows = [row for row in own(ledger.held(ledger.clock())) if row["time"] <= as_of]
    answer = api.get("/v1/costs", from_=start, as_of=as_of, group_by="tenant,day")
    assert_same(answer["items"], rows, ["day", "tenant"])


@pytest.mark.parametrize(
    "groups", [["user"], ["day", "user", "model", "kind"], ["project", "user"]]
)
def test_users_are_summed_by_day(random_one, groups):
    ledger, api, start = random_one
    rows = own(ledger.held(ledger.clock()))
    answer = api.get("/v1/costs", from_=start, group_by=",".join(groups), limit=1000)
    order = [
        name for name in ("day", "tenant", "user", "project", "model", "kind") if name in groups
    ]
    assert_same(answer["items"], rows, order)


@pytest.mark.parametrize(
    ("name", "value", "column"),
    [
        ("model", "gpt-x", "model"),
        ("user", "u2", "user"),
        ("tier", "batch", "service_tier"),
        ("tier", "standard", "service_tier"),
        ("prompt_version", "2", "prompt_version"),
        ("kind", "correction", "kind"),
        ("missing", "project", "project"),
    ],
)
def test_filters(random_one, name, value, column):
    ledger, api, start = random_one
    wanted = "" if value in ("standard", "project") else value
    rows = [row for row in own(ledger.held(ledger.clock())) if row[column] == wanted]
    answer = api.get("/v1/costs", from_=start, group_by="tenant", **{name: value})
    assert rows
    assert_same(answer["items"], rows, ["tenant"])


@pytest.mark.parametrize("limit", [1, 2, 7])
@pytest.mark.parametrize("groups", ["tenant,project,model,day", "user,model,project"])
def test_pages_are_the_list(random_one, limit, groups):
    _, api, start = random_one
    whole = api.get("/v1/costs", from_=start, group_by=groups, limit=1000)
    assert whole["next_cursor"] is None
    assert api.pages("/v1/costs", limit, from_=start, group_by=groups) == whole["items"]


def test_a_page_keeps_what_was_known_when_the_first_was_read(ledger, api, clock):
    now = clock()
    ledger.book(*[charge(now - HOUR_NS, model=f"m{n}") for n in range(3)])
    first = api.get("/v1/costs", group_by="model", limit=1)
    clock.step(seconds=60)
    ledger.book(*[charge(now - HOUR_NS, now + SECOND_NS, model=f"m{n}") for n in range(3)])
    then = api.get("/v1/costs", group_by="model", limit=5, cursor=first["next_cursor"])
    assert [item["cost"] for item in then["items"]] == ["0.01", "0.01"]
    assert then["known_at"] == first["known_at"]
    assert then["totals"] == first["totals"]
    fresh = api.get("/v1/costs", group_by="model")
    assert [item["cost"] for item in fresh["items"]] == ["0.02", "0.02", "0.02"]


def test_money_is_converted_at_the_rate_of_each_day_exactly(random_one):
    ledger, api, start = random_one
    rows = own(ledger.held(ledger.clock()))

    def rate(row):
        return Decimal(
            f"1.{(row['time'] - start) // DAY_NS}00000000{(row['time'] - start) // DAY_NS}1"
        )

    for groups in (["model"], ["user"], ["day", "tenant"]):
        answer = api.get("/v1/costs", from_=start, group_by=",".join(groups), currency="eur")
        assert answer["currency"] == "EUR"
        assert_same(answer["items"], rows, groups, rate)
        assert_same(answer["totals"], rows, [], rate)


def test_rates_recorded_later_do_not_change_what_was_known(random_one):
    ledger, api, start = random_one
    rows = own(ledger.held(start - 1 + 20 * HOUR_NS))
    answer = api.get(
        "/v1/costs", from_=start, known_at=start - 1 + 20 * HOUR_NS, currency="EUR", group_by="none"
    )
    assert_same(answer["items"], rows, [], lambda _: Decimal("1.00000000001"))


def test_a_missing_rate_names_currency_and_day(ledger, api, clock):
    ledger.book(charge(clock() - HOUR_NS))
    day = datetime.fromtimestamp((clock() - HOUR_NS) // SECOND_NS, UTC).date().isoformat()
    problem = api.problem("/v1/costs", currency="JPY")
    assert problem["status"] == 400
    for word in ("USD", "JPY", day):
        assert word in problem["detail"]


def test_free_and_unpriced_charges_need_no_rate(ledger, api, clock):
    ledger.book(unpriced(clock() - HOUR_NS))
    answer = api.get("/v1/costs", currency="JPY", group_by="none")
    assert answer["items"][0]["cost"] is None
    assert answer["items"][0]["currency"] == "JPY"


def test_unpriced_is_a_state_and_never_nothing(ledger, api, clock):
    ledger.book(unpriced(clock() - HOUR_NS))
    item = api.get("/v1/costs", group_by="model")["items"][0]
    assert (item["cost"], item["currency"], item["coverage"]) == (None, None, "0")
    assert (item["events"], item["unpriced"]) == (1, 1)


def test_what_is_free_costs_nothing_and_has_no_coverage(ledger, api, clock):
    free = {"state": "free", "currency": "", "cost": Decimal(0), "events": 0, "meter": "requests"}
    ledger.book(charge(clock() - HOUR_NS, **free))
    item = api.get("/v1/costs", group_by="meter")["items"][0]
    assert (item["cost"], item["coverage"], item["quantity"]) == ("0", None, "100")


def test_coverage_counts_what_has_no_price_beside_the_money_of_its_group(ledger, api, clock):
    at = clock() - HOUR_NS
    ledger.book(charge(at), charge(at), unpriced(at), unpriced(at, model="new"))
    items = {item["model"]: item for item in api.get("/v1/costs", group_by="model")["items"]}
    assert (items["gpt-x"]["cost"], items["gpt-x"]["coverage"]) == ("0.02", "0.666666")
    assert (items["new"]["cost"], items["new"]["coverage"]) == (None, "0")


def test_with_two_currencies_what_has_no_price_stands_by_itself(ledger, api, clock):
    at = clock() - HOUR_NS
    ledger.book(charge(at), charge(at, currency="EUR"), unpriced(at))
    items = api.get("/v1/costs", group_by="model")["items"]
    assert [(item["currency"], item["coverage"]) for item in items] == [
        (None, "0"),
        ("EUR", "1"),
        ("USD", "1"),
    ]


def test_coverage_is_never_rounded_up_to_whole(ledger, api, clock):
    at = clock() - HOUR_NS
    ledger.book(charge(at, events=100, unpriced=0), unpriced(at))
    for _ in range(3):
        ledger.book(*[charge(at, events=127) for _ in range(1000)])
    assert api.get("/v1/costs", group_by="none")["items"][0]["coverage"] == "0.999997"


def test_a_correction_changes_what_is_known_and_not_what_was(ledger, api, clock):
    at = clock() - 5 * HOUR_NS
    row = charge(at)
    ledger.book(row, booking(row, "correction", at + 3 * HOUR_NS, cost=Decimal("-0.004")))
    for known, cost in ((at + HOUR_NS, "0.01"), (at + 3 * HOUR_NS, "0.006")):
        for mark in (False, True):
            if mark and len(ledger.blocks) == 1:
                ledger.roll_up(at + 2 * HOUR_NS)
            answer = api.get("/v1/costs", known_at=known, group_by="none")
            assert answer["items"][0]["cost"] == cost


def test_a_key_for_one_tenant_sees_no_other(ledger, api, clock):
    ledger.book(charge(clock() - HOUR_NS, tenant="acme"), charge(clock() - HOUR_NS, tenant="beta"))
    answer = api.get("/v1/costs", reader=principal("beta"), group_by="tenant")
    assert [item["tenant"] for item in answer["items"]] == ["beta"]
    assert answer["totals"][0]["events"] == 1
    assert api.problem("/v1/costs", reader=principal("beta"), tenant="acme")["status"] == 403
    sender = principal("acme", roles=[Role.INGEST])
    assert api.problem("/v1/costs", reader=sender)["status"] == 403


def test_an_empty_window_is_empty(api):
    answer = api.get("/v1/costs", group_by="tenant,model")
    assert (answer["items"], answer["totals"], answer["next_cursor"]) == ([], [], None)


@pytest.mark.parametrize(
    ("params", "field", "said"),
    [
        ({"group_by": "colour"}, "group_by", "colour"),
        ({"group_by": "user,hour"}, "group_by", "hour"),
        ({"group_by": "user", "service": "grader"}, "service", "service"),
        ({"user": "u1", "group_by": "feature"}, "group_by", "feature"),
        ({"currency": "EURO"}, "currency", "EURO"),
        ({"currency": "XXQ"}, "currency", "ISO 4217"),
        ({"from_": "2026-11-02", "to": "2026-11-01"}, "from", "earlier"),
        ({"from_": "2026-13-02"}, "from", "2026-13-02"),
        ({"as_of": "+1h"}, "as_of", "future"),
        ({"known_at": "+1h"}, "known_at", "future"),
        ({"as_of": "1970-01-02"}, "as_of", "before from"),
        ({"missing": "tenant"}, "missing", "tenant"),
        ({"missing": "project", "project": "p"}, "missing", "project"),
        ({"cursor": "nonsense"}, "cursor", "cursor"),
    ],
)
def test_bad_input_is_named(api, params, field, said):
    problem = api.problem("/v1/costs", **params)
    assert problem["status"] == 400
    assert said in problem["detail"]
    assert field in str(problem)


def test_an_unknown_parameter_is_refused(api):
    assert api.problem("/v1/costs", colour="red")["status"] == 400


def test_a_cursor_belongs_to_its_grouping(ledger, api, clock):
    ledger.book(*[charge(clock() - HOUR_NS, model=f"m{n}", project=f"p{n}") for n in range(3)])
    cursor = api.get("/v1/costs", group_by="model", limit=1)["next_cursor"]
    assert api.problem("/v1/costs", group_by="project", cursor=cursor)["status"] == 400


def test_the_same_is_answered_over_http(served, clock):
    store = served.open()
    Migrator(store).apply()
    ledger, api = api_over(store, clock)
    at = clock() // DAY_NS * DAY_NS - DAY_NS
    odd = "it's \\ [a, b] \t 'x'"
    ledger.book(charge(at + HOUR_NS, model=odd, user=odd), charge(at + 2 * HOUR_NS, model="m"))
    ledger.roll_up(at + HOUR_NS + 1)
    rate = {"base": "USD", "quote": "EUR", "day": date(2020, 1, 1), "rate": Decimal("0.123456789")}
    days = [datetime.fromtimestamp(at // SECOND_NS, UTC).date()]
    fx = [{**rate, "day": day, "source": "", "actor": "", "recorded_at": 1} for day in days]
    store.insert("fx_rates", fx)
    for group in ("model", "model,user"):
        items = api.pages("/v1/costs", 1, group_by=group, currency="EUR")
        assert sorted(item["model"] for item in items) == sorted([odd, "m"])
        assert {item["cost"] for item in items} == {"0.00123456789"}
    assert len(api.get("/v1/costs", group_by="day", model=odd)["items"]) == 1


@pytest.mark.parametrize("currency", ["", "EUR"])
def test_totals_are_the_same_for_a_whole_list_and_for_its_pages(random_one, currency):
    _, api, start = random_one
    asked = {"from_": start, "group_by": "tenant,model,kind", "currency": currency}
    whole, page = (api.get("/v1/costs", limit=limit, **asked) for limit in (1000, 1))
    assert whole["next_cursor"] is None
    assert page["next_cursor"]
    assert whole["totals"] == page["totals"]
    following = api.get("/v1/costs", limit=1, cursor=page["next_cursor"], **asked)
    assert following["totals"] == whole["totals"]
    assert len(whole["totals"]) == (1 if currency else 3)
