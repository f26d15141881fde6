"""Text that files of SQL share: `{{name}}` stands for what fragments/name.sql holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sql.errors import PermanentStoreError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

#: Every other placeholder has an argument, or is no fragment's name.
PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def read(folder: Traversable) -> dict[str, str]:
    """Read a folder of fragments, by name; none where there is no folder."""
    if not folder.is_dir():
        return {}
    files = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return {
        entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8").strip()
        for entry in files
    }


def expanded(text: str, fragments: Mapping[str, str], inside: tuple[str, ...] = ()) -> str:
    """Fill in fragments, and those they name in turn, and leave every other placeholder.

    Raises
    ------
    PermanentStoreError
        Fragments name each other in a circle.

    Examples
    --------
    >>> expanded("WHERE {{mine}} -- {{other}}", {"mine": "a = {{b}}", "b": "1"})
    'WHERE a = 1 -- {{other}}'
    """

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name not in fragments:
            return match[0]
        if name in inside:
            raise PermanentStoreError(f"Fragments name each other: {' -> '.join([*inside, name])}.")
        return expanded(fragments[name], fragments, (*inside, name))

    return PLACEHOLDER.sub(fill, text)
