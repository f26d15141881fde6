"""Parameters: what is wrong is named, what is empty is absent, what is hostile is text."""

import pytest

from tests.collector.api.kit import BOTH, Api, decision

WINDOWED = (
    "/v1/overview",
    "/v1/ledger",
    "/v1/traces",
    "/v1/decisions",
    "/v1/usage",
    "/v1/services",
)
HOSTILE = [
    "' OR 1=1 --",
    "'; DROP TABLE spans; --",
    "\\' OR 1=1",
    "\\",
    "{tenants:Array(String)}",
    "%s %(tenants)s",
    "\t\n\r\0",
    "\u202e☃'\"`",
    "a" * 1000,
    "[]",
    "NULL",
    "['acme']",
]
FILTERS = {
    "/v1/overview": ["tenant"],
    "/v1/ledger": ["tenant"],
    "/v1/traces": ["tenant", "service", "name", "model"],
    "/v1/decisions": ["tenant", "service", "name", "model", "route", "outcome", "subject"],
    "/v1/usage": ["tenant", "service", "provider", "model", "meter"],
    "/v1/services": ["tenant"],
}


@pytest.fixture
def bare(embedded, clock):
    """An API whose store is never reached."""
    return Api(embedded.open(), clock)


@pytest.fixture
def filled(api, sender, clock):
    attributes = {
        **decision(
            decision__id="d1",
            decision__name="grade",
            decision__outcome="A",
            decision__subject="s",
            route="auto",
        ),
        "gen_ai.request.model": "m",
        "gen_ai.usage.input_tokens": 7,
    }
    sender.spans({"start_ns": clock() - 5, "name": "root", "attributes": attributes})
    return api


WRONG = [
    ({"from_": "now", "to": "-1h"}, "from"),
    ({"from_": "soon"}, "from"),
    ({"to": "later"}, "to"),
    ({"to": "1795471200000"}, "to"),
    ({"from_": "9" * 100}, "from"),
    ({"form": "-1h"}, "form"),
    ({"tenant": "a" * 1001}, "tenant"),
]


def test_a_wrong_parameter_is_named(bare):
    for path in WINDOWED:
        for params, field in WRONG:
            problem = bare.problem(path, **params)
            assert (problem["status"], problem["field"]) == (400, field), (path, params)


WRONG_HERE = [
    ("/v1/traces", {"errors": "perhaps"}, "errors"),
    ("/v1/traces", {"min_duration_ns": "-1"}, "min_duration_ns"),
    ("/v1/traces", {"min_duration_ns": "9223372036854775808"}, "min_duration_ns"),
    ("/v1/decisions", {"min_confidence": "1.5"}, "min_confidence"),
    ("/v1/decisions", {"max_confidence": "nan"}, "max_confidence"),
    ("/v1/ledger", {"signal": "spans"}, "signal"),
    ("/v1/usage", {"group_by": "model,quantity"}, "group_by"),
    ("/v1/usage", {"group_by": "tenant; DROP TABLE usage"}, "group_by"),
    ("/v1/usage", {"group_by": ","}, "group_by"),
    ("/v1/traces/xyz", {}, "trace_id"),
    (f"/v1/traces/{'0' * 32}", {}, "trace_id"),
    (f"/v1/traces/{'a' * 31}", {}, "trace_id"),
    (f"/v1/traces/{'a' * 33}", {}, "trace_id"),
    (f"/v1/traces/{'g' * 32}", {}, "trace_id"),
    (f"/v1/traces/{'a' * 32}", {"from": "-1h"}, "from"),
    (f"/v1/decisions/{'a' * 1001}", {}, "decision_id"),
]


def test_each_resource_names_its_own(bare):
    for path, params, field in WRONG_HERE:
        problem = bare.problem(path, **params)
        assert (problem["status"], problem["field"]) == (400, field), (path, params)


def test_an_empty_parameter_is_as_good_as_none(filled):
    for path in WINDOWED:
        names = [*FILTERS[path], "from_", "to"]
        assert filled.get(path, **dict.fromkeys(names, "")) == filled.get(path)


def test_hostile_text_in_any_filter_matches_nothing(filled):
    for path, names in FILTERS.items():
        for name in names:
            for text in HOSTILE:
                answer = filled.get(path, **{name: text})
                found = answer.get("items", answer.get("recent", answer.get("services")))
                assert found == [], (path, name, text)
    assert len(filled.get("/v1/traces")["items"]) == 1


def test_hostile_ids_are_unknown(filled):
    for text in HOSTILE:
        if text.strip("\t\n\r\0"):
            path = "/v1/decisions/" + "".join(f"%{byte:02x}" for byte in text.encode())
            assert filled.problem(path)["status"] == 404, text


@BOTH
def test_hostile_values_come_back_as_they_were_sent(api, sender, clock):
    for number, text in enumerate(HOSTILE):
        attributes = {
            **decision(
                decision__id=f"{number}{text}",
                decision__outcome=text,
                decision__subject=text,
                model__name=text,
            ),
            "gen_ai.request.model": text,
            "gen_ai.usage.input_tokens": 7,
        }
        span = {"start_ns": clock() - 5, "name": text, "attributes": attributes}
        sender.spans(span, service=text)
    for text in HOSTILE:
        assert [item["outcome"] for item in api.get("/v1/decisions", outcome=text)["items"]] == [
            text
        ]
        assert [item["subject"] for item in api.get("/v1/decisions", subject=text)["items"]] == [
            text
        ]
        assert [item["services"] for item in api.get("/v1/traces", service=text)["items"]] == [
            [text]
        ]
        assert {item["model"] for item in api.get("/v1/usage", model=text)["items"]} == {text}
    assert len(api.pages("/v1/traces", 2)) == len(HOSTILE)
    assert len(api.pages("/v1/usage", 2)) == 2 * len(HOSTILE)
    assert len(api.pages("/v1/services", 2)) == len(HOSTILE)


@BOTH
def test_a_store_with_nothing_in_it_answers(api):
    for path in WINDOWED:
        for window in ("-1h", "-30d", "0"):
            answer = api.get(path, from_=window)
            assert not answer.get("items")
            assert answer.get("next_cursor") is None
