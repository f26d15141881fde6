"""Writing hours of the cube: each counted as a whole, in the engine, for one reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drift import codes
from drift.hours import HOUR_S
from web.window import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from drift.parts import DriftParts
    from drift.reference import Reference

#: The value all those of a dimension share that are no slice of their own.
REST = "(other)"
#: A longer value is no slice.
VALUE_BYTES_MAX = 256
#: Arrays of counts one statement holds, a combination of slices, feature and hour each: 2 KiB.
_ARRAYS_MAX = 200_000
#: Beyond this a statement spills to disk.
_SPILL_BYTES = 2 << 30

Batch = tuple[list[int], list[str]]


class Counting:
    """Counts hours of a reference's model into the cube.

    An hour is read from the decisions and written as a whole, however often: what came late or
    was sent again is exact, and a run that was cut off is simply repeated.
    """

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._settings = parts.settings

    def count(self, reference: Reference, hours: Sequence[int]) -> None:
        """Count hours anew.

        Parameters
        ----------
        hours
            Their starts in seconds since 1970, ascending.
        """
        features = sorted(reference.features)
        step = self._settings.cube_hours_max
        for first in range(0, len(hours) if features else 0, step):
            some = list(hours[first : first + step])
            slices = self._slices(reference, some, features[0]) if reference.dimensions else []
            combinations = self._combinations(reference, some, slices)
            for batch in batches(some, combinations, features):
                self._count(reference, batch, slices)

    def _count(self, reference: Reference, batch: Batch, slices: list[str]) -> None:
        hours, features = batch
        asked = {
            **_bounds(reference, hours),
            "reference_id": reference.id,
            "version": reference.version,
            "slices": slices,
            "rest": REST,
            "features": features,
            "numbers": [name for name in features if reference.features[name].kind == "number"],
            "unseen": codes.UNSEEN,
            "wrong_kind": codes.WRONG_KIND,
            "nan": codes.NAN,
        }
        spill = {"max_bytes_before_external_group_by": _SPILL_BYTES}
        self._store.execute("drift/count_hours", asked, settings=spill)

    def _slices(self, reference: Reference, hours: list[int], feature: str) -> list[str]:
        """Find the values that are slices: those that were before, then the most frequent."""
        asked = {
            **_bounds(reference, hours),
            "reference_id": reference.id,
            "version": reference.version,
            "rest": REST,
            "feature": feature,
            "bytes_max": VALUE_BYTES_MAX,
            "most": self._settings.slice_values_max,
        }
        rows = self._store.query("drift/slice_values", asked)
        return [f"{row['dimension']}={row['value']}" for row in rows]

    def _combinations(
        self, reference: Reference, hours: list[int], slices: list[str]
    ) -> dict[int, int]:
        if not reference.dimensions:
            return {}
        asked = {**_bounds(reference, hours), "slices": slices}
        rows = self._store.query("drift/hour_combinations", asked)
        return {row["hour"]: row["combinations"] for row in rows}


def batches(
    hours: Sequence[int],
    combinations: Mapping[int, int],
    features: Sequence[str],
    arrays_max: int | None = None,
) -> Iterator[Batch]:
    """Cut work into statements that hold a bounded number of arrays each.

    Parameters
    ----------
    combinations
        Of slices, by hour; 1 where it is not named.
    arrays_max
        Of one statement; what memory allows where left out.

    Examples
    --------
    >>> list(batches([1, 2, 3], {3: 5}, ["a", "b"], arrays_max=4))
    [([1, 2], ['a', 'b']), ([3], ['a']), ([3], ['b'])]
    """
    arrays_max = _ARRAYS_MAX if arrays_max is None else arrays_max
    held: list[int] = []
    arrays = 0
    for hour in hours:
        more = max(1, combinations.get(hour, 1)) * len(features)
        if held and arrays + more > arrays_max:
            yield held, list(features)
            held, arrays = [], 0
        if more > arrays_max:
            at_once = max(1, arrays_max * len(features) // more)
            for first in range(0, len(features), at_once):
                yield [hour], list(features[first : first + at_once])
            continue
        held.append(hour)
        arrays += more
    if held:
        yield held, list(features)


def _bounds(reference: Reference, hours: list[int]) -> dict[str, Any]:
    return {
        "tenant": reference.tenant,
        "model": reference.model,
        "from_ns": hours[0] * SECOND_NS,
        "to_ns": (hours[-1] + HOUR_S) * SECOND_NS,
        "hours": hours,
        "dimensions": list(reference.dimensions),
    }
