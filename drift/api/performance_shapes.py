"""Questions and answers about the performance of a model over HTTP."""

from typing import Literal

from pydantic import Field

from drift.reference import DIMENSIONS, FEATURE_DIMENSION
from web.parameters import Text, WindowQuery
from web.shapes import TIME, Answer, Shape
from web.window import DAY_NS, HOUR_NS

#: Length of a step by its name, in nanoseconds.
STEPS_NS = {"hour": HOUR_NS, "6h": 6 * HOUR_NS, "day": DAY_NS, "week": 7 * DAY_NS}

StepName = Literal["hour", "6h", "day", "week"]


class ModelQuery(WindowQuery):
    """Which decisions of which model."""

    from_: str = Field(
        "-7d",
        alias="from",
        max_length=64,
        description="Start of the time of decisions, included; written as everywhere.",
        examples=["-7d"],
    )
    model: Text = Field(min_length=1, examples=["essay-grader"])
    dimension: Text = Field(
        "",
        description=f"Of a slice: {', '.join(DIMENSIONS)} or {FEATURE_DIMENSION}<name of a text>.",
        examples=["model_version"],
    )
    value: Text = Field("", description="Of the slice's dimension.", examples=["4.2"])


class PerformanceQuery(ModelQuery):
    """How performance is looked at."""

    step: StepName = Field("day", description="Steps begin at whole ones, UTC.")
    reference: Text = Field(
        "",
        description="Its window calibrates confidence. Left out, the days before `from` do "
        "(setting `performance_baseline_days`).",
        examples=["spring"],
    )
    tolerance: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Mean residual that is no drift; left out, the setting "
        "`performance_tolerance`.",
        examples=[0.02],
    )
    alpha: float = Field(
        0.01, gt=0, le=0.5, description="Chance of a false alarm of the residual over all steps."
    )


class Number(Shape):
    """An estimate with its interval."""

    estimate: float = Field(examples=[0.91])
    low: float = Field(examples=[0.88])
    high: float = Field(examples=[0.94])


class ConfidenceShape(Shape):
    """Confidence that was stated."""

    n: int = Field(description="Decisions with one, of those read.", examples=[1200])
    mean: float = Field(examples=[0.87])
    p10: float = Field(examples=[0.61])
    median: float = Field(examples=[0.9])
    p90: float = Field(examples=[0.99])


class WeighingShape(Shape):
    """Whether labelled decisions of the baseline count by how much they resemble the step's."""

    method: Literal["weighted", "unweighted", "none"] = Field(
        description="none: no labels calibrate confidence.", examples=["weighted"]
    )
    reason: str | None = Field(
        description="Why not weighted.", examples=["decisions of the baseline have no features"]
    )
    effective: float = Field(
        description="Labelled decisions of equal weight that would vary as little.",
        examples=[3120.5],
    )
    imbalance: float | None = Field(
        description="Greatest difference of a mean that weights leave, in standard deviations; "
        "null where none were tried.",
        examples=[0.02],
    )
    columns: int = Field(description="That resemblance was judged by.", examples=[12])


class EstimatedShape(Shape):
    """What labels will show if confidence means what it meant."""

    accuracy: Number
    doc: Number | None = Field(
        description="The same by the change of the mean confidence; null without labels of the "
        "baseline."
    )
    auc: Number | None
    auc_reason: str | None = Field(
        description="Why there is no AUC.", examples=["there are more than two classes"]
    )
    weighing: WeighingShape


class RealisedShape(Shape):
    """What labels that have come show."""

    n: int = Field(description="Decisions with an outcome and a label.", examples=[800])
    share: float = Field(description="Of the decisions read.", examples=[0.66])
    accuracy: Number
    auc: Number | None
    auc_reason: str | None = Field(examples=[None])
    ece: Number | None = Field(
        description="Expected calibration error of the stated confidence, noise taken out; null "
        "where no labelled decision has one."
    )
    delay_s: dict[str, float] = Field(
        description="From decision to label, in seconds.",
        examples=[{"median": 86400.0, "p90": 172800.0}],
    )


