"""Reading sql/migrations: numbered files, their way back, and the fragments they share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sql import fragments
from sql.errors import PermanentStoreError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_FILE = re.compile(r"(\d{4})_([a-z]+_[a-z0-9_]+?)(\.down)?\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file as written, before its placeholders are filled.

    Parameters
    ----------
    sha256
        Digest of the file with its fragments filled in: what must not change once applied.
    down
        Text of the `.down.sql` beside it; empty where there is none.
    """

    version: int
    name: str
    up: str = field(repr=False)
    down: str = field(repr=False)
    sha256: str

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.version:04d}_{self.name}.sql"


@dataclass(frozen=True, slots=True)
class MigrationFiles:
    """Every migration in order, and the fragments."""

    migrations: tuple[Migration, ...]
    fragments: Mapping[str, str]


@cache
def packaged() -> MigrationFiles:
    """Read the migrations that ship with this package."""
    return read(resources.files("sql") / "migrations")


def read(folder: Traversable) -> MigrationFiles:
    """Read a folder of migrations.

    Raises
    ------
    PermanentStoreError
        For a file whose name does not fit, a number used twice, a way back without its
        migration.
    """
    shared = fragments.read(folder / "fragments")
    ups: dict[int, tuple[str, str]] = {}
    downs: dict[int, tuple[str, str]] = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            continue
        version, name, is_down = _parsed(entry.name)
        kind = downs if is_down else ups
        if version in kind:
            raise PermanentStoreError(
                f"Migration number {version:04d} is used by {name} and {kind[version][0]}."
            )
        kind[version] = (name, entry.read_text(encoding="utf-8"))
    for version, (name, _) in downs.items():
        if ups.get(version, ("", ""))[0] != name:
            raise PermanentStoreError(f"{version:04d}_{name}.down.sql has no migration beside it.")
    migrations = tuple(
        Migration(version, name, up, downs.get(version, ("", ""))[1], _digest(up, shared))
        for version, (name, up) in sorted(ups.items())
    )
    return MigrationFiles(migrations, shared)


def _parsed(file: str) -> tuple[int, str, bool]:
    match = _FILE.fullmatch(file)
    if not match:
        raise PermanentStoreError(
            f"sql/migrations/{file} is not named NNNN_verb_object.sql or NNNN_verb_object.down.sql."
        )
    return int(match[1]), match[2], match[3] is not None


def _digest(text: str, shared: Mapping[str, str]) -> str:
    return hashlib.sha256(fragments.expanded(text, shared).encode()).hexdigest()
