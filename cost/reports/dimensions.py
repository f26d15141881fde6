"""What money can be grouped and filtered by, and which sums know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sql.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Groups in the order of every list, time first, with the keys each adds to an item.
GROUPS: dict[str, tuple[str, ...]] = {
    "month": ("month",),
    "day": ("day",),
    "hour": ("hour",),
    "tenant": ("tenant",),
    "user": ("user",),
    "project": ("project",),
    "provider": ("provider",),
    "model": ("model",),
    "prompt": ("prompt", "prompt_version"),
    "feature": ("feature",),
    "connector": ("connector",),
    "service": ("service",),
    "environment": ("environment",),
    "operation": ("operation",),
    "meter": ("meter", "unit"),
    "tier": ("tier",),
    "kind": ("kind",),
}

#: Groups that are times; everything else can be filtered by.
TIMES = ("month", "day", "hour")

#: What can be filtered by.
FILTERS = tuple(
    key
    for group, keys in GROUPS.items()
    if group not in (*TIMES, "tenant")
    for key in keys
    if key != "unit"
)


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of sums.

    Parameters
    ----------
    query
        The statement that reads it.
    groups
        What it can be grouped by.
    """

    query: str
    groups: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key of its rows, in the order they are sorted by."""
        return (*(key for group in self.groups for key in GROUPS[group]), "currency")

    @property
    def filters(self) -> tuple[str, ...]:
        """What it can be filtered by."""
        return tuple(key for key in self.keys if key in FILTERS)


BY_HOUR = Source("cost/sums", tuple(name for name in GROUPS if name != "user"))

#: Users are too many for sums by hour, so theirs are by day and know less.
BY_USER = Source(
    "cost/user_sums",
    ("month", "day", "tenant", "user", "project", "provider", "model", "meter", "kind"),
)


def groups_named(text: str) -> tuple[str, ...]:
    """Read a comma list of groups, in the order of lists; an empty one asks for one sum.

    Raises
    ------
    InvalidInputError
        For a group there is not.
    """
    asked = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in asked if name not in GROUPS]
    if unknown:
        raise InvalidInputError(
            f"group_by has {unknown[0]!r}; use a comma list of {', '.join(GROUPS)}.",
            field="group_by",
        )
    return tuple(name for name in GROUPS if name in asked)


def source_of(groups: Sequence[str], filters: Mapping[str, str]) -> Source:
    """Choose the sums that know every group and filter.

    Raises
    ------
    InvalidInputError
        Where a user is asked for together with what the sums of users do not know.
    """
    if "user" not in groups and "user" not in filters:
        return BY_HOUR
    for field, asked, known in (
        ("group_by", [*groups], BY_USER.groups),
        ("", [*filters], BY_USER.filters),
    ):
        beyond = [name for name in asked if name not in known]
        if beyond:
            raise InvalidInputError(
                f"user cannot be combined with {beyond[0]}; users are summed by day, and by "
                f"{', '.join(name for name in BY_USER.groups if name != 'user')} only.",
                field=field or beyond[0],
            )
    return BY_USER
