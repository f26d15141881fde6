"""Records are versions on two clocks; nothing is ever overwritten."""

from __future__ import annotations

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql.errors import ConflictError, InvalidInputError, NotFoundError
from sql.records import Records, canonical

DAY = 86_400_000_000_000
WHO = {"tenant": "acme", "actor": "ada", "reason": "because"}


@pytest.fixture
def records(base_store, clock) -> Records:
    return Records(base_store, clock)


def test_a_record_reads_back(records, clock) -> None:
    body = {"b": [1, 2.5, None, True], "a": {"naïve": "it's \\ \n"}}
    written = records.put("budget", "eu/main", body, **WHO)
    assert written.version == 1
    assert written.valid_from_ns == written.recorded_at_ns == clock.now_ns
    assert records.get("budget", "eu/main", "acme") == written
    assert records.get("budget", "eu/main", "other") is None
    assert records.get("price", "eu/main", "acme") is None


def test_versions_count_up_and_stay(records, clock) -> None:
    for n in range(3):
        records.put("budget", "b", {"n": n}, **WHO)
        clock.step(seconds=1)
    history = records.history("budget", "b", "acme")
    assert [(row.version, row.op, row.body["n"]) for row in history] == [
        (1, "put", 0),
        (2, "put", 1),
        (3, "put", 2),
    ]
    assert records.get("budget", "b", "acme") == history[-1]


def test_a_stale_version_is_refused(records) -> None:
    records.put("budget", "b", {"n": 1}, **WHO, expect_version=0)
    records.put("budget", "b", {"n": 2}, **WHO, expect_version=1)
    for stale in (0, 1, 3):
        with pytest.raises(ConflictError, match=f"at version 2, not {stale}"):
            records.put("budget", "b", {"n": 3}, **WHO, expect_version=stale)
    with pytest.raises(ConflictError):
        records.delete("budget", "b", **WHO, expect_version=1)
    assert len(records.history("budget", "b", "acme")) == 2


def test_a_delete_is_a_row(records, clock) -> None:
    records.put("budget", "b", {"n": 1}, **WHO)
    before = clock.now_ns
    clock.step(seconds=1)
    gone = records.delete("budget", "b", tenant="acme", actor="bob", reason="obsolete")
    assert (gone.version, gone.op, gone.actor) == (2, "delete", "bob")
    assert records.get("budget", "b", "acme") is None
    assert records.list("budget", []) == []
    old = records.get("budget", "b", "acme", as_of=before)
    assert old is not None
    assert old.body == {"n": 1}
    with pytest.raises(NotFoundError):
        records.delete("budget", "b", **WHO)
    with pytest.raises(NotFoundError):
        records.delete("budget", "never", **WHO)
    clock.step(seconds=1)
    assert records.put("budget", "b", {"n": 3}, **WHO).version == 3
    assert records.get("budget", "b", "acme").body == {"n": 3}


def test_a_change_planned_for_later_holds_from_then(records, clock) -> None:
    now = clock.now_ns
    records.put("price", "p", {"n": "old"}, **WHO)
    records.put("price", "p", {"n": "next"}, **WHO, valid_from=now + 10 * DAY)
    clock.step(ns=DAY)
    records.put("price", "p", {"n": "corrected"}, **WHO)

    def at(time: int) -> str:
        return records.get("price", "p", "acme", as_of=time).body["n"]

    assert at(now) == "old"
    assert at(now + DAY) == "corrected"
    assert at(now + 10 * DAY) == "next"
    assert records.get("price", "p", "acme", as_of=now - 1) is None


def test_a_correction_of_the_past_is_known_only_since_it_was_made(records, clock) -> None:
    start = clock.now_ns
    records.put("price", "p", {"n": 1}, **WHO, valid_from=start - 10 * DAY)
    clock.step(ns=DAY)
    corrected = clock.now_ns
    records.put("price", "p", {"n": 2}, **WHO, valid_from=start - 5 * DAY)

    def at(time: int, known: int | None) -> int:
        return records.get("price", "p", "acme", as_of=time, known_at=known).body["n"]

    assert at(start - 3 * DAY, start) == 1
    assert at(start - 3 * DAY, corrected - 1) == 1
    assert at(start - 3 * DAY, corrected) == 2
    assert at(start - 3 * DAY, None) == 2
    assert at(start - 7 * DAY, None) == 1
    assert records.get("price", "p", "acme", known_at=start - 1) is None


