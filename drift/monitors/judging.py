"""From the findings of a window to what is kept of them; pure, so that a dry run is the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drift.monitors import rule
from drift.monitors.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from drift.monitors.monitor import Monitor

FindingKey = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Trace:
    """What is remembered of a key from the windows before; see `rule.Memory`."""

    evidence: float = 1.0
    streak: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding and what was decided.

    Parameters
    ----------
    q_value
        After correction over features, slices and windows; None where it could not be judged.
    before, after
        What was remembered, and what is from now on.
    state
        A value of `rule.STATES`.
    reason
        Why it is in that state.
    """

    finding: Finding
    q_value: float | None
    before: Trace
    after: Trace
    state: str
    reason: str


def judged(
    monitor: Monitor, findings: Sequence[Finding], memory: Mapping[FindingKey, Trace]
) -> list[Judged]:
    """Decide upon the findings of one window."""
    if not findings:
        return []
    before = [memory.get(finding.key, Trace()) for finding in findings]
    found = _found(monitor, findings)
    remembered = rule.Memory(
        np.array([trace.evidence for trace in before]),
        np.array([trace.streak for trace in before], dtype=np.int64),
    )
    verdict = rule.judge(found, remembered, monitor.alpha, monitor.confirmations)
    after = verdict.memory
    return [
        Judged(
            finding,
            float(verdict.q[place]) if np.isfinite(verdict.q[place]) else None,
            before[place],
            Trace(float(after.evidence[place]), int(after.streak[place])),
            rule.STATES[int(verdict.state[place])],
            _reason(finding, int(verdict.state[place]), busy=bool(found.busy[place])),
        )
        for place, finding in enumerate(findings)
    ]


def remembered(
    memory: Mapping[FindingKey, Trace], found: Sequence[Judged]
) -> dict[FindingKey, Trace]:
    """Give what is remembered after a window; what could not be judged stays as it was."""
    fresh = {one.finding.key: one.after for one in found if not one.finding.unable}
    return {**memory, **fresh}


def in_turn(
    monitor: Monitor, findings: Iterable[tuple[int, Sequence[Finding]]]
) -> Iterator[tuple[int, list[Judged], Mapping[FindingKey, Trace]]]:
    """Decide upon windows one after the other, from no memory; give with each what is remembered.

    Parameters
    ----------
    findings
        Start of each window, UTC nanoseconds, and what was found in it.
    """
    memory: dict[FindingKey, Trace] = {}
    for start_ns, found in findings:
        decided = judged(monitor, found, memory)
        memory = remembered(memory, decided)
        yield start_ns, decided, memory


def unable(reason: str) -> Finding:
    """Say that a whole window could not be judged."""
    return Finding("", "", "", "", unable=reason)


def _found(monitor: Monitor, findings: Sequence[Finding]) -> rule.Found:
    features = {name: place for place, name in enumerate({one.feature: 0 for one in findings})}
    return rule.Found(
        p=np.array([_p(finding) for finding in findings]),
        matters=np.array([finding.matters for finding in findings]),
        likely=np.array([finding.likely for finding in findings]),
        busy=np.array([one.traffic_share >= monitor.traffic_share_min for one in findings]),
        families=np.array([features[finding.feature] for finding in findings], dtype=np.int64),
    )


def _p(finding: Finding) -> float:
    if finding.unable or finding.p_value is None:
        return float("nan")
    return max(finding.p_value, 1e-300)


def _reason(finding: Finding, state: int, *, busy: bool) -> str:
    if state == rule.UNABLE:
        return finding.unable or "no p-value"
    if state == rule.SIGNIFICANT:
        return "below_tolerance" if busy else "little_traffic"
    return {rule.SUSPECTED: "awaits_confirmation", rule.CONFIRMED: "incident"}.get(state, "")
