"""Files of frames between admission and the store: what makes a crash harmless.

A group is written here under a token, inserted from the very file with that token as the
engine's deduplication token, and the file is removed once the insert has returned. What a crash
leaves behind is inserted again at the next start with the same token: tables that already took
the group skip it, tables that had not take it. The same files are the spool while a remote store
is down.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from collector.models import Signal
from sql.errors import RetryableStoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.frames import Frame

_NAME = re.compile(r"(\d{20})-(traces|metrics|logs)-([0-9a-z]+)\.frames")


@dataclass(frozen=True, slots=True)
class Entry:
    """A complete file of frames.

    Parameters
    ----------
    token
        Deduplication token of its insert; the same before and after a restart.
    time_ns
        When it was written; entries are replayed in this order.
    size
        Bytes on disk.
    """

    path: Path
    signal: Signal
    token: str
    time_ns: int
    size: int


class Journal:
    """A directory of frame files, in the order they were written.

    Not thread-safe for one entry, safe for different ones; blocking, so call it from a thread.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def open(self) -> list[Entry]:
        """Make the directory, drop what was never complete, and list what was left behind."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for unfinished in self.directory.glob("*.tmp"):
            unfinished.unlink()
        found = [_entry(path) for path in sorted(self.directory.glob("*.frames"))]
        return [entry for entry in found if entry is not None]

    def write(self, signal: Signal, frames: Sequence[Frame], *, token: str, time_ns: int) -> Entry:
        """Write a group; it counts only once complete.

        Raises
        ------
        RetryableStoreError
            When the disk is full or cannot be written.
        """
        path = self.directory / f"{time_ns:020d}-{signal.value}-{token}.frames"
        unfinished = path.with_suffix(".tmp")
        try:
            with unfinished.open("wb", buffering=1 << 20) as file:
                for frame in frames:
                    file.writelines(frame.chunks())
                size = file.tell()
            unfinished.rename(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise RetryableStoreError(
                f"The journal in {self.directory} cannot be written: {error.strerror}."
            ) from error
        return Entry(path, signal, token, time_ns, size)

    def secure(self, entry: Entry) -> None:
        """Force an entry to disk before it is acknowledged from here."""
        try:
            _sync(entry.path)
            _sync(self.directory)
        except OSError as error:
            raise RetryableStoreError(
                f"The journal in {self.directory} cannot be synced: {error.strerror}."
            ) from error

    def remove(self, entry: Entry) -> None:
        """Forget an entry that is stored or was refused for good."""
        entry.path.unlink(missing_ok=True)


def _entry(path: Path) -> Entry | None:
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    return Entry(path, Signal(match[2]), match[3], int(match[1]), path.stat().st_size)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
