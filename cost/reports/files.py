"""Files of scheduled reports: a folder a schedule, a file a period, whole or not there."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sql.errors import AnswerableError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: What names consist of: no separator, and no dot in front.
_SAFE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}", re.ASCII)
_UNFINISHED = ".unfinished"


class ReportFileError(AnswerableError):
    """A file of a report cannot be written or read."""

    title = "Report file error"


@dataclass(frozen=True, slots=True)
class ReportFile:
    """One file."""

    name: str
    size_bytes: int
    made_at_ns: int


class ReportFiles:
    """Writes, lists and finds them.

    Parameters
    ----------
    directory
        Made when the first file is.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory.expanduser()

    def write(self, schedule_id: str, name: str, parts: Iterable[bytes]) -> int:
        """Write a file so that it is whole or not there; give its size in bytes."""
        folder = self._folder(schedule_id)
        path = folder / _checked(name)
        unfinished = folder / f"{_UNFINISHED}-{path.name}"
        size = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                for part in parts:
                    size += file.write(part)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise ReportFileError(f"{path} cannot be written: {error.strerror}.") from error
        return size

    def list(self, schedule_id: str) -> list[ReportFile]:
        """List the files of a schedule by name."""
        found = []
        try:
            for entry in os.scandir(self._folder(schedule_id)):
                if entry.is_file(follow_symlinks=False) and _SAFE.fullmatch(entry.name):
                    known = entry.stat(follow_symlinks=False)
                    found.append(ReportFile(entry.name, known.st_size, known.st_mtime_ns))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ReportFileError(f"Report files cannot be read: {error.strerror}.") from error
        return sorted(found, key=lambda file: file.name)

    def has(self, schedule_id: str, name: str) -> bool:
        """Whether there is a file of that name."""
        return any(file.name == name for file in self.list(schedule_id))

    def path(self, schedule_id: str, name: str) -> Path:
        """Find a file to be read; raises NotFoundError for a name that is not in the list."""
        if not self.has(schedule_id, name):
            raise NotFoundError(f"The schedule has no file {name!r}.", field="name")
        return self._folder(schedule_id) / name

    def _folder(self, schedule_id: str) -> Path:
        return self._directory / _checked(schedule_id)


def _checked(name: str) -> str:
    if not _SAFE.fullmatch(name):
        raise NotFoundError(f"{name!r} is no name of a report.", field="name")
    return name
