"""From submission to acknowledgement: duplicates, queues, group commit, spool.

A lane a signal: submissions gather in its queue, one group at a time goes to the store, and
while it does the next one grows. Nobody is answered before the store has the group, or, while a
remote store is down, before the group is synced to disk here.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from collector.backlog import Backlog, Watchers
from collector.commit import Committer
from collector.duplicates import Duplicates
from collector.errors import MalformedError, OverloadedError, ShuttingDownError
from collector.frames import Frame, digest, load
from collector.journal import Journal
from collector.lane import Lane, Waiting
from collector.models import Receipt, Signal
from collector.recovery import replay, stored_digests
from collector.retry import attempt
from collector.tally import Tally
from sql.errors import RetryableStoreError, StoreError
from web.runner import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.commit import Outcome
    from collector.journal import Entry
    from collector.measures import PipelineMeasures
    from collector.models import Submission
    from collector.settings import PipelineSettings
    from sql.client import Store

_MIB = 1 << 20

T = TypeVar("T")


def _down() -> OverloadedError:
    return OverloadedError("The store is down; send again later.", retry_after_s=5)


class Pipeline:
    """The Door of every receiver (see `collector.models.Door`).

    Parameters
    ----------
    ids
        Makes request ids and deduplication tokens: unique, lowercase letters and digits.
    """

    def __init__(
        self,
        store: Store,
        settings: PipelineSettings,
        *,
        clock_ns: Callable[[], int],
        ids: Callable[[], str],
        measures: PipelineMeasures,
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock_ns = clock_ns
        self._ids = ids
        self._measures = measures
        self._journal = Journal(settings.journal_dir)
        self._tally = Tally(max_entries=settings.tally_max_entries)
        self._duplicates = Duplicates(
            window_s=settings.dedup_window_s, max_entries=settings.dedup_max_entries
        )
        self._committer = Committer(
            store, self._journal, tokens=ids, clock_ns=clock_ns, on_quarantine=self._quarantined
        )
        self._lanes = {signal: Lane(signal, settings, self._run) for signal in Signal}
        self._backlog = Backlog(settings, spools=not store.is_embedded, drain=self._drain_entry)
        self._threads = ThreadPoolExecutor(len(Signal) + 1, thread_name_prefix="commit")
        self._tasks: list[asyncio.Task[None]] = []
        self._accepting = False

    @property
    def accepting(self) -> bool:
        """Whether submissions are taken now."""
        return self._accepting and (not self._backlog or self._backlog.takes(0))

    @property
    def queued_bytes(self) -> int:
        """Bytes of bodies waiting for the store in memory."""
        return sum(lane.queued_bytes for lane in self._lanes.values())

    @property
    def spooled_bytes(self) -> int:
        """Bytes of groups waiting for the store on disk."""
        return self._backlog.size

    async def start(self) -> None:
        """Store what the last run left in the journal, then take submissions."""
        await self._in_thread(self._recover)
        forever = [lane.run() for lane in self._lanes.values()]
        forever += [self._backlog.run(), self._flush_tally_forever()]
        self._tasks = [asyncio.create_task(task) for task in forever]
        self._accepting = True

    async def stop(self, grace_s: float) -> None:
        """Take nothing more, store what is queued within `grace_s` seconds, and let go."""
        self._accepting = False
        drained = [asyncio.create_task(lane.drained()) for lane in self._lanes.values()]
        _, late = await asyncio.wait(drained, timeout=grace_s)
        for task in (*late, *self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for lane in self._lanes.values():
            lane.abandon(
                ShuttingDownError("The service stopped before this was stored.", retry_after_s=5)
            )
        try:
            await self._in_thread(self._flush_tally)
        except StoreError as error:
            self._measures.failed("tally", error)
        self._threads.shutdown(wait=True)

    async def submit(self, submission: Submission) -> Receipt:
        """Store a submission, with its group, and say what became of it."""
        if not self._accepting:
            self._tally.count(submission, "rejected", "shutting_down")
            raise ShuttingDownError("The service is stopping; send again later.", retry_after_s=5)
        if submission.items == 0:
            self._tally.count(submission, "stored")
            return Receipt()
        key = digest(submission.signal, submission.grant, submission.body)
        known = self._duplicates.find(key, self._clock_ns())
        if known is not None:
            return await self._answer_again(submission, known)
        return await self._submit_new(Frame(submission, self._ids(), key))

    def refuse(self, signal: Signal, tenant: str, reason: str, *, wire_bytes: int) -> None:
        """Count a request refused before it could be submitted; its items are not known."""
        self._tally.add(signal, tenant, "rejected", reason, wire_bytes=wire_bytes)

    async def _submit_new(self, frame: Frame) -> Receipt:
        if self._backlog and not self._backlog.takes(self.queued_bytes + frame.size):
            self._tally.count(frame.submission, "rejected", "store_unavailable")
            raise _down()
        lane = self._lanes[frame.submission.signal]
        if (
            self.queued_bytes + frame.size > self._settings.queue_max_mib * _MIB
            or lane.queued_requests >= self._settings.queue_max_requests
        ):
            self._tally.count(frame.submission, "rejected", "queue_full")
            raise OverloadedError(
                "The queue before the store is full; send again later.", retry_after_s=2
            )
        waiting = Waiting.new(frame)
        self._duplicates.expect(frame.digest, waiting.stored, frame.submission.received_at_ns)
        lane.put(waiting)
        return await waiting.answer

    async def _answer_again(
        self, submission: Submission, known: asyncio.Future[Receipt] | Receipt
    ) -> Receipt:
        if not isinstance(known, Receipt):
            if self._backlog:
                self._tally.count(submission, "rejected", "store_unavailable")
                raise _down()
            # A retry may give up and come again; that must not cancel the first attempt.
            known = await asyncio.shield(known)
        self._tally.count(submission, "duplicate")
        return replace(known, duplicate=True)

    async def _run(self, signal: Signal, group: list[Waiting]) -> None:
        await guarded(self._commit(signal, group), partial(self._fail, group))

    async def _commit(self, signal: Signal, group: list[Waiting]) -> None:
        """Take one group of a lane to the store, or to the spool while the store is down."""
        frames = [waiting.frame for waiting in group]
        started_ns = self._clock_ns()
        try:
            entry = await self._in_thread(self._committer.record, signal, frames)
        except RetryableStoreError as error:
            self._fail(group, error)
            return
        if self._backlog:
            await self._defer(entry, group, _down(), tried=False)
            return
        try:
            outcome = await attempt(
                lambda: self._in_thread(self._committer.commit, entry, frames),
                self._settings,
                partial(self._measures.failed, "insert"),
            )
        except RetryableStoreError as error:
            await self._defer(entry, group, error, tried=True)
        except StoreError as error:
            self._journal.remove(entry)
            self._measures.failed("insert", error)
            self._fail(group, error)
        else:
            self._settle(group, outcome)
            items = sum(frame.submission.items for frame in frames)
            seconds = (self._clock_ns() - started_ns) / 1e9
            self._measures.committed(signal, len(frames), items, seconds)

    async def _defer(
        self, entry: Entry, group: list[Waiting], error: Exception, *, tried: bool
    ) -> None:
        """Leave a group in the journal: acknowledged where it is spooled, else answered 503.

        One that was tried stays in any case, and is counted when it is stored: parts of it may
        be in the store already, and only the same token completes them without doubling.
        """
        spooled = self._backlog.takes(entry.size) and await self._secure(entry)
        if not spooled and not tried:
            self._journal.remove(entry)
            self._fail(group, error)
            return
        for waiting in group:
            if spooled:
                self._duplicates.settle(waiting.frame.digest, Receipt(), self._clock_ns())
                waiting.resolve(Receipt())
            else:
                waiting.refuse(error)
        self._backlog.put(entry, {waiting.frame.digest: waiting.stored for waiting in group})

    async def _secure(self, entry: Entry) -> bool:
        try:
            await self._in_thread(self._journal.secure, entry)
        except RetryableStoreError as error:
            self._measures.failed("spool", error)
            return False
        return True

    async def _drain_entry(self, entry: Entry, watchers: Watchers) -> None:
        try:
            frames = await self._in_thread(load, entry.path, entry.signal)
        except OSError as error:
            # Somebody removed or damaged the file; those behind it must not wait for it.
            self._measures.failed("spool", error)
            return
        group = [Waiting.new(frame, watchers.get(frame.digest)) for frame in frames]
        try:
            outcome = await self._in_thread(self._committer.commit, entry, frames)
        except RetryableStoreError as error:
            self._measures.failed("insert", error)
            raise
        except StoreError as error:
            self._measures.failed("insert", error)
            self._fail(group, error)
            return
        self._settle(group, outcome)

    def _settle(self, group: list[Waiting], outcome: Outcome) -> None:
        now_ns = self._clock_ns()
        for waiting in group:
            error = outcome.errors.get(waiting.frame.request_id)
            if error is None:
                receipt = outcome.receipts[waiting.frame.request_id]
                self._duplicates.settle(waiting.frame.digest, receipt, now_ns)
                waiting.resolve(receipt)
                waiting.store(receipt)
            else:
                self._fail([waiting], error)

    def _fail(self, group: list[Waiting], error: Exception) -> None:
        for waiting in group:
            if not isinstance(error, MalformedError):
                # A quarantined body was counted where it was put away.
                self._tally.count(waiting.frame.submission, "rejected", "store_unavailable")
            self._duplicates.forget(waiting.frame.digest)
            waiting.refuse(error)
            waiting.lose(error)

    def _recover(self) -> None:
        for entry in replay(self._journal, self._committer, spools=self._backlog.spools):
            self._backlog.put(entry, {})
        now_ns = self._clock_ns()
        found = stored_digests(self._store, self._settings, now_ns)
        self._duplicates.restore(found, Receipt(), now_ns)

    async def _flush_tally_forever(self) -> None:
        while True:
            await asyncio.sleep(self._settings.tally_flush_ms / 1000)
            try:
                await self._in_thread(self._flush_tally)
            except StoreError as error:
                self._measures.failed("tally", error)

    def _flush_tally(self) -> None:
        self._tally.flush(self._clock_ns(), lambda rows: self._store.insert("ingest_ledger", rows))

    def _quarantined(self, frame: Frame) -> None:
        self._tally.count(frame.submission, "quarantined", "store_refused")

    async def _in_thread(self, call: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *args)
