"""`/v1/monitors` and `/v1/drift/incidents`: who may what, and what they say."""

import orjson
import pytest
import yaml

from drift.api import monitor_shapes as shapes
from drift.api.incident_shapes import IncidentShape
from drift.api.incidents import IncidentResource
from drift.api.monitors import MonitorResource
from drift.monitors.triggers import TriggerJob
from sql.access import Role
from tests.cost.api.kit import Api, principal
from tests.drift.monitors.grader import MODEL, TENANT, Grader, longer
from tests.drift.worlds import HOUR_NS
from web.render import timestamp

OPERATOR = principal(roles=[Role.OPERATOR])
HERS = principal(TENANT, roles=[Role.OPERATOR])
OTHERS = principal("school-b", roles=[Role.OPERATOR])
VIEWER = principal(TENANT, roles=[Role.VIEWER])
BODY = {"id": "watch", "model": MODEL, "reference": "base", "features": ["words"]}


@pytest.fixture
def grader(drift_store, clock):
    made = Grader(drift_store, clock, an_hour=100)
    made.reference()
    return made


@pytest.fixture
def api(grader):
    parts = grader.parts
    return Api([MonitorResource(parts).router(), IncidentResource(parts).router()], HERS)


def sent(api, method, path, json=None, reader=None, **params):
    return api.response(path, reader, method=method, json=json, **params)


