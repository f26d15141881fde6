"""The job that counts: exact whatever came late, twice, changed or while a run died."""

import pytest

from drift.counting import Counting
from drift.cube import Cube, CubeJob
from drift.references import Key
from sql.errors import PermanentStoreError
from tests.drift.counted import define, reference_rows, total
from tests.drift.worlds import DAY_NS, HOUR_NS, SECOND_NS, decide, decision, decisions, drift_parts


def test_late_and_resent_decisions_are_exact(parts, clock):
    decide(parts.store, reference_rows(clock))
    made = define(parts, clock)
    job, cube = CubeJob(parts), Cube(parts)
    start = clock.now_ns - 5 * HOUR_NS
    rows = decisions(start, 50, SECOND_NS, lambda i: {"x": 1.0})
    decide(parts.store, rows)
    job.run()
    assert total(cube, made, clock) == 50
    clock.step(seconds=30)
    late = decisions(start, 7, SECOND_NS, lambda i: {"x": 2.0}, received_ns=clock.now_ns)
    resent = [{**row, "received_at": clock.now_ns} for row in rows[:20]]
    decide(parts.store, late + resent)
    job.run()
    assert total(cube, made, clock) == 57
    job.run()
    assert total(cube, made, clock) == 57


def test_what_a_resent_decision_no_longer_says_is_taken_back(parts, clock):
    decide(parts.store, reference_rows(clock))
    made = define(parts, clock, dimensions=("route",))
    job, cube = CubeJob(parts), Cube(parts)
    start = clock.now_ns - 5 * HOUR_NS
    rows = decisions(start, 10, SECOND_NS, lambda i: {"x": 1.0}, route="auto")
    decide(parts.store, rows)
    job.run()
    assert total(cube, made, clock, Key("x", "route", "auto")) == 10
    clock.step(seconds=30)
    decide(
        parts.store,
        [{**row, "route": "human", "received_at": clock.now_ns} for row in rows],
    )
    job.run()
    found = cube.window(made, start, clock.now_ns)
    assert found[Key("x", "route", "human")].total == 10
    assert Key("x", "route", "auto") not in found
    assert found[Key("x")].total == 10


def test_what_was_received_a_moment_ago_waits(drift_store, clock):
    parts = drift_parts(drift_store, clock, cube_lag_s=10)
    decide(drift_store, reference_rows(clock))
    made = define(parts, clock)
    job, cube = CubeJob(parts), Cube(parts)
    job.run()
    clock.step(seconds=30)
    fresh = decisions(clock.now_ns - HOUR_NS, 4, 1, lambda i: {"x": 1.0}, received_ns=clock.now_ns)
    decide(drift_store, fresh)
    job.run()
    assert total(cube, made, clock) == 0
    clock.step(seconds=10)
    job.run()
    assert total(cube, made, clock) == 4


def test_history_is_filled_in_some_hours_a_run(drift_store, clock):
    parts = drift_parts(drift_store, clock, cube_hours_max=4)
    decide(drift_store, reference_rows(clock))
    start = clock.now_ns - 30 * HOUR_NS
    decide(drift_store, decisions(start, 10, HOUR_NS, lambda i: {"x": 1.0}))
    made = define(parts, clock)
    job, cube = CubeJob(parts), Cube(parts)
    seen = []
    for _ in range(5):
        job.run()
        seen.append(total(cube, made, clock, hours=31))
    assert seen == [4, 8, 10, 10, 10]


def test_a_burst_over_many_hours_is_counted_over_several_runs(drift_store, clock):
    parts = drift_parts(drift_store, clock, cube_hours_max=3)
    decide(drift_store, reference_rows(clock))
    made = define(parts, clock)
    job, cube = CubeJob(parts), Cube(parts)
    job.run()
    start = clock.now_ns - 20 * HOUR_NS
    rows = [
        decision(start + i * HOUR_NS, features={"x": 1.0}, received_ns=clock.now_ns + 1 + i)
        for i in range(8)
    ]
    clock.step(seconds=1)
    decide(drift_store, rows)
    seen = []
    for _ in range(4):
        job.run()
        seen.append(total(cube, made, clock))
    assert seen == [3, 6, 8, 8]


def test_a_run_that_died_is_made_up_for(parts, clock, monkeypatch):
    decide(parts.store, reference_rows(clock))
    made = define(parts, clock)
    job, cube = CubeJob(parts), Cube(parts)
    job.run()
    clock.step(seconds=1)
    late = decisions(
        clock.now_ns - 3 * HOUR_NS, 5, SECOND_NS, lambda i: {"x": 1.0}, received_ns=clock.now_ns
    )
    decide(parts.store, late)
    insert = type(parts.store).insert

    def dying(self, table, rows, **more):
        if table == "cube_marks":
            raise PermanentStoreError("The process died here.")
        insert(self, table, rows, **more)

    monkeypatch.setattr(type(parts.store), "insert", dying)
    with pytest.raises(PermanentStoreError):
        job.run()
    monkeypatch.undo()
    assert total(cube, made, clock) == 5
    more = decisions(
        clock.now_ns - 3 * HOUR_NS, 2, 1, lambda i: {"x": 1.0}, received_ns=clock.now_ns
    )
    decide(parts.store, more)
    CubeJob(parts).run()
    assert total(cube, made, clock) == 7


def test_a_long_run_is_followed_by_a_long_rest(parts, clock, monkeypatch):
    job = CubeJob(parts)
    assert job.interval_s == parts.settings.cube_interval_s
    monkeypatch.setattr(job, "_run", lambda: clock.step(seconds=20))
    job.run()
    assert job.interval_s == 60


def test_many_combinations_are_counted_by_several_statements(parts, clock, monkeypatch):
    """What one statement may hold changes nothing in what is counted."""
    decide(parts.store, reference_rows(clock))
    start = clock.now_ns - 5 * HOUR_NS
    rows = [
        decision(
            start + i * 60 * SECOND_NS,
            features={"x": float(i), "y": 1.0, "z": "a"},
            route=f"r{i % 7}",
            model_version=str(i % 5),
        )
        for i in range(200)
    ]
    decide(parts.store, rows)
    asked = {"from_ns": clock.now_ns - 2 * DAY_NS, "to_ns": clock.now_ns}
    made = define(parts, clock, dimensions=("route", "model_version"), **asked)
    whole = Cube(parts).window(made, start, clock.now_ns)
    assert whole[Key("y", "route", "r3")].total == len(range(3, 200, 7))
    counting = Counting(parts)
    monkeypatch.setattr("drift.counting._ARRAYS_MAX", 40)
    statements = []
    execute = type(parts.store).execute

    def counted(self, name, *args, **more):
        statements.append(name)
        execute(self, name, *args, **more)

    monkeypatch.setattr(type(parts.store), "execute", counted)
    parts.store.run_text("TRUNCATE TABLE feature_cube", tag="tests")
    counting.count(made, [start // SECOND_NS + 3600 * i for i in range(5)])
    assert len(statements) > 5
    again = Cube(parts).window(made, start, clock.now_ns)
    assert again.keys() == whole.keys()
    assert all(again[key].counts.tolist() == whole[key].counts.tolist() for key in whole)
