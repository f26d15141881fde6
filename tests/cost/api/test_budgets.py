"""`/v1/budgets` over HTTP: shapes, roles, tenants, bad input; the path of every call."""

import itertools
import json
from dataclasses import replace

import pytest

from cost.api.budget_shapes import ChangeShape, DecisionShape
from cost.api.budgets import Budgets
from cost.api.spending import Spending
from cost.budgets import treasury as treasuries
from cost.budgets.upkeep import History
from cost.budgets.watching import Watching
from cost.parts import CostParts
from cost.settings import CostSettings
from sql.access import Principal, Role
from sql.migrate import Migrator
from tests.conftest import FakeClock, _databases
from tests.cost.api.kit import Api
from tests.cost.budgets.kit import NOON

BUDGET = {"tenant": "school", "budget_id": "maths", "limit": "10"}
_folders = itertools.count(1)


def key(*roles, tenants=("school",), key_id="k1"):
    return Principal(key_id, "tests", frozenset(roles), tenants)


FINANCE = key(Role.FINANCE)
INGEST = key(Role.INGEST)
VIEWER = key(Role.VIEWER)
OTHER = key(Role.FINANCE, tenants=("other",))
ADMIN = key(Role.ADMIN, tenants=())


@pytest.fixture(scope="module")
def migrated(request):
    databases = _databases(request, "chdb")
    store = databases.open()
    Migrator(store).apply()
    yield store
    databases.clear()


@pytest.fixture(params=["memory", "redis"])
def api(request, migrated, tmp_path):
    for table in ("records", "signals", "budget_entries"):
        migrated.run_text(f"TRUNCATE TABLE {table}", tag="tests")
    chosen = {"budget_dir": tmp_path}
    if request.param == "redis":
        chosen["budget_redis_url"] = request.getfixturevalue("redis_url")
        chosen["budget_redis_prefix"] = f"api{next(_folders)}"
    numbers = itertools.count(1)
    bare = CostParts(
        migrated, FakeClock(NOON), lambda: f"id{next(numbers)}", CostSettings(**chosen)
    )
    parts = replace(bare, budgets=treasuries.treasury(bare))
    parts.treasury.start()
    opened = Api([Spending(parts).router(), Budgets(parts).router()], ADMIN)
    opened.parts = parts
    yield opened
    parts.treasury.stop()


def post(api, path, body, who=FINANCE, method="POST", **params):
    answer = api.response(f"/v1/budgets{path}", who, method=method, json=body, **params)
    return answer.status_code, answer.json()


def reserve(api, who=INGEST, **body):
    status, answer = post(api, "/reserve", body, who)
    assert status == 200, answer
    DecisionShape.model_validate(answer)
    return answer


def change(api, what, who=INGEST, **body):
    status, answer = post(api, f"/{what}", body, who)
    if status == 200:
        ChangeShape.model_validate(answer)
    return status, answer


def test_a_call_from_reserve_to_settle(api):
    assert post(api, "", BUDGET)[0] == 201
    made = reserve(api, reservation_id="r1", amount="4.5", model="gpt-5", user="ann")
    assert (made["decision"], made["held"], made["amount"]) == ("allow", True, "4.5")
    assert made["expires_at"] == "2026-11-18T12:02:00.000000000Z"
    [standing] = made["budgets"]
    assert (standing["held"], standing["remaining"]) == ("4.5", "5.5")
    status, settled = change(api, "settle", reservation_id="r1", amount="3.25")
    assert (status, settled["state"], settled["settled"]) == (200, "settled", "3.25")
    assert (settled["late"], settled["overshoot"], settled["replayed"]) == (False, "0", False)
    assert change(api, "settle", reservation_id="r1", amount="3.250")[1]["replayed"] is True
    assert change(api, "settle", reservation_id="r1", amount="3")[0] == 409
    assert change(api, "release", reservation_id="r1")[0] == 409


