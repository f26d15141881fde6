"""The few parts of a statement that cannot be bound as parameters, checked or quoted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from sql import queries
from sql.errors import PermanentStoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def identifier(name: str) -> str:
    """Check a table, column or format name that goes into a statement as it is."""
    if not _IDENTIFIER.fullmatch(name):
        raise PermanentStoreError(f"{name!r} is not a plain name of letters, digits and '_'.")
    return name


def tagged(tag: str, settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Add the tag that names this statement in the engine's log."""
    comment = orjson.dumps({"app": "answerable", "query": tag}).decode()
    return {"log_comment": comment, **(settings or {})}


def insert_from_file(
    table: str, path: Path, fmt: str, columns: Sequence[str] | None, settings: Mapping[str, Any]
) -> str:
    """Write the statement with which the embedded engine reads `path` in place."""
    listed = f"({', '.join(identifier(column) for column in columns)})" if columns else ""
    return queries.load("sql/insert_file").format(
        table=identifier(table),
        columns=listed,
        path=quoted(str(path.absolute())),
        settings=clause(settings),
        format=identifier(fmt),
    )


def clause(settings: Mapping[str, Any]) -> str:
    """List settings as they follow the keyword, every value quoted."""
    return ", ".join(f"{identifier(name)} = {quoted(str(v))}" for name, v in settings.items())


def quoted(text: str) -> str:
    """Quote a string literal as the engine reads it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def opened(path: Path) -> BinaryIO:
    """Open a file to insert; PermanentStoreError where that cannot be done."""
    try:
        return path.open("rb")
    except OSError as error:
        raise PermanentStoreError(f"The file {path} cannot be read: {error.strerror}.") from error