def test_a_delete_ends_what_was_planned(records, clock) -> None:
    now = clock.now_ns
    records.put("price", "p", {"n": 1}, **WHO, valid_from=now + DAY)
    records.delete("price", "p", **WHO)
    assert records.get("price", "p", "acme", as_of=now + 2 * DAY) is None
    assert records.get("price", "p", "acme", as_of=now + 2 * DAY, known_at=now - 1) is None


def test_lists_are_scoped_and_paged(records) -> None:
    for tenant in ("acme", "beta", "corp"):
        for id_ in ("1", "2"):
            records.put("budget", id_, {}, tenant=tenant, actor="ada", reason="")
    records.put("other", "1", {}, **WHO)

    def keys(tenants: list[str], **options) -> list[tuple[str, str]]:
        return [(row.tenant, row.id) for row in records.list("budget", tenants, **options)]

    everything = [(t, i) for t in ("acme", "beta", "corp") for i in ("1", "2")]
    assert keys([]) == everything
    assert keys(["beta"]) == everything[2:4]
    assert keys(["beta", "corp"], limit=3) == everything[2:5]
    assert keys([], after=("beta", "1")) == everything[3:]
    assert keys(["nobody"]) == []


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_limits_are_bounded(records, limit: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        records.list("budget", [], limit=limit)
    assert caught.value.field == "limit"


@pytest.mark.parametrize("field", ["kind", "id", "actor"])
def test_names_are_required(records, field: str) -> None:
    given_ = {"kind": "budget", "id": "b", "body": {}, **WHO, field: ""}
    with pytest.raises(InvalidInputError) as caught:
        records.put(**given_)
    assert caught.value.field == field


def test_a_body_must_be_json(records) -> None:
    with pytest.raises(InvalidInputError) as caught:
        records.put("budget", "b", {"x": object()}, **WHO)
    assert caught.value.field == "body"
    assert records.history("budget", "b", "acme") == []


def test_equal_bodies_are_written_alike() -> None:
    assert canonical({"b": 1, "a": {"d": 2, "c": 3}}) == '{"a":{"c":3,"d":2},"b":1}'


def test_threads_get_different_versions(base_store, clock) -> None:
    def write() -> None:
        Records(base_store, clock).put("budget", "b", {}, **WHO)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = Records(base_store, clock).history("budget", "b", "acme")
    assert [row.version for row in history] == list(range(1, 9))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    writes=st.lists(st.tuples(st.booleans(), st.integers(-5, 5)), min_size=1, max_size=6),
    as_of=st.integers(-6, 12),
    known=st.integers(-1, 7),
)
def test_the_query_agrees_with_a_plain_model(embedded_records, writes, as_of, known) -> None:
    """Any order of puts and deletes, read at any two times, is what a loop over rows finds."""
    records, clock, number = embedded_records
    id_ = f"r{next(number)}"
    start = clock.now_ns
    for step, (is_delete, valid) in enumerate(writes):
        clock.now_ns = start + step
        newest = records.history("k", id_, "acme")
        if is_delete and newest and newest[-1].op == "put":
            records.delete("k", id_, **WHO)
        else:
            records.put("k", id_, {"step": step}, **WHO, valid_from=start + valid)
    rows = [
        row
        for row in records.history("k", id_, "acme")
        if row.recorded_at_ns <= start + known and row.valid_from_ns <= start + as_of
    ]
    voided = max((row.version for row in rows if row.op == "delete"), default=0)
    left = [row for row in rows if row.version > voided]
    wanted = max(left, key=lambda row: (row.valid_from_ns, row.version), default=None)
    assert records.get("k", id_, "acme", as_of=start + as_of, known_at=start + known) == wanted
