"""The journal beneath a ledger in memory: every operation is in a file before it is answered.

A folder holds numbered segments and at most a few snapshots. The state is the newest snapshot and
the segments from its number on; older segments wait for the history and are deleted once it has
them. A last line that a crash cut off was never answered and is left out.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from cost.budgets.holdings import BudgetsUnavailableError
from sql.errors import PermanentStoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_logger = structlog.get_logger(__name__)

_SEGMENT, _SNAPSHOT = "journal", "snapshot"
_CHUNK_BYTES = 1 << 20


class Journal:
    """Appends operations and reads them back; the caller holds a lock around each append.

    Parameters
    ----------
    segment_bytes
        Size at which the next segment is begun.
    total_bytes
        Most that may wait for the history; beyond it the oldest segments go, and are counted.
    """

    def __init__(self, folder: Path, *, segment_bytes: int, total_bytes: int) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._total_bytes = total_bytes
        self._lock = -1
        self._file = -1
        self._size = 0
        self.number = 0
        #: Segments deleted before the history had them.
        self.dropped = 0

    def open(self) -> Iterator[dict[str, Any]]:
        """Take the folder and read every operation the state is made of; then it can append.

        Raises
        ------
        PermanentStoreError
            When another process has the folder, or it cannot be made.
        """
        self._take()
        base = max(self._numbers(_SNAPSHOT), default=0)
        if base:
            yield from self._lines(self._path(_SNAPSHOT, base))
        for number in self._numbers(_SEGMENT):
            if number >= base:
                yield from self._lines(self._path(_SEGMENT, number))
        self._begin(max([base, *self._numbers(_SEGMENT)]) + 1)

    def append(self, operation: dict[str, Any]) -> None:
        """Write one operation.

        Raises
        ------
        BudgetsUnavailableError
            When the disk takes no more; nothing of it is left in the file.
        """
        line = orjson.dumps(operation) + b"\n"
        try:
            written = os.write(self._file, line)
            if written < len(line):
                written += os.write(self._file, line[written:])
        except OSError as error:
            os.ftruncate(self._file, self._size)
            raise BudgetsUnavailableError(
                f"The journal of budgets cannot be written: {error.strerror}."
            ) from None
        self._size += len(line)
        if self._size >= self._segment_bytes:
            try:
                self._begin(self.number + 1)
            except OSError as error:
                # The line is written and will be answered: the segment grows on instead.
                _logger.warning("budget_segment_not_begun", error=error.strerror)

    def sync(self) -> None:
        """Bring what was written to the disk itself; a power cut loses nothing from before."""
        if self._file >= 0:
            os.fsync(self._file)

    def close(self) -> None:
        """Close the segment and give the folder back."""
        if self._file >= 0:
            os.fsync(self._file)
            os.close(self._file)
            self._file = -1
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def replayed(self, before: int) -> Iterator[dict[str, Any]]:
        """Read the operations of the state as it was when a segment was begun."""
        base = max((n for n in self._numbers(_SNAPSHOT) if n <= before), default=0)
        if base:
            yield from self._lines(self._path(_SNAPSHOT, base))
        for number in self._numbers(_SEGMENT):
            if base <= number < before:
                yield from self._lines(self._path(_SEGMENT, number))

    def snapshot(self, before: int, operations: Iterable[dict[str, Any]]) -> None:
        """Write a snapshot that takes the place of all segments before one."""
        path = self._path(_SNAPSHOT, before)
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            for operation in operations:
                file.write(orjson.dumps(operation) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        for number in self._numbers(_SNAPSHOT):
            if number < before:
                self._path(_SNAPSHOT, number).unlink()
        self.clean()

    def closed(self) -> int:
        """Count the segments that a snapshot could take the place of."""
        base = max(self._numbers(_SNAPSHOT), default=0)
        return sum(base <= number < self.number for number in self._numbers(_SEGMENT))

    def read(self, number: int, offset: int, limit: int) -> tuple[list[dict[str, Any]], int, int]:
        """Read operations from a position on: at most so many, and where the next are."""
        found: list[dict[str, Any]] = []
        for at in [n for n in self._numbers(_SEGMENT) if n >= number]:
            start = offset if at == number else 0
            with self._path(_SEGMENT, at).open("rb") as file:
                file.seek(start)
                for line in file:
                    if len(found) >= limit or not line.endswith(b"\n"):
                        return found, at, start
                    found.append({**orjson.loads(line), "at_line": f"{at}.{start}"})
                    start += len(line)
            number, offset = at, start
        return found, number, offset

    def position(self) -> tuple[int, int]:
        """Read up to where the history has everything."""
        path = self._folder / "delivered"
        if not path.exists():
            return (min(self._numbers(_SEGMENT), default=0), 0)
        held = orjson.loads(path.read_bytes())
        return (int(held[0]), int(held[1]))

    def deliver(self, number: int, offset: int) -> None:
        """Remember up to where the history has everything."""
        path = self._folder / "delivered"
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_bytes(orjson.dumps([number, offset]))
        unfinished.replace(path)

    def clean(self) -> None:
        """Delete segments that a snapshot covers and the history has; beyond the bound, sooner."""
        base = max(self._numbers(_SNAPSHOT), default=0)
        delivered = self.position()[0]
        covered = [number for number in self._numbers(_SEGMENT) if number < base]
        size = sum(self._path(_SEGMENT, number).stat().st_size for number in covered)
        for number in covered:
            path = self._path(_SEGMENT, number)
            if number >= delivered:
                if size <= self._total_bytes:
                    break
                self.dropped += 1
                _logger.warning("budget_history_dropped", segment=path.name)
            size -= path.stat().st_size
            path.unlink()

    def _take(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PermanentStoreError(
                f"Another process keeps its budgets in {self._folder}. Several processes share "
                "budgets through Redis: set ANSWERABLE_BUDGET_REDIS_URL."
            ) from None
        except OSError as error:
            raise PermanentStoreError(
                f"The folder {self._folder} cannot be used: {error.strerror}."
            ) from None

    def _begin(self, number: int) -> None:
        path = self._path(_SEGMENT, number)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_TRUNC
        opened = os.open(path, flags, 0o600)
        if self._file >= 0:
            os.fsync(self._file)
            os.close(self._file)
        self._file, self._size, self.number = opened, 0, number

    def _path(self, kind: str, number: int) -> Path:
        return self._folder / f"{kind}-{number:012d}.jsonl"

    def _numbers(self, kind: str) -> list[int]:
        found = self._folder.glob(f"{kind}-*.jsonl")
        return sorted(int(path.stem.rpartition("-")[2]) for path in found)

    def _lines(self, path: Path) -> Iterator[dict[str, Any]]:
        with path.open("rb", buffering=_CHUNK_BYTES) as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield orjson.loads(line)
