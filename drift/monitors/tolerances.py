"""Tolerances taken from a reference: measured when it is new, kept, and put into findings."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from drift.incidents import ACTOR
from drift.monitors import rule
from drift.monitors.bounds import Level
from drift.monitors.finding import OnReference
from drift.monitors.judging import in_turn
from drift.monitors.spread import VERSION, WINDOWS_MIN, Spread, spread
from sql.errors import ConflictError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from drift.monitors.finding import Evaluator, Finding
    from drift.monitors.monitor import Monitor
    from drift.parts import DriftParts

#: The kind of the records; one has the id of its monitor.
KIND = "drift_tolerance"
#: What of a monitor decides how its reference spreads.
_ASKED = (
    "model",
    "kind",
    "reference",
    "features",
    "slices",
    "statistic",
    "window",
    "alpha",
    "traffic_share_min",
    "rows_min",
    "confirmations",
)
#: Monitors whose tolerances are held.
_HELD_MAX = 64
#: Findings whose spread is kept.
_KEYS_MAX = 50_000

Windows = list[tuple[int, list["Finding"]]]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A tolerance taken from a reference.

    Parameters
    ----------
    reference_version
        Whose windows it was taken from.
    version
        Of its record; 0 where it is not kept.
    """

    spread: Spread
    reference_version: int
    version: int = 0

    def applied(self, findings: Iterable[Finding]) -> list[Finding]:
        """Give findings their tolerance: what chance shows, and at least a multiple of the spread.

        What was measured goes into each, so that it can be computed again from its row.
        """
        return [self._applied(finding) for finding in findings]

    def _applied(self, finding: Finding) -> Finding:
        if finding.unable or finding.tolerance is None:
            return finding
        held, own = self.spread, self.spread.of(finding.key)
        method = {
            **finding.method,
            "tolerance_rule": "reference",
            "tolerance_version": self.version,
            "tolerance_by_chance": finding.tolerance,
            "tolerance_spread": own,
            "tolerance_factor": held.factor,
            "tolerance_windows": held.windows,
            "tolerance_level": held.suspicions.expected,
        }
        tolerance = max(finding.tolerance, held.factor * own)
        return replace(finding, tolerance=tolerance, method=method)