class ResidualShape(Number):
    """Estimated less realised accuracy of the same decisions; above zero it is worse."""

    n: int = Field(examples=[790])
    p_value: float = Field(description="Of a mean of zero.", examples=[0.31])
    margin: float = Field(
        description="What the limited baseline alone may add, two standard deviations.",
        examples=[0.008],
    )


class RunningShape(Shape):
    """The residual of all steps so far."""

    n: int = Field(examples=[5400])
    e_value: float = Field(
        description="Evidence that it is beyond tolerance and margin; an alarm at 1/alpha.",
        examples=[0.4],
    )
    low: float = Field(description="Confidence sequence.", examples=[-0.02])
    high: float = Field(examples=[0.03])
    alarm: bool = Field(examples=[False])


class StepShape(Shape):
    """One step of time, by when decisions were made."""

    start: str = Field(examples=[TIME])
    end: str = Field(examples=[TIME])
    n: int = Field(description="Every decision.", examples=[1250])
    confidence: ConfidenceShape | None
    estimated: EstimatedShape | None = Field(description="Null where no decision has a confidence.")
    realised: RealisedShape | None = Field(description="Null before a label has come.")
    residual: ResidualShape | None
    running: RunningShape
    in_baseline: bool = Field(
        description="Its own labels calibrate it, so that its residual says little.",
        examples=[False],
    )


class CalibrationSource(Shape):
    """What gives confidence its meaning."""

    method: Literal["isotonic", "none"]
    assumption: str = Field(description="What estimates rest on.")
    n: int = Field(description="Labelled decisions with a confidence.", examples=[5000])
    from_: str = Field(alias="from", examples=[TIME])
    to: str = Field(examples=[TIME])
    reference: str | None = Field(examples=["spring"])
    version: int | None = Field(examples=[1])


class AlarmShape(Shape):
    """Whether estimates and labels have parted: what inputs mean has changed."""

    alarm: bool = Field(examples=[False])
    start: str | None = Field(
        description="Start of the step at which the evidence first reached 1/alpha.",
        examples=[None],
    )
    tolerance: float = Field(examples=[0.02])
    alpha: float = Field(examples=[0.01])
    residual: ResidualShape | None = Field(description="Of the whole window.")


class PerformanceShape(Answer):
    """The health of a model by steps of time."""

    tenant: str = Field(examples=["school-a"])
    model: str = Field(examples=["essay-grader"])
    step: StepName
    calibration: CalibrationSource
    classes: list[str] = Field(
        description="Of outcomes and labels; at most three are named.", examples=[["no", "yes"]]
    )
    read_share: float = Field(
        description="Of the decisions, what estimates were made from; taken by hash.", examples=[1]
    )
    concept_drift: AlarmShape
    items: list[StepShape]


class BinShape(Shape):
    """Decisions of like confidence."""

    from_: float = Field(alias="from", description="Least confidence in it.", examples=[0.9])
    to: float = Field(description="Greatest.", examples=[0.97])
    n: int = Field(examples=[120])
    confidence: float = Field(description="Its mean.", examples=[0.94])
    accuracy: float = Field(description="Share that was right.", examples=[0.91])
    low: float = Field(examples=[0.85])
    high: float = Field(examples=[0.95])


class CalibrationShape(Answer):
    """Stated confidence against how often it came true."""

    tenant: str = Field(examples=["school-a"])
    model: str = Field(examples=["essay-grader"])
    n: int = Field(description="Decisions with a confidence and a label.", examples=[1200])
    read_share: float = Field(examples=[1])
    mean_confidence: float | None = Field(examples=[0.9])
    accuracy: Number | None
    ece: Number | None = Field(description="Expected calibration error, noise taken out.")
    ece_plain: float | None = Field(
        description="Without that: the size the noise of few labels has is in it.", examples=[0.05]
    )
    p_value: float | None = Field(description="Of perfect calibration.", examples=[0.2])
    bins: list[BinShape]