def test_a_denial_is_an_answer_and_says_when_it_may_change(api):
    post(api, "", BUDGET)
    denied = reserve(api, amount="10.01")
    assert (denied["decision"], denied["reason"], denied["held"]) == ("deny", "over_limit", False)
    assert denied["resets_at"] == "2026-12-01T00:00:00.000000000Z"
    assert "'maths'" in denied["detail"]
    assert change(api, "settle", reservation_id=denied["reservation_id"], amount="1")[0] == 404


def test_release_and_extend(api):
    post(api, "", BUDGET)
    reserve(api, reservation_id="r1", amount="9")
    status, longer = change(api, "extend", reservation_id="r1", ttl_s=600)
    assert (status, longer["state"], longer["settled"]) == (200, "open", None)
    assert longer["expires_at"] == "2026-11-18T12:10:00.000000000Z"
    status, released = change(api, "release", reservation_id="r1", reason="cancelled")
    assert (status, released["state"], released["settled"]) == (200, "released", "0")
    assert change(api, "extend", reservation_id="r1", ttl_s=600)[0] == 409
    assert reserve(api, amount="9")["decision"] == "allow"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": "-1"}, "amount"),
        ({"amount": "a lot"}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"amount": "1", "currency": "DOLLAR"}, "currency"),
        ({}, "amount"),
        ({"model": "m", "input_tokens": -1}, "input_tokens"),
        ({"model": "m", "input_tokens": 1.5}, "input_tokens"),
        ({"model": "m", "input_tokens": 5, "cache_read_tokens": 6}, "cache_read_tokens"),
        ({"amount": "1", "ttl_s": 0}, "ttl_s"),
        ({"amount": "1", "ttl_s": 3601}, "ttl_s"),
        ({"amount": "1", "trace_id": "xyz"}, "trace_id"),
        ({"amount": "1", "reservation_id": "a b"}, "reservation_id"),
        ({"amount": "1", "tenants": "school"}, "tenants"),
    ],
)
def test_a_reserve_that_cannot_be_is_refused_naming_the_field(api, body, field):
    status, problem = post(api, "/reserve", body, INGEST)
    assert (status, problem["field"]) == (400, field)


def test_a_settle_that_cannot_be_is_refused_naming_the_field(api):
    reserve(api, reservation_id="r1", amount="1")
    for body, field in (
        ({"amount": "-1"}, "amount"),
        ({}, "amount"),
        ({"amount": "1", "usage": {"input": 1}}, "amount"),
        ({"amount": "1", "currency": "ABC"}, "currency"),
        ({"usage": {"input": 5}, "model": "nobody-knows"}, "usage"),
        ({"usage": {"input": -5}}, "usage.input"),
    ):
        status, problem = change(api, "settle", reservation_id="r1", **body)
        assert (status, problem["field"]) == (400, field), body
    assert change(api, "settle", reservation_id="unknown", amount="1")[0] == 404


@pytest.mark.parametrize(
    ("change_", "field"),
    [
        ({"limit": "-5"}, "limit"),
        ({"limit": 5}, "limit"),
        ({"currency": "EURO"}, "currency"),
        ({"budget_id": "a/b"}, "budget_id"),
        ({"budget_id": "reservations"}, "budget_id"),
        ({"thresholds": [{"at": "-0.1"}]}, "thresholds.at"),
        (
            {"window": {"kind": "calendar", "period": "month", "time_zone": "Moon"}},
            "window.time_zone",
        ),
        ({"window": {"kind": "rolling", "duration_s": 5}}, "window.duration_s"),
        ({"default_output_tokens": -1}, "default_output_tokens"),
    ],
)
def test_a_budget_that_cannot_be_is_refused_naming_the_field(api, change_, field):
    status, problem = post(api, "", BUDGET | change_)
    assert (status, problem["field"]) == (400, field)


