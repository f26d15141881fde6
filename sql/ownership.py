"""One process owns an embedded store's directory; the second one is told who holds it."""

from __future__ import annotations

import fcntl
import os
import threading
from typing import TYPE_CHECKING

from sql.errors import PermanentStoreError

if TYPE_CHECKING:
    from pathlib import Path

LOCK_NAME = "answerable.lock"

# The engine allows several handles of one process on a directory, so the process takes
# the lock once and counts the stores that lean on it.
_guard = threading.Lock()
_held: dict[Path, tuple[int, int]] = {}


def take(directory: Path) -> None:
    """Make the directory and take its lock for this process.

    Raises
    ------
    PermanentStoreError
        When another process holds it; the message names the directory and the pid.
    """
    with _guard:
        descriptor, count = _held.get(directory, (-1, 0))
        if not count:
            descriptor = _lock(directory)
        _held[directory] = (descriptor, count + 1)


def release(directory: Path) -> None:
    """Give one hold back; the last one frees the directory."""
    with _guard:
        descriptor, count = _held[directory]
        if count > 1:
            _held[directory] = (descriptor, count - 1)
            return
        del _held[directory]
        os.close(descriptor)


def _lock(directory: Path) -> int:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise PermanentStoreError(
            f"The store directory {directory} cannot be used: {error.strerror}."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
        os.close(descriptor)
        raise PermanentStoreError(
            f"The store directory {directory} is in use by process {holder}. One process owns an "
            "embedded store: stop that process, talk to it over HTTP, or use a ClickHouse server."
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor
