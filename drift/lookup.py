"""The one thing of a name, where each of several tenants may have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from sql.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Owned(Protocol):
    """Something that belongs to a tenant."""

    @property
    def tenant(self) -> str:
        """Whose it is."""
        ...


Thing = TypeVar("Thing", bound=Owned)


def only(found: Sequence[Thing], article: str, kind: str, name: str) -> Thing:
    """Give the one that was found.

    Parameters
    ----------
    article
        "a" or "an", before the kind.

    Raises
    ------
    NotFoundError
        When there is none.
    ConflictError
        When several tenants have one.
    """
    if not found:
        raise NotFoundError(f"There is no {kind} {name!r}.", field=f"{kind}_id")
    if len(found) > 1:
        named = ", ".join(repr(one.tenant) for one in found)
        raise ConflictError(
            f"Several tenants have {article} {kind} {name!r}: {named}; name one.", field="tenant"
        )
    return found[0]
