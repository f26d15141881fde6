"""Counting as decisions come: every hour touched since a mark, and history backwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drift.counting import Counting
from drift.reference_book import ReferenceBook
from web.window import LATEST_NS, SECOND_NS

if TYPE_CHECKING:
    from drift.parts import DriftParts
    from drift.reference import Reference

#: Rest after a run, in units of the time it took.
_REST_FACTOR = 3
_INTERVAL_MAX_S = 3600.0

Touched = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a reference is counted.

    Parameters
    ----------
    received_ns
        What was received until then is counted, UTC nanoseconds.
    filled_from_s
        Of the hours from here on, seconds since 1970; earlier ones wait.
    """

    received_ns: int
    filled_from_s: int


class CubeJob:
    """Counts what came since the run before, for the newest version of every reference.

    A mark moves only when everything before it is written. After a crash the same hours are
    counted again; they are written as a whole, so nothing counts twice. New references are
    filled in from the newest hour backwards, some hours a run.
    """

    def __init__(self, parts: DriftParts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._settings = parts.settings
        self._book = ReferenceBook(parts)
        self._counting = Counting(parts)
        self._took_s = 0.0

    @property
    def interval_s(self) -> float:
        """Seconds between two runs; after a long run more, as it counts an open hour again."""
        return min(
            max(self._settings.cube_interval_s, _REST_FACTOR * self._took_s), _INTERVAL_MAX_S
        )

    def run(self) -> None:
        """Count what came, then a stretch of history that still waits."""
        begun_ns = self._clock()
        self._run()
        self._took_s = (self._clock() - begun_ns) / SECOND_NS

    def _run(self) -> None:
        marks = {
            (row["tenant"], row["reference_id"], row["version"]): Mark(
                row["received_ns"], row["filled_from_s"]
            )
            for row in self._store.query("drift/cube_marks")
        }
        for reference in self._book.list([]):
            self._advance(reference, marks.get((reference.tenant, reference.id, reference.version)))

    def _advance(self, reference: Reference, mark: Mark | None) -> None:
        horizon_ns = self._clock() - round(self._settings.cube_lag_s * SECOND_NS)
        if mark is None:
            mark = Mark(horizon_ns, LATEST_NS // SECOND_NS)
        else:
            received_ns = self._count_received(reference, mark, horizon_ns)
            mark = Mark(received_ns, mark.filled_from_s)
        mark = Mark(mark.received_ns, self._fill(reference, mark.filled_from_s))
        self._write(reference, mark)

    def _count_received(self, reference: Reference, mark: Mark, horizon_ns: int) -> int:
        """Count touched hours, at most about `cube_hours_max` of them; give the new mark."""
        if horizon_ns <= mark.received_ns:
            return mark.received_ns
        rows = self._store.query(
            "drift/touched_hours",
            {
                "tenant": reference.tenant,
                "model": reference.model,
                "after_ns": mark.received_ns,
                "until_ns": horizon_ns,
                "filled_from_s": mark.filled_from_s,
            },
        )
        touched = [(row["hour"], row["first_ns"]) for row in rows]
        hours, until_ns = bounded(touched, self._settings.cube_hours_max, horizon_ns)
        self._counting.count(reference, hours)
        return until_ns

    def _fill(self, reference: Reference, before_s: int) -> int:
        """Count the latest hours of history that wait; give where it is counted from."""
        if not before_s:
            return 0
        most = self._settings.cube_hours_max
        rows = self._store.query(
            "drift/history_hours",
            {
                "tenant": reference.tenant,
                "model": reference.model,
                "before_s": before_s,
                "limit": most,
            },
        )
        hours = sorted(row["hour"] for row in rows)
        self._counting.count(reference, hours)
        return hours[0] if len(hours) == most else 0

    def _write(self, reference: Reference, mark: Mark) -> None:
        row = {
            "tenant": reference.tenant,
            "reference_id": reference.id,
            "version": reference.version,
            "received_until": mark.received_ns,
            "filled_from": mark.filled_from_s,
            "written_at": self._clock(),
        }
        self._store.insert("cube_marks", [row])


def bounded(touched: list[Touched], most: int, horizon_ns: int) -> tuple[list[int], int]:
    """Choose hours to count, so that everything received until a mark is in them.

    Parameters
    ----------
    touched
        Start of an hour and when the first of it was received, in order of the latter.
    most
        Hours to take; more only where one request touched more.

    Returns
    -------
    hours
        Ascending.
    mark
        Nothing received until then touches another hour.

    Examples
    --------
    >>> bounded([(0, 10), (3600, 20), (7200, 30)], 2, 99)
    ([0, 3600], 29)
    >>> bounded([(0, 10), (3600, 10), (7200, 30)], 1, 99)
    ([0, 3600], 29)
    """
    end = most
    while 0 < end < len(touched) and touched[end][1] == touched[end - 1][1]:
        end += 1
    if end >= len(touched):
        return sorted(hour for hour, _ in touched), horizon_ns
    return sorted(hour for hour, _ in touched[:end]), touched[end][1] - 1