class Tolerances:
    """Measures, keeps and finds the tolerances of monitors that take theirs from a reference.

    A version of a reference never changes, nor does what was measured on it: it is measured again
    where the reference, or what the monitor watches and how, is another.
    """

    def __init__(self, parts: DriftParts) -> None:
        self._records = parts.records
        self._most = parts.settings.drift_backfill_windows_max
        self._held: OrderedDict[tuple[str, str], tuple[dict[str, Any], Tolerance]] = OrderedDict()

    def windows(self, monitor: Monitor, evaluator: Evaluator) -> Windows:
        """Evaluate the reference's own windows, as without a stated tolerance.

        Raises
        ------
        InvalidInputError, NotFoundError
            As `Evaluator.evaluate`; of a kind that cannot do so there are none.
        """
        if not isinstance(evaluator, OnReference):
            return []
        return list(islice(evaluator.on_reference(plain(monitor)), self._most))

    def measured(self, monitor: Monitor, windows: Windows) -> Tolerance:
        """Measure the spread of windows of the reference.

        Raises
        ------
        InvalidInputError
            Where there are too few, or too much is watched.
        """
        found = measured(monitor, windows)
        judged = found.spread.windows if found else 0
        if found is None or judged < WINDOWS_MIN:
            raise InvalidInputError(
                f"tolerance is reference, but {judged} windows of {monitor.window} of the "
                f"reference could be judged and it takes {WINDOWS_MIN}; use a longer reference, a "
                "shorter window, or state a number.",
                field="tolerance",
            )
        if len(found.spread.spreads) > _KEYS_MAX:
            raise InvalidInputError(
                f"tolerance is reference for {len(found.spread.spreads)} features and slices; at "
                f"most {_KEYS_MAX}, so watch fewer or state a number.",
                field="tolerance",
            )
        return found

    def of(self, monitor: Monitor, evaluator: Evaluator, reference_version: int) -> Tolerance:
        """Give the tolerance a version of the reference has; measured and kept where it is new.

        Raises
        ------
        InvalidInputError, NotFoundError
            As `windows` and `measured`.
        """
        asked = _asked(monitor)
        held = self._kept(monitor)
        if held and held[0] == asked and held[1].reference_version == reference_version:
            return held[1]
        return self.keep(monitor, self.measured(monitor, self.windows(monitor, evaluator)))

    def keep(self, monitor: Monitor, found: Tolerance) -> Tolerance:
        """Keep what was measured, as the next version of the monitor's tolerance."""
        held = self._records.get(KIND, monitor.id, monitor.tenant)
        asked = _asked(monitor)
        body = {
            "asked": asked,
            "reference_version": found.reference_version,
            "spread": _written(found.spread),
        }
        try:
            record = self._records.put(
                KIND,
                monitor.id,
                body,
                tenant=monitor.tenant,
                actor=ACTOR,
                reason=f"measured on version {found.reference_version} of {monitor.reference!r}",
                expect_version=held.version if held else None,
            )
        except ConflictError:
            # Another process measured the same at the same time; that is what rows name.
            other = self._read(monitor)
            if other is None or other[0] != asked:
                raise
            return self._hold(monitor, *other)
        return self._hold(monitor, asked, replace(found, version=record.version))

    def _kept(self, monitor: Monitor) -> tuple[dict[str, Any], Tolerance] | None:
        held = self._held.get((monitor.tenant, monitor.id))
        if held is not None and held[0] == _asked(monitor):
            return held
        return self._read(monitor)

    def _read(self, monitor: Monitor) -> tuple[dict[str, Any], Tolerance] | None:
        record = self._records.get(KIND, monitor.id, monitor.tenant)
        if record is None:
            return None
        body = record.body
        found = Tolerance(_spread(body["spread"]), body["reference_version"], record.version)
        self._hold(monitor, body["asked"], found)
        return body["asked"], found

    def _hold(self, monitor: Monitor, asked: dict[str, Any], found: Tolerance) -> Tolerance:
        self._held[(monitor.tenant, monitor.id)] = (asked, found)
        if len(self._held) > _HELD_MAX:
            self._held.popitem(last=False)
        return found


def plain(monitor: Monitor) -> Monitor:
    """Give the monitor without a tolerance of its own."""
    return monitor.model_copy(update={"tolerance": None, "tolerance_by": "chance"})


def measured(monitor: Monitor, windows: Windows) -> Tolerance | None:
    """Measure the spread of windows of the reference; None where too few could be judged."""
    without = plain(monitor)
    decided = [(start_ns, found) for start_ns, found, _ in in_turn(without, windows)]
    found = spread(without, decided)
    if found is None:
        return None
    version = max(finding.reference_version for _, findings in windows for finding in findings)
    return Tolerance(found, version)


def stated(monitor: Monitor, findings: Sequence[Finding]) -> list[Finding]:
    """Give findings of a plain monitor the tolerance this one states, where it states one."""
    if monitor.tolerance is None:
        return list(findings)
    return [
        finding if finding.unable else replace(finding, tolerance=monitor.tolerance)
        for finding in findings
    ]


def _asked(monitor: Monitor) -> dict[str, Any]:
    held = monitor.model_dump(mode="json", include=set(_ASKED))
    return {**held, "spread_version": VERSION, "rule_version": rule.VERSION}


def _written(found: Spread) -> dict[str, Any]:
    return {
        **asdict(replace(found, spreads={}, unknown={})),
        "spreads": [[*key, value] for key, value in found.spreads.items()],
        "unknown": [[*key, value] for key, value in found.unknown.items()],
    }


def _spread(body: dict[str, Any]) -> Spread:
    driven = body["driven_by"]
    return Spread(
        **{
            **body,
            "suspicions": Level(**body["suspicions"]),
            "alarms": Level(**body["alarms"]),
            "spreads": {(f, d, v, s): value for f, d, v, s, value in body["spreads"]},
            "unknown": {(f, s): value for f, s, value in body["unknown"]},
            "driven_by": tuple(driven) if driven else None,
        }
    )
