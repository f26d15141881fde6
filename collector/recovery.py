"""What a start does before it takes submissions: store what was left behind, remember the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.frames import load
from sql.errors import RetryableStoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.commit import Committer
    from collector.frames import Frame
    from collector.journal import Entry, Journal
    from collector.settings import PipelineSettings
    from sql.client import Store


def replay(
    journal: Journal, committer: Committer, *, spools: bool
) -> Iterator[tuple[Entry, list[Frame]]]:
    """Store every entry of the journal; yield those a spool must keep for later.

    Raises
    ------
    RetryableStoreError
        When the store cannot take an entry and nothing may be spooled.
    """
    for entry in journal.open():
        group = load(entry.path, entry.signal)
        try:
            committer.commit(entry, group)
        except RetryableStoreError:
            if not spools:
                raise
            yield entry, group


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
