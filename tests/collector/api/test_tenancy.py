"""No route shows a tenant anything of another, whatever it asks."""

import pytest

from collector.api import routers
from sql.access import Role
from tests.collector.api.kit import decision, principal

TRACES = {"acme": b"\x0a" * 16, "other": b"\x0b" * 16}
ROUTES = [
    "/v1/overview",
    "/v1/ledger",
    "/v1/traces",
    "/v1/decisions",
    "/v1/usage?group_by=tenant,service,model,meter",
    "/v1/services",
    f"/v1/traces/{TRACES['acme'].hex()}",
    "/v1/decisions/d-acme",
]


@pytest.fixture
def two_tenants(api, sender, clock):
    """Two tenants with a trace each, alike but for names that give the owner away."""
    for tenant, trace_id in TRACES.items():
        attributes = {
            **decision(decision__id=f"d-{tenant}", confidence=0.5, model__name=f"model-{tenant}"),
            "gen_ai.request.model": f"model-{tenant}",
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": 1,
        }
        span = {"start_ns": clock() - 1000, "trace_id": trace_id, "name": f"span-{tenant}"}
        sender.spans(
            {**span, "attributes": attributes},
            service=f"service-{tenant}",
            tenant=tenant,
            key_id=f"key-{tenant}",
        )
        sender.logs({"trace_id": trace_id}, service=f"service-{tenant}", tenant=tenant)
    # A key that speaks for several tenants, and an item that names none: it belongs to nobody.
    nameless = {"start_ns": clock() - 1000, "name": "nobody"}
    sender.spans(nameless, tenant="", tenants=("acme", "other"), key_id="key-nobody")
    return api


def test_the_list_of_routes_is_complete(two_tenants, api_store, clock):
    known = {route.path for router in routers(api_store, clock) for route in router.routes}
    asked = {route.partition("?")[0] for route in ROUTES}
    pattern = {path for path in known if "{" in path}
    assert {path for path in known if "{" not in path} <= asked
    assert len(asked) == len(known)
    assert len(pattern) == 2


def test_a_scoped_key_sees_its_tenant_and_nothing_else(two_tenants):
    for route in ROUTES:
        text = two_tenants.response(route, principal("acme")).text
        assert "acme" in text, route
        assert "other" not in text, route
        assert "nobody" not in text, route


def test_a_stranger_sees_nothing(two_tenants):
    stranger = principal("third")
    for route in ROUTES[:6]:
        answer = two_tenants.get(route, stranger)
        text = str(answer)
        assert "acme" not in text, route
        assert "other" not in text, route
    totals = two_tenants.get("/v1/overview", stranger)["totals"]
    assert not any(totals.values())
    for route in ROUTES[6:]:
        assert two_tenants.problem(route, stranger)["status"] == 404


def test_ids_of_others_are_as_unknown_as_ids_of_nobody(two_tenants):
    for path, unknown in (
        (f"/v1/traces/{TRACES['other'].hex()}", f"/v1/traces/{'0c' * 16}"),
        ("/v1/decisions/d-other", "/v1/decisions/d-none"),
    ):
        theirs = two_tenants.problem(path, principal("acme"))
        nobodys = two_tenants.problem(unknown, principal("acme"))
        assert theirs["status"] == nobodys["status"] == 404
        name = path.rpartition("/")[2]
        assert theirs["detail"].replace(name, "") == nobodys["detail"].replace(
            unknown.rpartition("/")[2], ""
        )


def test_a_tenant_outside_the_keys_list_is_refused(two_tenants):
    for route in ROUTES:
        path = route.partition("?")[0]
        problem = two_tenants.problem(path, principal("acme", "third"), tenant="other")
        assert (problem["status"], problem["field"]) == (403, "tenant"), route


def test_a_tenant_narrows_a_key_of_several(two_tenants):
    reader = principal("acme", "other")
    for route in ROUTES[1:6]:
        path = route.partition("?")[0]
        more = {"group_by": "tenant"} if path == "/v1/usage" else {}
        both = str(two_tenants.get(path, reader, **more))
        assert "acme" in both, route
        assert "other" in both, route
        one = str(two_tenants.get(path, reader, tenant="other", **more))
        assert "acme" not in one, route
        assert "other" in one, route


@pytest.mark.parametrize("role", list(Role))
def test_every_role_but_ingest_reads(api, role):
    reader = principal("acme", roles=(role,))
    for route in ROUTES:
        status = api.response(route, reader).status_code
        assert status == 403 if role is Role.INGEST else status in {200, 404}, route


def test_rows_of_nobody_are_for_keys_of_every_tenant(two_tenants):
    everyone = two_tenants.get("/v1/ledger")
    assert {row["tenant"] for row in everyone["rows"]} == {"", "acme", "other"}
    assert {"rejected"} == {
        row["state"] for row in everyone["recent"] if row["key_id"] == "key-nobody"
    }
    scoped = two_tenants.get("/v1/ledger", principal("acme", "other"))
    assert {row["tenant"] for row in scoped["rows"]} == {"acme", "other"}
    assert scoped["balanced"]
    assert everyone["balanced"]


def test_one_id_in_two_tenants_must_be_named(api, sender, clock):
    for tenant in ("acme", "other"):
        attributes = decision(decision__id="same", decision__outcome=tenant)
        span = {"start_ns": clock() - 5, "trace_id": b"\x0d" * 16, "attributes": attributes}
        sender.spans(span, tenant=tenant)
    for path in (f"/v1/traces/{'0d' * 16}", "/v1/decisions/same"):
        problem = api.problem(path)
        assert (problem["status"], problem["field"]) == (400, "tenant")
        assert "acme, other" in problem["detail"]
        assert api.get(path, tenant="other")["tenant"] == "other"
        assert api.get(path, principal("acme"))["tenant"] == "acme"
    assert api.get("/v1/decisions/same", tenant="other")["outcome"] == "other"


def test_origins_of_another_tenant_stay_away(api, sender, clock):
    """The same resource and scope sent by two tenants hash alike."""
    for tenant in ("acme", "other"):
        span = {"start_ns": clock() - 5, "trace_id": TRACES[tenant]}
        sender.spans(span, tenant="", tenants=("acme", "other"), resource={"tenant.id": tenant})
    trace = api.get(f"/v1/traces/{TRACES['acme'].hex()}", principal("acme"))
    assert trace["spans"][0]["resource"]["attributes"] == {
        "service.name": "shop",
        "tenant.id": "acme",
    }
