"""One group into the store: journal, insert, split around poison, read back what was refused."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from collector import frames as wire
from collector.errors import MalformedError
from collector.models import Receipt
from collector.validation import plainest
from sql.errors import DataError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.frames import Frame
    from collector.journal import Entry, Journal
    from collector.models import Signal
    from sql.client import Store

#: Why the engine refused an item, told to the sender.
REASONS = {
    "tenant_missing": "no tenant.id on the item or its resource, and the key speaks for several",
    "tenant_not_allowed": "tenant.id names a tenant outside the key's list",
    "invalid_trace_id": "trace_id must be 16 bytes and not all zero",
    "invalid_span_id": "span_id must be 8 bytes and not all zero",
    "invalid_parent_span_id": "parent_span_id must be empty or 8 bytes",
    "timestamp_out_of_range": "the time must be set and at most one day after arrival",
    "metric_name_missing": "a metric needs a name",
}


@dataclass(slots=True)
class Outcome:
    """What became of each request of a group, by request id."""

    receipts: dict[str, Receipt] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)


class Committer:
    """Inserts groups; blocking, so it runs in a thread.

    Parameters
    ----------
    tokens
        Makes deduplication tokens, lowercase letters and digits.
    on_quarantine
        Told of each request the engine could not take.
    """

    def __init__(
        self,
        store: Store,
        journal: Journal,
        *,
        tokens: Callable[[], str],
        clock_ns: Callable[[], int],
        on_quarantine: Callable[[Frame], None],
    ) -> None:
        self._store = store
        self._journal = journal
        self._tokens = tokens
        self._clock_ns = clock_ns
        self._on_quarantine = on_quarantine

    def record(self, signal: Signal, group: Sequence[Frame]) -> Entry:
        """Write a group to the journal."""
        return self._journal.write(signal, group, token=self._tokens(), time_ns=self._clock_ns())

    def insert(self, entry: Entry) -> None:
        """Insert a journal entry and remove it; raises StoreError and then leaves it."""
        self._store.insert_file(
            wire.table(entry.signal),
            entry.path,
            "Protobuf",
            settings={
                **wire.wire_settings(entry.signal, embedded=self._store.is_embedded),
                "insert_deduplication_token": entry.token,
                "async_insert": "0",
                # Merges collapse replaced rows; doing it here as well doubles the cost.
                "optimize_on_insert": "0",
                # The views are planned anew at every insert, and optimising their plans costs
                # a fifth of a small insert and gains nothing on rows that come from memory.
                "query_plan_enable_optimizations": "0",
            },
        )
        self._journal.remove(entry)

    def commit(self, entry: Entry, group: Sequence[Frame]) -> Outcome:
        """Store a group that lies in the journal and say what became of each request.

        Raises
        ------
        RetryableStoreError
            When the store is down; the entry stays in the journal.
        """
        try:
            self.insert(entry)
        except DataError as error:
            return self._split(entry, group, error)
        return self._told(group)

    def _told(self, group: Sequence[Frame]) -> Outcome:
        """Say what became of a group that is stored."""
        try:
            return self._read_back(group)
        except StoreError:
            # The group is stored and the ledger holds what was refused; only the senders are
            # not told. Failing here would make them send it all again.
            return Outcome(receipts={frame.request_id: Receipt() for frame in group})

    def _split(self, entry: Entry, group: Sequence[Frame], error: DataError) -> Outcome:
        """Keep one poisonous body from failing its neighbours."""
        if len(group) == 1:
            if self._insert_plain(entry, group[0]):
                return self._told(group)
            self._quarantine(group[0], error)
            self._journal.remove(entry)
            refusal = MalformedError(
                f"The store could not take this body: {error.detail} It is kept in quarantine as "
                f"request {group[0].request_id}."
            )
            return Outcome(errors={group[0].request_id: refusal})
        middle = len(group) // 2
        outcome = Outcome()
        for suffix, half in (("a", group[:middle]), ("b", group[middle:])):
            # The whole stays in the journal and the halves' tokens follow from its own, so a
            # crash or an outage in between is repeated without storing a half twice.
            part = self._journal.write(
                entry.signal, half, token=entry.token + suffix, time_ns=entry.time_ns
            )
            try:
                result = self.commit(part, half)
            finally:
                self._journal.remove(part)
            outcome.receipts.update(result.receipts)
            outcome.errors.update(result.errors)
        self._journal.remove(entry)
        return outcome

    def _insert_plain(self, entry: Entry, frame: Frame) -> bool:
        """Store a body that is legal but written in a way the engine does not read."""
        submission = frame.submission
        body = plainest(entry.signal, submission.body)
        if body is None or body == submission.body:
            return False
        again = replace(frame, submission=replace(submission, body=body))
        part = self._journal.write(
            entry.signal, [again], token=entry.token + "p", time_ns=entry.time_ns
        )
        try:
            self.insert(part)
        except DataError:
            return False
        finally:
            self._journal.remove(part)
        self._journal.remove(entry)
        return True

    def _quarantine(self, frame: Frame, error: DataError) -> None:
        submission = frame.submission
        self._store.insert(
            "quarantine",
            [
                {
                    "tenant": submission.grant.home,
                    "received_at": submission.received_at_ns,
                    "request_id": frame.request_id,
                    "signal": submission.signal.value,
                    "key_id": submission.grant.key_id,
                    "items": submission.items,
                    "error": error.detail,
                    "body_hash": frame.digest,
                    "body": submission.body,
                }
            ],
        )
        self._on_quarantine(frame)

    def _read_back(self, group: Sequence[Frame]) -> Outcome:
        rows = self._store.query(
            "collector/commit_refusals",
            {
                "requests": [frame.request_id for frame in group],
                "first_ns": min(frame.submission.received_at_ns for frame in group),
                "last_ns": max(frame.submission.received_at_ns for frame in group),
            },
        )
        refused: dict[str, dict[str, int]] = defaultdict(dict)
        for row in rows:
            refused[row["request_id"]][row["reason"]] = row["items"]
        return Outcome(
            receipts={frame.request_id: _receipt(refused[frame.request_id]) for frame in group}
        )


def _receipt(refused: dict[str, int]) -> Receipt:
    if not refused:
        return Receipt()
    told = "; ".join(
        f"{items} refused ({reason}): {REASONS.get(reason, reason)}"
        for reason, items in sorted(refused.items())
    )
    return Receipt(rejected=sum(refused.values()), message=f"{told}.")
