"""Writing hours of the cube: each counted as a whole, in the engine, for one reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drift import codes
from drift.hours import HOUR_S
from web.window import SECOND_NS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.parts import DriftParts
    from drift.reference import Reference

#: The value all those of a dimension share that are no slice of their own.
REST = "(other)"
#: A longer value is no slice.
VALUE_BYTES_MAX = 256


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
            bounds = {
                "tenant": reference.tenant,
                "model": reference.model,
                "reference_id": reference.id,
                "version": reference.version,
                "from_ns": some[0] * SECOND_NS,
                "to_ns": (some[-1] + HOUR_S) * SECOND_NS,
                "hours": some,
                "dimensions": list(reference.dimensions),
                "rest": REST,
            }
            slices = self._slices(bounds, features[0]) if reference.dimensions else []
            self._store.execute(
                "drift/count_hours", bounds | _cells(reference) | {"slices": slices}
            )

    def _slices(self, bounds: dict[str, Any], feature: str) -> list[str]:
        """Find the values that are slices: those that were before, then the most frequent."""
        asked = {
            **bounds,
            "feature": feature,
            "bytes_max": VALUE_BYTES_MAX,
            "most": self._settings.slice_values_max,
        }
        rows = self._store.query("drift/slice_values", asked)
        return [f"{row['dimension']}={row['value']}" for row in rows]


def _cells(reference: Reference) -> dict[str, Any]:
    features = reference.features.values()
    return {
        "features": sorted(reference.features),
        "numbers": [one.feature for one in features if one.kind == "number"],
        "unseen": codes.UNSEEN,
        "wrong_kind": codes.WRONG_KIND,
        "nan": codes.NAN,
    }
