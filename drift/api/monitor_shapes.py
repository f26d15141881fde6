"""Answers about monitors."""

from typing import Any, Literal

from pydantic import Field

from drift.monitors.monitor import KindName, SeverityName, Trigger, WindowName
from web.shapes import TIME, Answer, Interval, PageOf, Shape

StateName = Literal["quiet", "significant", "suspected", "confirmed", "cooling", "unable"]


class StandingShape(Shape):
    """How a monitor stood in its newest judged window."""

    state: StateName = Field(description="The gravest of its findings.", examples=["quiet"])
    start: str = Field(description="Start of the window.", examples=[TIME])
    evaluated_at: str = Field(examples=[TIME])
    reason: str = Field(description="Why something could not be judged.", examples=[""])
    findings: int = Field(description="Judged.", examples=[1000])
    significant: int = Field(description="Of these, not by chance.", examples=[0])


class MonitorShape(Shape):
    """A monitor."""

    id: str = Field(examples=["essay-grader-features"])
    tenant: str = Field(examples=["school-a"])
    name: str = Field(examples=["Inputs of the grader"])
    model: str = Field(examples=["essay-grader"])
    kind: KindName
    reference: str = Field(examples=["essay-grader-june"])
    features: list[str] = Field(examples=[["*"]])
    slices: list[str] = Field(examples=[["model_version"]])
    statistic: str = Field(
        description="What alarms are measured by; empty where findings have several.",
        examples=["population_stability"],
    )
    window: WindowName
    alpha: float = Field(examples=[0.01])
    tolerance: float | Literal["reference"] | None = Field(examples=[0.02])
    traffic_share_min: float = Field(examples=[0.01])
    rows_min: int = Field(examples=[50])
    confirmations: int = Field(examples=[1])
    cool_down: str = Field(examples=["24h"])
    trigger: Trigger | None
    enabled: bool = Field(examples=[True])
    severity: SeverityName
    version: int = Field(examples=[1])
    changed_at: str = Field(examples=[TIME])
    changed_by: str = Field(description="Key that wrote this version.", examples=["k1"])
    state: StandingShape | None = Field(description="None where no window was judged yet.")


class MonitorList(Shape):
    """Monitors by tenant and name."""

    as_of: str = Field(examples=[TIME])
    items: list[MonitorShape]


class RemovedMonitor(Shape):
    """What was removed."""

    id: str = Field(examples=["essay-grader-features"])
    tenant: str = Field(examples=["school-a"])


class FindingShape(Shape):
    """One finding of a judged window."""

    window_start: str = Field(examples=[TIME])
    window_end: str = Field(examples=[TIME])
    monitor_version: int = Field(examples=[1])
    model: str = Field(examples=["essay-grader"])
    feature: str = Field(examples=["word_count"])
    dimension: str = Field(description="Empty for everything.", examples=["model_version"])
    value: str = Field(examples=["4.2"])
    statistic: str = Field(examples=["population_stability"])
    reference_id: str = Field(examples=["essay-grader-june"])
    reference_version: int = Field(examples=[1])
    n_reference: int = Field(examples=[336_000])
    n_current: int = Field(examples=[2000])
    estimate: float | None = Field(examples=[0.041])
    low: float | None = Field(description="At 95 %.", examples=[0.028])
    high: float | None = Field(examples=[0.057])
    p_value: float | None = Field(examples=[1e-12])
    q_value: float | None = Field(
        description="After correction over features, slices and windows.", examples=[4e-10]
    )
    e_value: float | None = Field(
        description="Evidence of the windows so far; 1 is none.", examples=[5e7]
    )
    tolerance: float | None = Field(examples=[0.0065])
    traffic_share: float = Field(examples=[0.31])
    state: StateName
    state_reason: str = Field(examples=["awaits_confirmation"])
    incident_id: str | None = Field(examples=[None])
    method: dict[str, Any] = Field(
        description="What else it takes to compute the numbers again.",
        examples=[{"test": "likelihood_ratio_williams", "freedom": 13, "level": 0}],
    )
    backfilled: bool = Field(examples=[False])
    evaluated_at: str = Field(examples=[TIME])


class FindingPage(PageOf):
    """Findings, newest window first; of a window judged again the newest judgement."""

    items: list[FindingShape]