def made(api, **more):
    answer = sent(api, "POST", "/v1/monitors", {**BODY, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_monitor_is_made_read_changed_and_removed(api):
    first = made(api, slices=["model_version"], tolerance=0.05)
    shapes.MonitorShape.model_validate(first)
    assert first["version"] == 1
    assert first["tenant"] == TENANT
    assert first["statistic"] == "population_stability"
    assert first["state"] is None
    assert api.get("/v1/monitors/watch") == first
    assert [item["id"] for item in api.get("/v1/monitors")["items"]] == ["watch"]
    answer = sent(api, "PUT", "/v1/monitors/watch", {**BODY, "alpha": 0.05, "version": 1})
    assert answer.json()["alpha"] == 0.05
    assert answer.json()["version"] == 2
    assert answer.json()["tolerance"] is None
    stale = sent(api, "PUT", "/v1/monitors/watch", {**BODY, "version": 1})
    assert stale.status_code == 409
    assert sent(api, "POST", "/v1/monitors", BODY).status_code == 409
    gone = sent(api, "DELETE", "/v1/monitors/watch")
    assert gone.json() == {"id": "watch", "tenant": TENANT}
    assert api.problem("/v1/monitors/watch")["status"] == 404


def test_yaml_is_as_good_as_json(grader, api):
    text = yaml.safe_dump({**BODY, "window": "6h", "cool_down": "7d"})
    answer = raw(api, "/v1/monitors", text, "application/yaml")
    assert answer.status_code == 201, answer.text
    assert api.get("/v1/monitors/watch")["window"] == "6h"


def raw(api, path, text, kind):
    import asyncio  # noqa: PLC0415

    import httpx  # noqa: PLC0415

    async def ask():
        transport = httpx.ASGITransport(api._as(HERS))
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.post(path, content=text, headers={"content-type": kind})

    return asyncio.run(ask())


NO_MONITORS = [
    ("a: [1", "application/yaml"),
    ("!!python/object/apply:os.system ['true']", "application/yaml"),
    ("- 1", "application/yaml"),
    ("{", "application/json"),
    ("[]", "application/json"),
    ("\xff\xfe", "application/json"),
    ("x" * 70_000, "application/json"),
    ("model: &a [*a]", "application/yaml"),
]

WRONG_FIELDS = [
    ({"kind": "weather"}, "kind"),
    ({"reference": "none"}, "reference"),
    ({"reference": ""}, "reference"),
    ({"model": "other"}, "reference"),
    ({"slices": ["route"]}, "slices"),
    ({"features": ["nothing"]}, "features"),
    ({"features": []}, "features"),
    ({"statistic": "vibes"}, "statistic"),
    ({"kind": "missing", "statistic": "hellinger"}, "statistic"),
    ({"window": "5m"}, "window"),
    ({"alpha": 0}, "alpha"),
    ({"alpha": "NaN"}, "alpha"),
    ({"tolerance": -1}, "tolerance"),
    ({"tolerance": "some"}, "tolerance"),
    ({"tolerance": "reference", "window": "6h"}, "tolerance"),
    ({"tolerance_by": "reference"}, "tolerance_by"),
    ({"traffic_share_min": 2}, "traffic_share_min"),
    ({"cool_down": "soon"}, "cool_down"),
    ({"id": "../x"}, "id"),
    ({"colour": "red"}, "colour"),
    ({"trigger": {"webhook": "http://ci.example.com/"}}, "trigger.secret_env"),
    (
        {"trigger": {"webhook": "http://ci.example.com/", "secret_env": "WEBHOOK_X"}},
        "trigger.webhook",
    ),
    ({"trigger": {"webhook": "", "secret_env": "PATH"}}, "trigger.secret_env"),
    ({"tenant": "school-b"}, "tenant"),
]


def test_what_is_no_monitor_is_refused(api):
    for text, kind in NO_MONITORS:
        answer = raw(api, "/v1/monitors", text, kind)
        assert answer.status_code == 400, (text, answer.text)
        assert "Traceback" not in answer.text


def test_a_wrong_field_is_named(api):
    for change, field in WRONG_FIELDS:
        answer = sent(api, "POST", "/v1/monitors", {**BODY, **change})
        assert answer.status_code in {400, 403}, (change, answer.text)
        assert field in answer.text, change
    assert api.get("/v1/monitors")["items"] == []


def test_viewers_read_and_try_and_change_nothing(api):
    made(api)
    assert api.get("/v1/monitors", VIEWER)["items"]
    assert sent(api, "POST", "/v1/monitors", BODY, VIEWER).status_code == 403
    assert sent(api, "PUT", "/v1/monitors/watch", BODY, VIEWER).status_code == 403
    assert sent(api, "DELETE", "/v1/monitors/watch", None, VIEWER).status_code == 403
    assert sent(api, "POST", "/v1/monitors/watch/backfill", {}, VIEWER).status_code == 403
    assert sent(api, "POST", "/v1/drift/incidents/x/close", {}, VIEWER).status_code == 403
    tried = sent(api, "POST", "/v1/monitors/dry-run", {"monitor": BODY, "from": "-1h"}, VIEWER)
    assert tried.status_code == 200, tried.text
    sender = principal(TENANT, roles=[Role.INGEST])
    assert sent(api, "GET", "/v1/monitors", None, sender).status_code == 403
    assert sent(api, "GET", "/v1/drift/incidents", None, sender).status_code == 403


def test_tenants_do_not_see_each_other(api, grader):
    made(api)
    grader.passes(2, longer)
    [incident] = api.get("/v1/drift/incidents")["items"]
    for path in ("/v1/monitors", "/v1/drift/incidents"):
        assert api.get(path, OTHERS)["items"] == []
    for path in (
        "/v1/monitors/watch",
        "/v1/monitors/watch/results",
        f"/v1/drift/incidents/{incident['id']}",
    ):
        assert api.problem(path, OTHERS)["status"] == 404
        assert api.problem(path, OTHERS, tenant=TENANT)["status"] == 403
    for method, path, body in (
        ("PUT", "/v1/monitors/watch", BODY),
        ("DELETE", "/v1/monitors/watch", None),
        ("POST", "/v1/monitors/watch/backfill", {}),
        ("POST", f"/v1/drift/incidents/{incident['id']}/close", {}),
    ):
        assert sent(api, method, path, body, OTHERS).status_code == 404
    tried = sent(api, "POST", "/v1/monitors/dry-run", {"monitor": BODY}, OTHERS)
    assert tried.status_code == 400
    assert "base" in tried.text
    assert api.get("/v1/monitors/watch")["state"]["state"] == "confirmed"
    assert api.get("/v1/monitors", OPERATOR)["items"]


def test_what_was_found_is_listed_page_by_page(api, grader):
    made(api, features=["*"], slices=["model_version"])
    grader.passes(3, longer)
    every = api.get("/v1/monitors/watch/results", limit=1000)["items"]
    assert len(every) == 3 * 3 * 3
    assert every == sorted(every, key=lambda row: row["window_start"], reverse=True)
    assert api.pages("/v1/monitors/watch/results", 4) == every
    alarms = api.get("/v1/monitors/watch/results", state="confirmed")["items"]
    assert {row["feature"] for row in alarms} == {"words"}
    assert all(row["incident_id"] for row in alarms)
    assert alarms[0]["method"]["test"] == "likelihood_ratio_williams"
    only = api.get("/v1/monitors/watch/results", feature="age")["items"]
    assert {row["feature"] for row in only} == {"age"}
    assert api.problem("/v1/monitors/watch/results", state="odd")["field"] == "state"
    assert api.problem("/v1/monitors/watch/results", cursor="abc")["field"] == "cursor"
    empty = api.get("/v1/monitors/watch/results", from_="2020-01-01", to="2020-01-02")
    assert (empty["items"], empty["next_cursor"]) == ([], None)


def test_an_incident_is_seen_to(api, grader):
    made(api, trigger={"event": "ai.example.retrain"}, severity="critical")
    grader.passes(2, longer)
    TriggerJob(grader.parts).run()
    [item] = api.get("/v1/drift/incidents", state="open")["items"]
    assert item["severity"] == "critical"
    assert item["low"] <= item["estimate"] <= item["high"]
    assert item["trigger"] == {"state": "kept", "attempts": 0, "error": ""}
    path = f"/v1/drift/incidents/{item['id']}"
    whole = api.get(path)
    assert whole["event"]["type"] == "ai.example.retrain"
    assert whole["findings"][0]["feature"] == "words"
    seen = sent(api, "POST", f"{path}/acknowledge", {"note": "looking"})
    assert (seen.json()["state"], seen.json()["note"]) == ("acknowledged", "looking")
    assert seen.json()["changed_by"] == "k1"
    assert sent(api, "POST", f"{path}/acknowledge", {}).status_code == 409
    IncidentShape.model_validate(seen.json())
    done = sent(api, "POST", f"{path}/close", {})
    assert (done.json()["state"], done.json()["note"]) == ("closed", "looking")
    assert sent(api, "POST", f"{path}/close", {}).status_code == 409
    assert api.get("/v1/drift/incidents", state="open")["items"] == []
    assert api.get("/v1/drift/incidents", model="else")["items"] == []
    assert api.pages("/v1/drift/incidents", 1) == api.get("/v1/drift/incidents")["items"]
    assert api.problem("/v1/drift/incidents", state="odd")["field"] == "state"


def test_a_dry_run_says_what_a_backfill_then_finds_and_keeps_nothing(api, grader):
    begin = grader.clock.now_ns
    grader.passes(6, run=False)
    grader.passes(3, longer, run=False)
    span = {"from": str(begin), "to": str(grader.clock.now_ns)}
    monitor = {**BODY, "features": ["*"], "cool_down": "2h"}
    found = sent(api, "POST", "/v1/monitors/dry-run", {"monitor": monitor, **span}).json()
    shapes.DryRunShape.model_validate(found)
    assert (found["windows"], found["judged"], found["alarms"]) == (9, 9, 1)
    assert {one["feature"] for one in found["would_alarm"]} == {"words"}
    states = [one["state"] for one in found["by_window"]]
    assert states[6:] == ["suspected", "confirmed", "cooling"]
    rate = found["false_alarm_rate"]
    assert rate["stated"] == pytest.approx(0.0001)
    assert rate["windows"] == 24
    assert rate["on_reference"] == 0.0
    assert 0 == rate["low"] < rate["high"] < 0.2
    assert grader.rows() == []
    assert api.get("/v1/monitors")["items"] == []
    made(api, features=["*"])
    kept = sent(api, "POST", "/v1/monitors/watch/backfill", span).json()
    shapes.BackfillShape.model_validate(kept)
    assert kept["windows"] == 9
    assert kept["states"]["confirmed"] == 2
    rows = grader.rows()
    assert all(row["backfilled"] for row in rows)
    assert len({row["start_ns"] for row in rows}) == 9
    assert api.get("/v1/drift/incidents")["items"] == []
    assert grader.parts.signals.list([], start_ns=0, end_ns=2**62) == []


def test_a_backfill_opens_historical_incidents_where_it_is_asked_and_triggers_nothing(grader, api):
    begin = grader.clock.now_ns
    grader.passes(5, longer, run=False)
    span = {"from": str(begin), "to": str(grader.clock.now_ns)}
    made(api, trigger={"event": "ai.example.retrain"})
    sent(api, "POST", "/v1/monitors/watch/backfill", {**span, "incidents": True})
    [past] = api.get("/v1/drift/incidents")["items"]
    IncidentShape.model_validate(api.get(f"/v1/drift/incidents/{past['id']}"))
    assert (past["state"], past["historical"], past["trigger"]) == ("closed", True, None)
    assert past["opened_at"] == past["window"]["to"]
    assert sent(api, "POST", f"/v1/drift/incidents/{past['id']}/close", {}).status_code == 409
    rows = [row for row in grader.rows() if row["incident_id"]]
    assert {row["incident_id"] for row in rows} == {past["id"]}
    assert [row["state"] for row in rows] == ["confirmed", *["cooling"] * 3]
    # Once more adds nothing, and without the option rows still name what they are part of.
    for again in ({"incidents": True}, {}):
        sent(api, "POST", "/v1/monitors/watch/backfill", {**span, **again})
        assert grader.rows()[-1]["incident_id"] == past["id"]
    assert len(api.get("/v1/drift/incidents")["items"]) == 1
    [signal] = grader.parts.signals.list([], start_ns=0, end_ns=2**62)
    assert (signal.body["incident_id"], signal.body["historical"]) == (past["id"], True)
    assert timestamp(signal.time_ns) == past["window"]["to"]
    # Drift that lasts does not hide behind what nobody was told of.
    grader.passes(1, longer)
    fresh, _ = api.get("/v1/drift/incidents")["items"]
    assert (fresh["state"], fresh["historical"]) == ("open", False)
    assert fresh["trigger"] == {"state": "kept", "attempts": 0, "error": ""}
    assert len(grader.parts.signals.list([], start_ns=0, end_ns=2**62)) == 2


def test_a_tolerance_of_the_reference_is_made_shown_and_tried(grader, api):
    text = yaml.safe_dump({**BODY, "tolerance": "reference"})
    answer = raw(api, "/v1/monitors", text, "application/yaml")
    assert answer.status_code == 201, answer.text
    shown = shapes.MonitorShape.model_validate(api.get("/v1/monitors/watch"))
    assert shown.tolerance == "reference"
    assert "tolerance_by" not in answer.json()
    body = {**BODY, "tolerance": "reference", "alpha": 0.05}
    assert sent(api, "PUT", "/v1/monitors/watch", body).json()["tolerance"] == "reference"
    assert sent(api, "PUT", "/v1/monitors/watch", BODY).json()["tolerance"] is None
    grader.passes(1, run=False)
    asked = {"monitor": {**BODY, "tolerance": "reference"}, "from": "-1h"}
    found = sent(api, "POST", "/v1/monitors/dry-run", asked, VIEWER).json()
    suggested = shapes.DryRunShape.model_validate(found).suggested_tolerance
    assert (suggested.windows, suggested.windows_needed, suggested.enough) == (24, 99, False)
    assert suggested.suspicions.expected == pytest.approx(1 / 25)
    [one] = suggested.by_finding
    assert (one.feature, one.statistic) == ("words", "population_stability")
    assert one.spread > 0
    asked["monitor"]["window"] = "1d"
    refused = sent(api, "POST", "/v1/monitors/dry-run", asked, VIEWER)
    assert refused.status_code == 400
    assert refused.json()["field"] == "tolerance"
    asked["monitor"]["tolerance"] = None
    short = sent(api, "POST", "/v1/monitors/dry-run", asked, VIEWER).json()
    assert short["suggested_tolerance"] is None


def test_a_past_that_is_too_long_is_refused(api, grader):
    made(api)
    for path, body in (
        ("/v1/monitors/dry-run", {"monitor": BODY}),
        ("/v1/monitors/watch/backfill", {}),
    ):
        answer = sent(api, "POST", path, {**body, "from": "-60d"})
        assert answer.status_code == 400
        assert "1440 windows" in answer.text


def test_the_documentation_shows_both_forms(api):
    held = api.app.openapi()
    content = held["paths"]["/v1/monitors"]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "application/yaml"}
    assert "MonitorBody" in held["components"]["schemas"]
    assert orjson.dumps(held)


def test_an_hour_before_the_monitor_was_made_is_not_judged(api, grader):
    grader.passes(1, longer, run=False)
    made(api)
    grader.passes(1)
    [row] = grader.rows()
    assert row["start_ns"] == grader.clock.now_ns - HOUR_NS
