"""What a start does before it takes submissions: store what was left behind, remember the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.frames import load
from sql.errors import RetryableStoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.commit import Committer
    from collector.journal import Entry, Journal
    from collector.settings import PipelineSettings
    from sql.client import Store


def replay(journal: Journal, committer: Committer, *, spools: bool) -> Iterator[Entry]:
    """Store every entry of the journal; yield those a spool must keep for later.

    Raises
    ------
    RetryableStoreError
        When the store cannot take an entry and nothing may be spooled.
    """
    for entry in journal.open():
        if not entry.path.exists():
            # Half of a group that was split: replaying the whole has removed it.
            continue
        try:
            committer.commit(entry, load(entry.path, entry.signal))
        except RetryableStoreError:
            if not spools:
                raise
            yield entry


def stored_digests(store: Store, settings: PipelineSettings, now_ns: int) -> list[bytes]:
    """Digests of the bodies stored within the duplicate window, oldest first."""
    rows = store.query(
        "collector/recent_bodies",
        {
            "since_ns": now_ns - settings.dedup_window_s * 1_000_000_000,
            "most": settings.dedup_max_entries,
        },
    )
    return [bytes.fromhex(row["digest"]) for row in reversed(rows)]
