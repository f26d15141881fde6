"""The application without a network: routing, problems, headers, readiness, metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collector.models import Grant
from sql.access import Role

NewApplication = Callable[..., Any]
ADMIN = {"Authorization": "Bearer admin-key-for-tests"}
JSON = {"Content-Type": "application/json"}
EMPTY = {"resourceSpans": []}


def test_a_path_shared_by_exports_and_reads_is_told_apart_by_method(
    new_application: NewApplication,
) -> None:
    app = new_application()
    assert app.client.post("/v1/traces", json=EMPTY, headers=ADMIN).status_code == 200
    assert len(app.door.submissions) == 1
    assert "items" in app.client.get("/v1/traces", headers=ADMIN).json()
    assert app.client.request("HEAD", "/v1/traces", headers=ADMIN).status_code == 405
    assert (
        app.client.request("PUT", "/v1/traces", json=EMPTY, headers=ADMIN).headers["allow"]
        == "POST"
    )
    assert app.client.get("/v1/metrics", headers=ADMIN).headers["allow"] == "POST"
    assert len(app.door.submissions) == 1


def test_an_export_carries_the_grant_of_its_key(new_application: NewApplication) -> None:
    app = new_application()
    headers = app.key(Role.INGEST, tenants=("a",))
    assert app.client.post("/v1/logs", json={"resourceLogs": []}, headers=headers).is_success
    [submission] = app.door.submissions
    assert submission.grant.tenant == "a"


def test_refusals_at_the_door_are_counted(new_application: NewApplication) -> None:
    app = new_application()
    assert app.client.post("/v1/traces", json=EMPTY).status_code == 401
    assert app.door.refusals == ["unauthenticated"]
    page = app.client.get("/metrics").text
    [line] = [
        line for line in page.splitlines() if line.startswith("answerable_ingest_rejections_total")
    ]
    assert 'reason="unauthenticated"' in line
    assert line.endswith(" 1.0")


def test_a_forwarded_export_is_not_local(new_application: NewApplication) -> None:
    app = new_application(anonymous=True)
    assert app.client.post("/v1/traces", json=EMPTY).status_code == 200
    assert app.door.submissions[0].grant == Grant("anonymous", "", ("*",), "default")
    forwarded = {"X-Forwarded-For": "127.0.0.1"}
    assert app.client.post("/v1/traces", json=EMPTY, headers=forwarded).status_code == 401
    far = new_application(anonymous=True, peer="203.0.113.7")
    assert far.client.post("/v1/traces", json=EMPTY).status_code == 401
    assert far.client.get("/v1/me").status_code == 401


def test_readiness_says_what_is_wrong(new_application: NewApplication) -> None:
    app = new_application()
    assert app.client.get("/readyz").json()["status"] == "ready"
    app.readiness.draining = True
    answer = app.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "service": "draining",
        "store": "ok",
        "pipeline": "ok",
        "disk": "ok",
    }
    assert app.client.get("/healthz").status_code == 200


def test_a_new_key_is_shown_once(new_application: NewApplication) -> None:
    app = new_application()
    body = {"name": "n", "roles": ["viewer"], "tenants": ["a"]}
    made = app.client.post("/v1/keys", json=body, headers=ADMIN)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    [listed] = app.client.get("/v1/keys", headers=ADMIN).json()["items"]
    assert "key" not in listed
    assert listed["created_by"] == "environment"
    assert listed["created_at"].endswith("Z")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "", "roles": ["viewer"], "tenants": ["a"]}, "name"),
        ({"name": "n", "roles": [], "tenants": ["a"]}, "roles"),
        ({"name": "n", "roles": ["king"], "tenants": ["a"]}, "roles.0"),
        ({"name": "n", "roles": ["viewer"]}, "tenants"),
        ({"name": "n", "roles": ["viewer"], "tenants": ["a"], "all_tenants": True}, "tenants"),
        ({"name": "n", "roles": ["viewer"], "tenants": ["a"], "surprise": 1}, "surprise"),
        ({"name": "n", "roles": ["viewer"], "tenants": ["a"], "expires_at": "soon"}, "expires_at"),
    ],
)
def test_a_wrong_request_for_a_key_names_the_field(
    new_application: NewApplication, body: dict[str, Any], field: str
) -> None:
    answer = new_application().client.post("/v1/keys", json=body, headers=ADMIN)
    assert answer.status_code == 400
    assert answer.json()["field"] == field


def test_an_expiry_keeps_its_microseconds(new_application: NewApplication) -> None:
    body = {"name": "n", "roles": ["viewer"], "tenants": ["a"]}
    body["expires_at"] = "2100-01-01T01:00:00.000001+01:00"
    made = new_application().client.post("/v1/keys", json=body, headers=ADMIN).json()
    assert made["expires_at"] == "2100-01-01T00:00:00.000001000Z"


def test_keys_are_for_admins(new_application: NewApplication) -> None:
    app = new_application()
    for role in Role:
        if role is Role.ADMIN:
            continue
        headers = app.key(role)
        assert app.client.get("/v1/keys", headers=headers).status_code == 403, role
        assert app.client.request("DELETE", "/v1/keys/x", headers=headers).status_code == 403, role
        refused = app.client.post(
            "/v1/keys",
            json={"name": "n", "roles": ["viewer"]} | {"tenants": ["a"]},
            headers=headers,
        )
        assert refused.status_code == 403, role


def test_a_crash_tells_nothing_of_itself(
    new_application: NewApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = new_application()

    def crash() -> list[Any]:
        raise ZeroDivisionError("the password is swordfish")

    monkeypatch.setattr(app.readiness, "checks", crash)
    answer = app.client.get("/readyz")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "swordfish" not in answer.text
    assert answer.json()["request_id"]


def test_metrics_label_unknown_paths_alike(new_application: NewApplication) -> None:
    app = new_application()
    for number in range(3):
        app.client.get(f"/nowhere/{number}")
        app.client.request(f"VERB{number}", "/v1/me")
    app.client.get("/v1/traces/" + "a" * 32, headers=ADMIN)
    page = app.client.get("/metrics").text
    assert "nowhere" not in page
    assert "VERB" not in page
    assert 'route="unknown"' in page
    assert 'route="/v1/traces/{trace_id}"' in page