class WouldAlarm(Shape):
    """A finding that would have opened an incident."""

    start: str = Field(examples=[TIME])
    feature: str = Field(examples=["word_count"])
    dimension: str = Field(examples=[""])
    value: str = Field(examples=[""])
    statistic: str = Field(examples=["population_stability"])
    estimate: float | None = Field(examples=[0.041])
    low: float | None = Field(examples=[0.028])
    high: float | None = Field(examples=[0.057])
    q_value: float | None = Field(examples=[4e-10])
    state: StateName


class FalseAlarmsShape(Shape):
    """How often the monitor is wrong."""

    stated: float = Field(
        description="Share of windows with a false alarm that it promises at most.",
        examples=[0.0001],
    )
    on_reference: float | None = Field(
        description="Share of the reference's own windows with an alarm, each compared with the "
        "rest; None where there is no window to judge.",
        examples=[0.0],
    )
    low: float | None = Field(description="At 95 %.", examples=[0.0])
    high: float | None = Field(examples=[0.0217])
    windows: int = Field(description="Of the reference.", examples=[168])
    suspicions_on_reference: float | None = Field(
        description="Share of these with anything not by chance.", examples=[0.006]
    )


class LevelShape(Shape):
    """Share of windows to come that a tolerance taken from windows like them lets through."""

    expected: float = Field(description="At most, on average.", examples=[0.00592])
    high: float = Field(
        description="At most, at 95 % confidence, taking windows as independent.", examples=[0.0177]
    )


class NaturalSpread(Shape):
    """How far windows of the reference lie apart in one feature and slice."""

    feature: str = Field(examples=["word_count"])
    dimension: str = Field(examples=[""])
    value: str = Field(examples=[""])
    statistic: str = Field(examples=["population_stability"])
    spread: float = Field(
        description="Mean effect between windows, or what chance shows where that is more.",
        examples=[0.021],
    )
    tolerance: float = Field(
        description="What `tolerance: reference` makes of it, if not what chance shows.",
        examples=[0.044],
    )


class NaturalPeak(Shape):
    """What needs a tolerance this large."""

    feature: str = Field(examples=["word_count"])
    dimension: str = Field(examples=[""])
    value: str = Field(examples=[""])
    statistic: str = Field(examples=["population_stability"])
    start: str = Field(examples=[TIME])


class SuggestionShape(Shape):
    """A tolerance taken from the reference's own windows, where nothing drifted."""

    windows: int = Field(description="Of the reference, that were judged.", examples=[336])
    windows_needed: int = Field(
        description="So many it takes to tell a share of alpha; with fewer the tolerance is the "
        "largest effect there was.",
        examples=[99],
    )
    enough: bool = Field(description="Whether there are as many.", examples=[True])
    tolerance: float | None = Field(
        description="The least number that can be stated; None where the reference is as quiet as "
        "is stated without one.",
        examples=[0.0712],
    )
    factor: float = Field(
        description="The least multiple of each spread that does, for `tolerance: reference`.",
        examples=[2.113],
    )
    suspicions: LevelShape = Field(description="Windows with a suspicion, under the factor.")
    alarms: LevelShape = Field(description="Windows with an alarm, under the factor.")
    driven_by: NaturalPeak | None = Field(description="None where the factor is 0.")
    by_finding: list[NaturalSpread] = Field(
        description="Features and slices, the largest tolerance first, at most 200."
    )


class PastWindowShape(Shape):
    """One window of the past."""

    start: str = Field(examples=[TIME])
    state: StateName
    significant: int = Field(examples=[0])
    reason: str = Field(description="Why it could not be judged.", examples=[""])


class DryRunShape(Answer):
    """What a monitor would have said; nothing was stored."""

    windows: int = Field(examples=[168])
    judged: int = Field(examples=[168])
    alarms: int = Field(description="Incidents it would have opened.", examples=[1])
    would_alarm: list[WouldAlarm]
    false_alarm_rate: FalseAlarmsShape
    suggested_tolerance: SuggestionShape | None = Field(
        description="None where no two windows of the reference could be judged."
    )
    by_window: list[PastWindowShape]


class BackfillShape(Shape):
    """How many windows came out how."""

    window: Interval
    windows: int = Field(examples=[168])
    states: dict[str, int] = Field(examples=[{"quiet": 166, "significant": 2}])