def test_a_budget_of_0_is_made_and_denies_everything(api):
    status, made = post(api, "", BUDGET | {"limit": "0"})
    assert (status, made["state"]["used"], made["state"]["decision"]) == (201, None, "deny")
    denied = reserve(api, amount="0")
    assert (denied["decision"], denied["reason"], denied["resets_at"]) == (
        "deny",
        "zero_budget",
        None,
    )


def test_roles(api):
    assert post(api, "", BUDGET, INGEST)[0] == 403
    assert post(api, "", BUDGET, VIEWER)[0] == 403
    assert post(api, "", BUDGET, FINANCE)[0] == 201
    assert post(api, "/reserve", {"amount": "1"}, VIEWER)[0] == 403
    assert api.response("/v1/budgets", INGEST).status_code == 403
    for path, method in (("/maths", "PUT"), ("/maths", "DELETE"), ("/maths/lift", "POST")):
        body = None if method == "DELETE" else {}
        if method == "PUT":
            body = {"limit": "1"}
        assert post(api, path, body, VIEWER, method)[0] == 403, path
    assert api.response("/v1/budgets/maths", VIEWER).status_code == 200


def test_a_key_neither_sees_nor_spends_nor_changes_what_is_another_tenant_s(api):
    post(api, "", BUDGET)
    reserve(api, reservation_id="r1", amount="1")
    assert api.get("/v1/budgets", OTHER)["items"] == []
    assert api.get("/v1/budgets/reservations", OTHER)["items"] == []
    assert api.response("/v1/budgets/maths", OTHER).status_code == 404
    assert api.response("/v1/budgets/maths/history", OTHER).status_code == 404
    assert api.response("/v1/budgets", OTHER, tenant="school").status_code == 403
    assert post(api, "/maths", {"limit": "1"}, OTHER, "PUT")[0] == 404
    assert post(api, "/maths", None, OTHER, "DELETE")[0] == 404
    assert post(api, "", BUDGET, OTHER)[0] == 403
    assert post(api, "", BUDGET | {"tenant": ""}, OTHER)[0] == 403
    assert post(api, "/reserve", {"tenant": "school", "amount": "1"}, OTHER)[0] == 403
    assert change(api, "settle", OTHER, reservation_id="r1", amount="1")[0] == 404
    assert change(api, "settle", OTHER, tenant="school", reservation_id="r1", amount="1")[0] == 403
    assert change(api, "release", OTHER, reservation_id="r1")[0] == 404
    assert api.get("/v1/budgets/reservations", VIEWER)["items"][0]["state"] == "open"


def test_a_tenant_sees_that_the_organisation_denies_and_not_what_others_spent(api):
    assert post(api, "", {"tenant": "", "budget_id": "org", "limit": "5"}, ADMIN)[0] == 201
    denied = reserve(api, amount="6")
    [standing] = denied["budgets"]
    assert (standing["decision"], standing["budget_id"]) == ("deny", "org")
    assert {standing[name] for name in ("limit", "spent", "held", "remaining", "window")} == {None}
    assert reserve(api, ADMIN, tenant="school", amount="1")["budgets"][0]["limit"] == "5"
    assert api.get("/v1/budgets", VIEWER)["items"] == []


def test_a_key_of_several_tenants_names_one(api):
    several = key(Role.INGEST, tenants=("a", "b"))
    status, problem = post(api, "/reserve", {"amount": "1"}, several)
    assert (status, problem["field"]) == (400, "tenant")
    assert reserve(api, several, tenant="a", amount="1")["held"]
    local = key(Role.ADMIN, tenants=(), key_id="anonymous")
    reserve(api, local, reservation_id="local", amount="1")
    assert api.get("/v1/budgets/reservations", ADMIN)["items"][0]["tenant"] == "default"


