"""Lists read page by page: nothing lost, nothing twice, newest first."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql import cursor
from tests.collector.api.kit import HOUR_NS, MINUTE_NS, Api, decision, principal

TENANTS = ("acme", "other", "zeta")
LISTS = ("/v1/traces", "/v1/decisions", "/v1/usage", "/v1/services", "/v1/ledger")
SETTINGS = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def many(api, sender, clock):
    """Sixty decisions at few distinct times, some before the last hour, in three tenants."""
    ages = [
        1,
        1,
        1,
        2,
        MINUTE_NS,
        MINUTE_NS,
        40 * MINUTE_NS,
        2 * HOUR_NS,
        2 * HOUR_NS,
        90 * HOUR_NS,
    ]
    for tenant in TENANTS:
        for turn in range(2):
            spans = [
                {
                    "start_ns": clock() - age,
                    "attributes": {
                        **decision(decision__id=f"{tenant}-{turn}-{number}"),
                        "gen_ai.request.model": f"m{number % 4}",
                        "gen_ai.usage.input_tokens": 7,
                    },
                }
                for number, age in enumerate(ages)
            ]
            sender.spans(*spans, tenant=tenant, service=f"service-{turn}")
    return api


def identity(path, item):
    keys = {
        "/v1/traces": ("tenant", "trace_id"),
        "/v1/decisions": ("tenant", "decision_id"),
        "/v1/usage": ("tenant", "model", "meter", "hour"),
        "/v1/services": ("tenant", "service"),
        "/v1/ledger": ("tenant", "state", "request_id"),
    }
    return tuple(item[key] for key in keys[path])


def whole(api, path, **params):
    answer = api.get(path, limit=1000, **params)
    assert answer["next_cursor"] is None
    return answer["recent" if path == "/v1/ledger" else "items"]


@SETTINGS
@given(path=st.sampled_from(LISTS), limit=st.integers(1, 25), tenant=st.sampled_from(["", "acme"]))
def test_pages_make_the_whole(many, path, limit, tenant):
    params = {"from_": "-30d", "tenant": tenant}
    if path == "/v1/usage":
        params["group_by"] = "tenant,model,meter,hour"
    everything = whole(many, path, **params)
    assert len(everything) == {
        "/v1/traces": 60,
        "/v1/decisions": 60,
        "/v1/usage": 42,
        "/v1/services": 6,
        "/v1/ledger": 6,
    }[path] // (3 if tenant else 1)
    paged = many.pages(path, limit, **params)
    assert paged == everything
    assert len({identity(path, item) for item in paged}) == len(everything)


@pytest.mark.parametrize(("path", "key"), [("/v1/traces", "start_time"), ("/v1/decisions", "time")])
def test_newest_come_first(many, path, key):
    times = [item[key] for item in whole(many, path, from_="-30d")]
    assert times == sorted(times, reverse=True)


def test_a_relative_window_stays_while_one_pages(many, sender, clock):
    """What arrives between two pages neither shifts them nor shows in them."""
    first = many.get("/v1/decisions", from_="-91h", limit=10)
    clock.step(seconds=7200)
    sender.spans({"start_ns": clock() - 5, "attributes": decision(decision__id="late")})
    items, cursor_ = first["items"], first["next_cursor"]
    while cursor_:
        answer = many.get("/v1/decisions", from_="-91h", limit=10, cursor=cursor_)
        assert answer["window"] == first["window"]
        items += answer["items"]
        cursor_ = answer["next_cursor"]
    assert len({item["decision_id"] for item in items}) == len(items) == 60


def test_a_cursor_does_not_widen_a_scope(many):
    page = many.get("/v1/decisions", from_="-30d", limit=5)
    rest = many.get(
        "/v1/decisions", principal("acme"), from_="-30d", limit=1000, cursor=page["next_cursor"]
    )
    assert {item["tenant"] for item in rest["items"]} == {"acme"}


FOREIGN = [
    "x",
    "!!!",
    "W10",
    cursor.encode(["traces", 0, 1]),
    cursor.encode(["nolist", 0, 1, 5, "a", "b"]),
    cursor.encode(["traces", 0, 1, 2**70, "a", "b"]),
    cursor.encode(["decisions", -5, 1, 5, "a", "b"]),
    cursor.encode(["usage by model", 0, 1, *[""] * 10]),
    "a" * 5000,
]


def test_foreign_cursors_are_refused(embedded, clock):
    bare = Api(embedded.open(), clock)
    for path in LISTS:
        for text in FOREIGN:
            problem = bare.problem(path, cursor=text)
            assert (problem["status"], problem["field"]) == (400, "cursor"), (path, text)


def test_limits_outside_the_bounds_are_refused(embedded, clock):
    bare = Api(embedded.open(), clock)
    for path in LISTS:
        for limit in ("0", "1001", "-1", "ten", "1.5", "1e3"):
            problem = bare.problem(path, limit=limit)
            assert (problem["status"], problem["field"]) == (400, "limit"), (path, limit)


def test_a_limit_is_met_exactly(many):
    assert len(many.get("/v1/traces", from_="-30d", limit=60)["items"]) == 60
    assert many.get("/v1/traces", from_="-30d", limit=60)["next_cursor"] is None
    assert many.get("/v1/traces", from_="-30d", limit=59)["next_cursor"] is not None


def test_traces_that_go_on_for_hours_are_paged_where_they_start(api, sender, clock):
    for number in range(8):
        trace = {"trace_id": bytes([number + 1] * 16)}
        hours = (5, 3, 2, 1, 0)
        starts = [clock() - hour * HOUR_NS - MINUTE_NS - number for hour in hours]
        sender.spans(*({**trace, "start_ns": start} for start in starts))
    for limit in (1, 3, 8):
        found = api.pages("/v1/traces", limit, from_="-30d")
        assert [item["trace_id"][:2] for item in found] == [f"{n + 1:02x}" for n in range(8)]
        assert {item["spans"] for item in found} == {5}
    assert api.pages("/v1/traces", 1, from_="-4h") == []
