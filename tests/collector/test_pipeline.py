"""The pipeline over a real engine: stored once, counted once, whatever happens in between."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from collector.errors import MalformedError, OverloadedError, ShuttingDownError
from collector.frames import Frame, digest
from collector.journal import Journal
from collector.models import Grant, Receipt, Signal, Submission
from collector.pipeline import Pipeline
from collector.settings import PipelineSettings
from sql.client import Store
from sql.errors import RetryableStoreError
from sql.migrate import Migrator
from tests.conftest import Databases, FakeClock
from tests.doubles import otlp_bodies
from tests.doubles.clickhouse_process import ClickhouseProcess
from tests.doubles.otlp_bodies import submission


class NoMeasures:
    """Observes nothing."""

    def committed(self, signal: Signal, requests: int, items: int, seconds: float) -> None:
        pass

    def failed(self, what: str, error: Exception) -> None:
        pass


def settings(tmp_path: Path, **overrides: int) -> PipelineSettings:
    chosen = {"group_linger_ms": 20, "retry_min_ms": 20, "retry_max_ms": 100, **overrides}
    return PipelineSettings(journal_dir=tmp_path / "journal", **chosen)


def make(store: Store, clock: FakeClock, chosen: PipelineSettings, run: str = "a") -> Pipeline:
    numbers = itertools.count(1)
    return Pipeline(
        store,
        chosen,
        clock_ns=clock,
        ids=lambda: f"{run}{next(numbers):08d}",
        measures=NoMeasures(),
    )


def running(pipeline: Pipeline, work: Callable[[], Awaitable[None]]) -> None:
    async def both() -> None:
        await pipeline.start()
        try:
            await work()
        finally:
            await pipeline.stop(10)

    asyncio.run(both())


def count(store: Store, table: str, where: str = "1") -> int:
    with store.handle() as client:
        return (
            int(
                client.query(f"SELECT count() FROM {table} FINAL WHERE {where}").first_item[
                    "count()"
                ]
            )
            if table in {"spans", "charges", "decisions", "origins"}
            else int(
                client.query(f"SELECT count() FROM {table} WHERE {where}").first_item["count()"]
            )
        )


def ledger(store: Store) -> dict[tuple[str, str, str], tuple[int, int]]:
    with store.handle() as client:
        rows = client.query(
            "SELECT tenant, state, reason, sum(items), sum(requests) FROM ingest_ledger"
            " GROUP BY ALL"
        ).result_rows
    return {
        (tenant, state, reason): (int(items), int(requests))
        for tenant, state, reason, items, requests in rows
    }


def assert_balanced(store: Store) -> None:
    sums: dict[str, list[int]] = {}
    for (tenant, state, _), (items, requests) in ledger(store).items():
        total = sums.setdefault(tenant, [0, 0])
        sign = 1 if state == "received" else -1
        total[0] += sign * items
        total[1] += sign * requests
    assert sums, "the ledger is empty"
    assert all(total == [0, 0] for total in sums.values()), ledger(store)


def test_three_signals_are_stored_and_the_ledger_balances(
    migrated_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    rng = random.Random(1)
    pipeline = make(migrated_store, clock, settings(tmp_path))

    async def work() -> None:
        receipts = await asyncio.gather(
            pipeline.submit(submission(otlp_bodies.traces(rng, clock(), 6), 6, clock())),
            pipeline.submit(
                submission(otlp_bodies.logs(rng, clock(), 4), 4, clock(), signal=Signal.LOGS)
            ),
            pipeline.submit(
                submission(otlp_bodies.metrics(rng, clock(), 5), 5, clock(), signal=Signal.METRICS)
            ),
        )
        assert receipts == [Receipt()] * 3

    running(pipeline, work)
    assert count(migrated_store, "spans") == 6
    assert count(migrated_store, "logs") == 4
    assert count(migrated_store, "metric_points") == 5
    assert count(migrated_store, "decisions") == 2
    assert count(migrated_store, "charges") == 6
    assert count(migrated_store, "trace_summary") == 6
    assert ledger(migrated_store)["acme", "stored", ""] == (15, 3)
    assert_balanced(migrated_store)
    assert list((tmp_path / "journal").iterdir()) == []


def test_the_same_body_is_stored_once(
    migrated_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    body = otlp_bodies.traces(random.Random(2), clock(), 4)
    pipeline = make(migrated_store, clock, settings(tmp_path))

    async def work() -> None:
        first, second = await asyncio.gather(
            pipeline.submit(submission(body, 4, clock())),
            pipeline.submit(submission(body, 4, clock())),
        )
        third = await pipeline.submit(submission(body, 4, clock()))
        other = await pipeline.submit(submission(body, 4, clock(), tenant="other"))
        assert [first.duplicate, second.duplicate, third.duplicate, other.duplicate] == [
            False,
            True,
            True,
            False,
        ]

    running(pipeline, work)
    assert count(migrated_store, "spans", "tenant = 'acme'") == 4
    assert count(migrated_store, "spans", "tenant = 'other'") == 4
    assert ledger(migrated_store)["acme", "duplicate", ""] == (8, 2)
    assert_balanced(migrated_store)


def test_a_restart_remembers_stored_bodies(
    migrated_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    sent = submission(otlp_bodies.traces(random.Random(3), clock(), 4), 4, clock())
    for run, expected in (("a", False), ("b", True)):
        pipeline = make(migrated_store, clock, settings(tmp_path), run)

        async def work(pipeline: Pipeline = pipeline, expected: bool = expected) -> None:
            assert (await pipeline.submit(sent)).duplicate is expected

        running(pipeline, work)
    assert count(migrated_store, "spans") == 4
    assert_balanced(migrated_store)


def test_refused_items_are_reported_and_counted(
    migrated_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    rng = random.Random(4)
    request = otlp_bodies.ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    good = otlp_bodies.span(rng, clock(), tenant__id="north")
    foreign = otlp_bodies.span(rng, clock(), tenant__id="mars")
    nameless = otlp_bodies.span(rng, clock())
    short = otlp_bodies.span(rng, clock(), tenant__id="north")
    short.trace_id = b"short"
    long = otlp_bodies.span(rng, clock(), tenant__id="north")
    long.span_id = b"far too long for an id"
    zero = otlp_bodies.span(rng, 0, tenant__id="north")
    late = otlp_bodies.span(rng, 1, tenant__id="north")
    late.start_time_unix_nano = 2**64 - 1
    late.end_time_unix_nano = 0
    spans.extend([good, foreign, nameless, short, long, zero, late])
    pipeline = make(migrated_store, clock, settings(tmp_path))

    async def work() -> None:
        receipt = await pipeline.submit(
            submission(
                request.SerializeToString(), 7, clock(), tenant="", tenants=("north", "south")
            )
        )
        assert receipt.rejected == 6
        for reason in (
            "tenant_not_allowed",
            "tenant_missing",
            "invalid_trace_id",
            "invalid_span_id",
        ):
            assert reason in receipt.message
        assert "2 refused (timestamp_out_of_range)" in receipt.message

    running(pipeline, work)
    assert count(migrated_store, "spans") == 1
    entries = ledger(migrated_store)
    assert entries["", "rejected", "tenant_not_allowed"][0] == 1
    assert entries["north", "stored", ""] == (1, 1)
    assert_balanced(migrated_store)


def test_items_without_a_tenant_go_to_the_default(
    migrated_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    rng = random.Random(13)
    request = otlp_bodies.ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.scope_spans.add().spans.extend(
        [otlp_bodies.span(rng, clock()), otlp_bodies.span(rng, clock(), tenant__id="north")]
    )
    named = request.resource_spans.add()
    named.resource.attributes.append(otlp_bodies.attribute("tenant.id", "south"))
    named.scope_spans.add().spans.append(otlp_bodies.span(rng, clock()))
    body = request.SerializeToString()
    grant = Grant("k1", "", ("*",), "default")
    sent = Submission(Signal.TRACES, body, 3, len(body), clock(), grant)
    pipeline = make(migrated_store, clock, settings(tmp_path))

    async def work() -> None:
        assert await pipeline.submit(sent) == Receipt()
        assert (await pipeline.submit(sent)).duplicate

    running(pipeline, work)
    for tenant in ("default", "north", "south"):
        assert count(migrated_store, "spans", f"tenant = '{tenant}'") == 1
    assert count(migrated_store, "origins", "tenant = ''") == 2
    assert ledger(migrated_store)["default", "duplicate", ""] == (3, 1)
    assert_balanced(migrated_store)


def test_a_poisonous_body_does_not_harm_its_neighbours(
    migrated_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    rng = random.Random(5)
    good = [submission(otlp_bodies.traces(rng, clock(), 2), 2, clock()) for _ in range(6)]
    poison = submission(otlp_bodies.traces(rng, clock(), 2)[:-7], 2, clock())
    pipeline = make(migrated_store, clock, settings(tmp_path))

    async def work() -> None:
        outcomes = await asyncio.gather(
            *(pipeline.submit(one) for one in [*good[:3], poison, *good[3:]]),
            return_exceptions=True,
        )
        assert isinstance(outcomes.pop(3), MalformedError)
        assert outcomes == [Receipt()] * 6

    running(pipeline, work)
    assert count(migrated_store, "spans") == 12
    assert count(migrated_store, "quarantine") == 1
    with migrated_store.handle() as client:
        kept = client.query("SELECT hex(body) AS body FROM quarantine").first_item["body"]
    assert bytes.fromhex(kept) == poison.body
    assert ledger(migrated_store)["acme", "quarantined", "store_refused"] == (2, 1)
    assert_balanced(migrated_store)


def test_what_a_crash_left_in_the_journal_is_stored_once(
    migrated_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    """The insert may or may not have happened before the crash; both must end the same."""
    rng = random.Random(6)
    chosen = settings(tmp_path)
    journal = Journal(chosen.journal_dir)
    journal.open()
    frames = []
    for number in range(5):
        body = otlp_bodies.traces(rng, clock(), 3)
        sent = submission(body, 3, clock())
        frames.append(Frame(sent, f"crash{number}", digest(Signal.TRACES, sent.grant, body)))
    entry = journal.write(Signal.TRACES, frames, token="beforecrash", time_ns=clock())
    (chosen.journal_dir / "half.tmp").write_bytes(b"\x0a")

    left_behind = entry.path.read_bytes()
    for run in ("a", "b"):
        entry.path.write_bytes(left_behind)
        pipeline = make(migrated_store, clock, chosen, run)

        async def work(pipeline: Pipeline = pipeline) -> None:
            again = await pipeline.submit(frames[0].submission)
            assert again.duplicate

        running(pipeline, work)
        assert not list(chosen.journal_dir.iterdir())
    with migrated_store.handle() as client:
        for table, rows in {"spans": 15, "decisions": 5, "charges": 15, "origins": 1}.items():
            # Without FINAL: nothing was written a second time, so nothing needs replacing.
            found = client.query(f"SELECT count() AS c FROM {table}").first_item["c"]
            assert (table, found) == (table, rows)
    assert ledger(migrated_store)["acme", "stored", ""] == (15, 5)
    assert_balanced(migrated_store)


def test_a_full_queue_is_refused_and_counted(
    migrated_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    rng = random.Random(7)
    pipeline = make(
        migrated_store, clock, settings(tmp_path, queue_max_requests=2, group_linger_ms=300)
    )

    async def work() -> None:
        sends = [
            pipeline.submit(submission(otlp_bodies.traces(rng, clock(), 1), 1, clock()))
            for _ in range(5)
        ]
        outcomes = await asyncio.gather(*sends, return_exceptions=True)
        assert [isinstance(outcome, OverloadedError) for outcome in outcomes] == [
            False,
            False,
            True,
            True,
            True,
        ]

    running(pipeline, work)
    assert count(migrated_store, "spans") == 2
    assert ledger(migrated_store)["acme", "rejected", "queue_full"] == (3, 3)
    assert_balanced(migrated_store)


def test_stopping_stores_what_is_queued(
    migrated_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    rng = random.Random(8)
    pipeline = make(migrated_store, clock, settings(tmp_path, group_linger_ms=10_000))

    async def scenario() -> None:
        await pipeline.start()
        sent = [
            asyncio.ensure_future(
                pipeline.submit(submission(otlp_bodies.traces(rng, clock(), 2), 2, clock()))
            )
            for _ in range(3)
        ]
        await asyncio.sleep(0.05)
        await pipeline.stop(10)
        assert [future.result() for future in sent] == [Receipt()] * 3
        with pytest.raises(ShuttingDownError):
            await pipeline.submit(submission(otlp_bodies.traces(rng, clock(), 2), 2, clock()))

    asyncio.run(scenario())
    assert count(migrated_store, "spans") == 6


def test_empty_and_refused_requests_reach_the_ledger(
    migrated_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    pipeline = make(migrated_store, clock, settings(tmp_path))

    async def work() -> None:
        assert await pipeline.submit(submission(b"", 0, clock())) == Receipt()
        pipeline.refuse(Signal.LOGS, "", "unauthenticated", wire_bytes=12)

    running(pipeline, work)
    entries = ledger(migrated_store)
    assert entries["acme", "stored", ""] == (0, 1)
    assert entries["", "rejected", "unauthenticated"] == (0, 1)
    assert_balanced(migrated_store)


def test_an_outage_of_a_server_is_spooled_and_drained(
    tmp_path: Path, clock: FakeClock, clickhouse_process: ClickhouseProcess, served: Databases
) -> None:
    rng = random.Random(9)
    store = served.open()
    Migrator(store).apply()
    chosen = settings(tmp_path, insert_attempts_max=1)
    pipeline = make(store, clock, chosen)

    async def work() -> None:
        clickhouse_process.fault(status=503, count=1000)
        sent = [submission(otlp_bodies.traces(rng, clock(), 2), 2, clock()) for _ in range(4)]
        for one in sent:
            assert await pipeline.submit(one) == Receipt()
        assert pipeline.spooled_bytes > 0
        again = asyncio.ensure_future(pipeline.submit(sent[0]))
        await asyncio.sleep(0.05)
        clickhouse_process.fault(status=503, count=0)
        async with asyncio.timeout(20):
            while pipeline.spooled_bytes:
                await asyncio.sleep(0.05)
            assert (await again).duplicate

    running(pipeline, work)
    assert count(store, "spans") == 8
    assert_balanced(store)


def test_a_full_spool_refuses_and_loses_nothing(
    tmp_path: Path, clock: FakeClock, clickhouse_process: ClickhouseProcess, served: Databases
) -> None:
    rng = random.Random(10)
    store = served.open()
    Migrator(store).apply()
    chosen = settings(tmp_path, insert_attempts_max=1, spool_max_mib=1, group_linger_ms=0)
    pipeline = make(store, clock, chosen)
    sent = [submission(otlp_bodies.traces(rng, clock(), 3000), 3000, clock()) for _ in range(6)]
    assert 4 * len(sent[0].body) > 1 << 20

    async def work() -> None:
        clickhouse_process.fault(status=503, count=1000)
        acknowledged = []
        for one in sent:
            try:
                assert await pipeline.submit(one) == Receipt()
                acknowledged.append(one)
            except OverloadedError:
                continue
        assert 0 < len(acknowledged) < len(sent)
        assert pipeline.spooled_bytes <= 1 << 20
        assert (await pipeline.submit(acknowledged[0])).duplicate
        clickhouse_process.fault(status=503, count=0)
        async with asyncio.timeout(20):
            while pipeline.spooled_bytes:
                await asyncio.sleep(0.05)
        for one in sent:
            assert (await pipeline.submit(one)).duplicate is (one in acknowledged)

    running(pipeline, work)
    assert count(store, "spans") == 6 * 3000
    assert_balanced(store)


def test_a_poisonous_body_in_the_spool_is_quarantined(
    tmp_path: Path, clock: FakeClock, clickhouse_process: ClickhouseProcess, served: Databases
) -> None:
    rng = random.Random(11)
    store = served.open()
    Migrator(store).apply()
    pipeline = make(store, clock, settings(tmp_path, insert_attempts_max=1))
    good = [a_log(rng, clock) for _ in range(3)]
    poison = submission(good[0].body[:-5], 2, clock(), signal=Signal.LOGS)

    async def work() -> None:
        clickhouse_process.fault(status=503, count=1, path="/")
        answers = await asyncio.gather(*(pipeline.submit(one) for one in [*good, poison]))
        assert answers == [Receipt()] * 4, "spooled, so not yet known to be poisonous"
        async with asyncio.timeout(20):
            while pipeline.spooled_bytes:
                await asyncio.sleep(0.05)

    running(pipeline, work)
    assert count(store, "logs") == 6
    assert count(store, "quarantine") == 1
    assert_balanced(store)


def test_an_outage_between_the_halves_of_a_split_doubles_nothing(
    embedded: Databases, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(12)
    store = embedded.open()
    Migrator(store).apply()
    pipeline = make(store, clock, settings(tmp_path))
    good = [a_log(rng, clock) for _ in range(3)]
    poison = submission(good[0].body[:-5], 2, clock(), signal=Signal.LOGS)
    insert, calls = store.insert_file, itertools.count(1)

    def failing(*args: Any, **kwargs: Any) -> None:
        # The whole is refused for its data, its first half is stored, then the store is away.
        if next(calls) == 3:
            raise RetryableStoreError("away")
        insert(*args, **kwargs)

    monkeypatch.setattr(store, "insert_file", failing)

    async def work() -> None:
        sent = [*good, poison]
        outcomes = await asyncio.gather(*map(pipeline.submit, sent), return_exceptions=True)
        assert outcomes[:3] == [Receipt()] * 3
        assert isinstance(outcomes[3], MalformedError)

    running(pipeline, work)
    assert next(calls) > 4
    assert count(store, "logs") == 6, "plain MergeTree: a second insert would show"
    assert count(store, "quarantine") == 1
    assert_balanced(store)


def test_a_defect_answers_its_group_and_spares_the_next(
    embedded: Databases, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(14)
    store = embedded.open()
    Migrator(store).apply()
    pipeline = make(store, clock, settings(tmp_path))
    insert, calls = store.insert_file, itertools.count(1)

    def failing(*args: Any, **kwargs: Any) -> None:
        if next(calls) == 1:
            raise ZeroDivisionError
        insert(*args, **kwargs)

    monkeypatch.setattr(store, "insert_file", failing)

    async def work() -> None:
        with pytest.raises(ZeroDivisionError):
            await pipeline.submit(a_log(rng, clock))
        async with asyncio.timeout(20):
            assert await pipeline.submit(a_log(rng, clock)) == Receipt()

    running(pipeline, work)
    assert count(store, "logs") == 2


def a_log(rng: random.Random, clock: FakeClock) -> Submission:
    return submission(otlp_bodies.logs(rng, clock(), 2), 2, clock(), signal=Signal.LOGS)