def test_a_key_cannot_escape_its_own_budget_by_naming_another_key(api):
    post(api, "", BUDGET | {"scope": {"key": "k1"}, "limit": "1"})
    assert reserve(api, amount="2")["decision"] == "deny"
    status, problem = post(api, "/reserve", {"amount": "2", "key": "k2"}, INGEST)
    assert (status, problem["field"]) == (403, "key")
    assert reserve(api, FINANCE, amount="2", key="k2")["budgets"] == []


def test_a_change_keeps_the_sums_and_the_history_says_who_and_why(api):
    post(api, "", BUDGET | {"reason": "term begins"})
    reserve(api, reservation_id="r1", amount="4")
    change(api, "settle", reservation_id="r1", amount="4")
    reserve(api, amount="50", user="ann")
    changed = {"limit": "5", "reason": "cuts", "expect_version": 1}
    changed["window"] = {"kind": "calendar", "period": "day", "time_zone": "Europe/Paris"}
    status, made = post(api, "/maths", changed, FINANCE, "PUT")
    assert (status, made["version"], made["state"]["remaining"]) == (200, 2, "1")
    assert post(api, "/maths", changed, FINANCE, "PUT")[0] == 409
    status, problem = post(api, "/maths", {"limit": "5", "currency": "EUR"}, FINANCE, "PUT")
    assert (status, problem["field"]) == (400, "currency")
    status, problem = post(api, "/maths", {"limit": "5", "scope": {"user": "x"}}, FINANCE, "PUT")
    assert (status, problem["field"]) == (400, "scope")
    History(api.parts).run()
    found = api.get("/v1/budgets/maths/history", VIEWER)
    assert [(one["version"], one["reason"]) for one in found["versions"]] == [
        (1, "term begins"),
        (2, "cuts"),
    ]
    assert sorted(one["op"] for one in found["entries"]) == ["refuse", "reserve", "settle"]
    [point] = found["series"]
    assert (point["reserved"], point["settled"], point["denied"]) == ("4", "4", 1)
    assert point["spent"] == "4"


