"""References over HTTP: defined by operators, read by readers, kept apart by tenant."""

import pytest

from drift.api.references import ReferenceResource
from sql.access import Role
from tests.cost.api.kit import Api, principal
from tests.drift.worlds import HOUR_NS, SECOND_NS, decide, decisions

OPERATOR = principal("school-a", roles=(Role.OPERATOR,))
ASKED = {"id": "june", "model": "grader", "from": "-24h", "dimensions": ["route"]}


@pytest.fixture
def api(parts, clock):
    """References of two tenants, none defined yet."""
    for tenant, count in (("school-a", 20), ("school-b", 7)):
        rows = decisions(
            clock.now_ns - 2 * HOUR_NS,
            count,
            SECOND_NS,
            lambda i: {"x": float(i), "subject": "maths"},
            tenant=tenant,
        )
        decide(parts.store, rows)
    return Api([ReferenceResource(parts).router()], reader=principal("school-a"))


def define(api, reader=OPERATOR, **changes):
    return api.response("/v1/references", reader, method="POST", json={**ASKED, **changes})


def test_a_reference_is_defined_read_listed_and_deleted(api, clock):
    answer = define(api, reason="the first month")
    assert answer.status_code == 201
    made = answer.json()
    assert (made["id"], made["version"], made["tenant"]) == ("june", 1, "school-a")
    assert (made["decisions"], made["defined_by"]) == (20, "k1")
    assert made["baseline"] == {"kind": "fixed", "days": None, "weeks": None}
    features = {one["feature"]: one for one in made["features"]}
    assert features["x"] == {
        "feature": "x",
        "kind": "number",
        "cells": 22,
        "n": 20,
        "missing": 0,
        "mean": 9.5,
        "std": pytest.approx(5.916, abs=1e-3),
        "least": 0.0,
        "greatest": 19.0,
    }
    assert (features["subject"]["kind"], features["subject"]["mean"]) == ("text", None)
    assert api.get("/v1/references/june") == made
    assert api.get("/v1/references")["items"] == [made]
    assert define(api).json()["version"] == 2
    clock.step(seconds=1)
    gone = api.response("/v1/references/june", OPERATOR, method="DELETE", reason="replaced")
    assert gone.json() == {"id": "june", "tenant": "school-a", "deleted": True}
    clock.step(seconds=1)
    assert api.get("/v1/references")["items"] == []
    assert api.problem("/v1/references/june")["status"] == 404
    assert api.get("/v1/references/june", version=1) == made


def test_a_name_is_made_where_none_is_given(api):
    assert define(api, id="").json()["id"] == "id1"


def test_only_operators_change(api):
    assert define(api, principal("school-a")).status_code == 403
    define(api)
    refused = api.response("/v1/references/june", method="DELETE")
    assert refused.status_code == 403
    assert api.get("/v1/references/june")["version"] == 1


def test_tenants_are_kept_apart(api):
    everyone = principal(roles=(Role.OPERATOR,))
    assert define(api, everyone).status_code == 400
    for tenant in ("school-a", "school-b"):
        assert define(api, everyone, tenant=tenant).status_code == 201
    assert define(api, tenant="school-b").status_code == 403
    assert [one["tenant"] for one in api.get("/v1/references")["items"]] == ["school-a"]
    assert api.get("/v1/references/june")["decisions"] == 20
    other = principal("school-b")
    assert api.get("/v1/references/june", other)["decisions"] == 7
    assert api.problem("/v1/references/june", principal("school-c"))["status"] == 404
    assert api.problem("/v1/references/june", other, tenant="school-a")["status"] == 403
    problem = api.problem("/v1/references/june", everyone)
    assert problem["field"] == "tenant"
    assert "school-a, school-b" in problem["detail"]
    assert api.get("/v1/references/june", everyone, tenant="school-b")["decisions"] == 7


def test_a_list_is_read_page_by_page(api):
    for name in "abcde":
        define(api, id=name)
    assert [one["id"] for one in api.pages("/v1/references", 2)] == list("abcde")
    assert api.problem("/v1/references", cursor="x")["field"] == "cursor"


BAD = [
    ({"model": "unheard"}, "from"),
    ({"from": "soon"}, "from"),
    ({"from": "-1h", "to": "-2h"}, "from"),
    ({"cells": 1000}, "cells"),
    ({"baseline": {"kind": "rolling"}}, "baseline"),
    ({"dimensions": ["colour"]}, "dimensions"),
    ({"features": ["y"]}, "features"),
    ({"id": "a b"}, "id"),
    ({"colour": "red"}, "colour"),
]


def test_bad_definitions_name_the_field(api):
    for changes, field in BAD:
        answer = define(api, **changes)
        assert answer.status_code in (400, 422), changes
        assert field in answer.text
    assert api.get("/v1/references")["items"] == []
