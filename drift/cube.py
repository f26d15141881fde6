"""The cube: counts by code of every hour, feature and slice; any window is their sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drift.parts import DriftParts
    from drift.references import Cells, Key, Reference


class Cube:
    """Reads counts of windows. Only whole hours that lie inside a window are in it."""

    def __init__(self, parts: DriftParts) -> None:
        self._parts = parts

    def window(self, reference: Reference, start_ns: int, end_ns: int) -> dict[Key, Cells]:
        """Add up the hours of a window."""
        raise NotImplementedError

    def hours(
        self, reference: Reference, start_ns: int, end_ns: int
    ) -> dict[Key, dict[int, Cells]]:
        """Read each hour of a window, by its start in UTC nanoseconds."""
        raise NotImplementedError


class CubeJob:
    """The job that counts every hour touched since its last run, and fills in history."""

    def __init__(self, parts: DriftParts) -> None:
        self._parts = parts

    @property
    def interval_s(self) -> float:
        """Seconds between two runs."""
        raise NotImplementedError

    def run(self) -> None:
        """Count what came since the run before, for every reference."""
        raise NotImplementedError