def test_history_is_read_page_by_page(api):
    post(api, "", BUDGET)
    for number in range(7):
        reserve(api, reservation_id=f"r{number}", amount="1")
    History(api.parts).run()
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get("/v1/budgets/maths/history", VIEWER, limit=3, cursor=cursor)
        assert len(page["entries"]) <= 3
        seen += [one["reservation_id"] for one in page["entries"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == [f"r{number}" for number in range(7)]


def test_reservations_are_listed_page_by_page(api):
    post(api, "", BUDGET)
    for number in range(7):
        reserve(api, reservation_id=f"r{number}", amount="1", project="p", trace_id="AB" * 16)
        api.parts.clock.step(seconds=1)
    change(api, "settle", reservation_id="r3", amount="1")
    found = api.pages("/v1/budgets/reservations", 3, reader=VIEWER)
    assert [one["reservation_id"] for one in found] == [f"r{n}" for n in reversed(range(7))]
    assert found[0]["trace_id"] == "ab" * 16
    assert len(api.get("/v1/budgets/reservations", VIEWER, state="open")["items"]) == 6
    assert len(api.get("/v1/budgets/reservations", VIEWER, budget_id="maths")["items"]) == 7
    assert api.problem("/v1/budgets/reservations", VIEWER, state="lost")["field"] == "state"
    assert api.problem("/v1/budgets/reservations", VIEWER, budget_id="none")["status"] == 404


def test_the_list_shows_how_each_stands(api):
    post(api, "", BUDGET | {"thresholds": [{"at": "0.5", "answer": "defer"}]})
    post(api, "", BUDGET | {"budget_id": "ann", "scope": {"user": "ann"}, "limit": "3"})
    reserve(api, reservation_id="r1", amount="2", user="ann")
    change(api, "settle", reservation_id="r1", amount="2.5")
    reserve(api, reservation_id="r2", amount="2.5")
    whole, ann = api.get("/v1/budgets", VIEWER)["items"]
    assert (whole["budget_id"], whole["level"], ann["parents"]) == ("maths", "tenant", ["maths"])
    assert (whole["state"]["spent"], whole["state"]["held"]) == ("2.5", "2.5")
    assert (whole["state"]["used"], whole["state"]["decision"]) == ("0.5", "defer")
    assert (whole["state"]["open"], ann["state"]["open"]) == (1, 0)
    assert ann["state"]["remaining"] == "0.5"


def test_two_budgets_of_one_name_are_told_apart_by_tenant(api):
    post(api, "", BUDGET)
    assert post(api, "", BUDGET)[0] == 409
    post(api, "", BUDGET | {"tenant": "other"}, OTHER)
    assert api.problem("/v1/budgets/maths", ADMIN)["field"] == "tenant"
    assert api.get("/v1/budgets/maths", ADMIN, tenant="other")["tenant"] == "other"
    status, gone = post(api, "/maths", None, ADMIN, "DELETE", tenant="other")
    assert (status, gone["tenant"]) == (200, "other")
    assert api.get("/v1/budgets/maths", ADMIN)["tenant"] == "school"
    history = api.get("/v1/budgets/maths/history", ADMIN, tenant="other")
    assert [one["op"] for one in history["versions"]] == ["put", "delete"]


def test_without_a_tenant_the_organisation_s_budget_of_that_name_is_meant(api):
    post(api, "", BUDGET)
    post(api, "", BUDGET | {"tenant": "", "limit": "77"}, ADMIN)
    assert api.get("/v1/budgets/maths", ADMIN)["limit"] == "77"
    assert api.get("/v1/budgets/maths", ADMIN, tenant="school")["limit"] == "10"
    assert post(api, "/maths", None, ADMIN, "DELETE")[1]["tenant"] == ""


def test_suspension_shows_and_finance_may_lift_it(api):
    post(api, "", BUDGET | {"suspends": True})
    reserve(api, reservation_id="r1", amount="10")
    change(api, "settle", reservation_id="r1", amount="10")
    Watching(api.parts).run()
    listed = api.get("/v1/budgets", VIEWER)
    assert [one["tenant"] for one in listed["suspensions"]] == ["school"]
    assert listed["items"][0]["state"]["suspended"]["until"] == "2026-12-01T00:00:00.000000000Z"
    denied = reserve(api, amount="0.01")
    assert (denied["reason"], denied["resets_at"]) == (
        "suspended",
        "2026-12-01T00:00:00.000000000Z",
    )
    assert post(api, "/maths/lift", {"reason": "agreed"}, INGEST)[0] == 403
    assert post(api, "/maths/lift", {"reason": "agreed"})[0] == 200
    Watching(api.parts).run()
    assert api.get("/v1/budgets", VIEWER)["suspensions"] == []
    assert reserve(api, amount="0.01")["reason"] == "over_limit"


def test_money_is_text_everywhere(api):
    post(api, "", BUDGET)
    made = reserve(api, reservation_id="r1", amount="0.000000001")
    assert made["amount"] == "0.000000001"

    def numbers(value):
        if isinstance(value, dict):
            return [found for one in value.values() for found in numbers(one)]
        if isinstance(value, list):
            return [found for one in value for found in numbers(one)]
        return [value] if isinstance(value, float) else []

    for answer in (made, api.get("/v1/budgets", VIEWER)):
        assert numbers(json.loads(json.dumps(answer))) == []


def test_a_redis_that_is_away_is_a_503_and_holds_nothing(api, migrated, tmp_path):
    chosen = {"budget_redis_url": "redis://127.0.0.1:1/0", "budget_redis_timeout_s": 0.2}
    bare = replace(api.parts, budgets=None, settings=CostSettings(**chosen))
    away = Api([Spending(replace(bare, budgets=treasuries.treasury(bare))).router()], INGEST)
    status, problem = post(away, "/reserve", {"amount": "1"}, INGEST)
    assert (status, problem["title"]) == (503, "Budgets unavailable")
