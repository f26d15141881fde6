"""The slices of one level, and the candidates of the next: those all of whose parents are left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from drift.slices.engine.protocol import Integers, Members

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt


#: Pairs looked at in one go; it bounds the memory of a level.
PAIRS_MAX = 1 << 20


@dataclass(frozen=True, slots=True)
class Slices:
    """Slices of one level with what is known of each, or with bounds of it.

    Parameters
    ----------
    members
        Shape (m, level): numbers of predicates, ascending.
    sizes, errors, worst
        Shape (m,): rows, sum of errors, greatest error of a row.
    """

    members: Members
    sizes: Integers
    errors: Integers
    worst: Integers

    def __len__(self) -> int:
        return len(self.members)

    def chosen(self, which: npt.NDArray[np.generic]) -> Self:
        """Give some of them, by mask or by number."""
        return type(self)(
            self.members[which], self.sizes[which], self.errors[which], self.worst[which]
        )


def joined_levels(parts: list[Slices]) -> Slices:
    """Put slices of one level together."""
    return Slices(
        np.concatenate([part.members for part in parts]),
        np.concatenate([part.sizes for part in parts]),
        np.concatenate([part.errors for part in parts]),
        np.concatenate([part.worst for part in parts]),
    )


def candidates(
    parents: Slices, feature_of: npt.NDArray[np.int32], pairs_max: int = PAIRS_MAX
) -> Iterator[Slices]:
    """Join slices that differ in their last predicate; give each candidate once, with bounds.

    Parameters
    ----------
    feature_of
        Shape (l,): the feature of each predicate; a slice has one predicate a feature.
    """
    width = max(1, int(len(feature_of) - 1).bit_length())
    keys = _keys(parents.members, width)
    order = np.argsort(keys)
    parents, keys = parents.chosen(order), keys[order]
    prefixes = keys >> width
    ends = np.searchsorted(prefixes, prefixes, side="right")
    partners = ends - np.arange(len(parents)) - 1
    before = np.concatenate([[0], np.cumsum(partners)])
    start = 0
    while start < len(parents):
        stop = int(np.searchsorted(before, before[start] + pairs_max, side="right")) - 1
        stop = max(stop, start + 1)
        left, right = _pairs(start, stop, partners)
        last = parents.members[:, -1]
        apart = feature_of[last[left]] != feature_of[last[right]]
        made = _bounded(parents, keys, width, left[apart], right[apart])
        if len(made):
            yield made
        start = stop


def _pairs(start: int, stop: int, partners: Integers) -> tuple[Integers, Integers]:
    counts = partners[start:stop]
    left = np.repeat(np.arange(start, stop), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    return left, left + 1 + np.arange(len(left)) - first


def _bounded(
    parents: Slices, keys: Integers, width: int, left: Integers, right: Integers
) -> Slices:
    members = np.concatenate([parents.members[left], parents.members[right, -1:]], axis=1)
    least = [
        np.minimum(held[left], held[right])
        for held in (parents.sizes, parents.errors, parents.worst)
    ]
    whole = np.ones(len(members), dtype=bool)
    # The first two parents are without the last and the last but one; here are the others.
    for position in range(members.shape[1] - 2):
        wanted = _keys(np.delete(members, position, axis=1), width)
        found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        whole &= keys[found] == wanted
        for held, bound in zip((parents.sizes, parents.errors, parents.worst), least, strict=True):
            np.minimum(bound, held[found], out=bound)
    return Slices(members, *least).chosen(whole)


def _keys(members: Members, width: int) -> Integers:
    """Write the members of a slice as one integer that sorts as they do."""
    keys = np.zeros(len(members), dtype=np.int64)
    for position in range(members.shape[1]):
        keys = (keys << width) | members[:, position]
    return keys
