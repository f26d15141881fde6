"""Statements by name: `load("collector/ledger")` reads sql/queries/collector/ledger.sql."""

from __future__ import annotations

import difflib
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING

from sql import fragments
from sql.errors import PermanentStoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

#: The folder beside those of packages whose files are no statements.
_SHARED = "fragments"


@cache
def load(name: str) -> str:
    """Read one statement without its header comment and final semicolon, fragments filled in.

    Raises
    ------
    PermanentStoreError
        When no file has that name; the message lists the nearest ones.
    """
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=3, cutoff=0.4)
        hint = f"; near it: {', '.join(near)}" if near else ""
        raise PermanentStoreError(f"There is no query {name!r} under sql/queries{hint}.")
    found = _root().joinpath(*f"{name}.sql".split("/"))
    return fragments.expanded(body(found.read_text(encoding="utf-8")), shared())


@cache
def shared() -> Mapping[str, str]:
    """Read the fragments of queries, by name, without their header comments."""
    found = fragments.read(_root() / _SHARED)
    return MappingProxyType({name: body(text) for name, text in found.items()})


@cache
def names() -> tuple[str, ...]:
    """Every query's name, sorted."""
    return tuple(sorted(_walk(_root(), "")))


def body(text: str) -> str:
    """Cut whole-line comments and the closing semicolon off a statement."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    return "\n".join(lines).strip().removesuffix(";").rstrip()


def _root() -> Traversable:
    return resources.files("sql") / "queries"


def _walk(folder: Traversable, prefix: str) -> list[str]:
    found: list[str] = []
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != _SHARED:
            found += _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".sql"):
            found.append(prefix + entry.name.removesuffix(".sql"))
    return found
