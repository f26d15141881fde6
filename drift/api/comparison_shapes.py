"""What is answered about windows against references."""

from typing import Any, Literal

from pydantic import Field

from web.shapes import TIME, Answer, Shape

#: A number, or NaN, Infinity or -Infinity as text.
Number = float | str | None


class ComparedReference(Shape):
    """Which reference was compared with."""

    id: str = Field(examples=["grader-june"])
    version: int = Field(examples=[1])
    tenant: str = Field(examples=["school-a"])
    model: str = Field(examples=["essay-grader"])
    from_: str = Field(alias="from", examples=[TIME])
    to: str = Field(examples=[TIME])


class HeatCell(Shape):
    """One feature in one step of time."""

    start: str = Field(examples=[TIME])
    n: int = Field(description="Decisions of the step, those without the feature too.")
    estimate: Number = Field(description="Null where `reason` says why.", examples=[0.041])
    low: Number = Field(examples=[0.012])
    high: Number = Field(examples=[0.09])
    p_value: Number = Field(
        description="Without correction for how many cells there are; monitors correct.",
        examples=[0.003],
    )
    reason: str | None = Field(examples=["no decisions in the window"])


class HeatRow(Shape):
    """One feature over time."""

    feature: str = Field(examples=["word_count"])
    kind: Literal["number", "text"] = Field(examples=["number"])
    cells: list[HeatCell]


class HeatMap(Answer):
    """Every feature over time against the reference."""

    reference: ComparedReference
    statistic: str = Field(examples=["population_stability"])
    starts: list[str] = Field(examples=[[TIME]])
    features: list[HeatRow]


class Outcome(Shape):
    """One statistic of a feature."""

    statistic: str = Field(examples=["population_stability"])
    estimate: Number = Field(examples=[0.041])
    low: Number = Field(description="Of the interval at `level`; null without one.")
    high: Number = Field(examples=[0.09])
    p_value: Number = Field(description="Null where the statistic has no test.", examples=[0.003])
    level: float = Field(
        description="Of the interval; 1 where the bounds are certain.", examples=[0.95]
    )
    n_reference: int = Field(examples=[18300])
    n_current: int = Field(examples=[2100])
    method: dict[str, Any] = Field(
        description="All it takes to come by the number again.",
        examples=[{"log_base": "e", "zero_count": 0.5, "version": 1}],
    )


class LeftOut(Shape):
    """A statistic that has no value here."""

    statistic: str = Field(examples=["wasserstein"])
    reason: str = Field(examples=["this statistic is of numbers"])


class Pair(Shape):
    """How many before and now."""

    reference: int
    current: int


class DistributionCell(Pair):
    """One cell of a feature."""

    label: str = Field(description="Of a text its value.", examples=["(120, 180]"])
    from_: Number = Field(alias="from", description="Not included; null where it is open.")
    to: Number = Field(description="Included; null where it is open.")


class Special(Shape):
    """What has no cell."""

    unseen: Pair = Field(description="Texts that are rare in the reference, or not in it.")
    wrong_kind: Pair = Field(description="Texts where the reference has numbers, or vice versa.")
    nan: Pair
    missing: Pair = Field(description="Decisions without the feature.")


class Distribution(Answer):
    """One feature as it was and as it is."""

    reference: ComparedReference
    feature: str = Field(examples=["word_count"])
    kind: Literal["number", "text"] = Field(examples=["number"])
    dimension: str = Field(examples=[""])
    value: str = Field(examples=[""])
    n_reference: int = Field(description="Decisions, those without the feature too.")
    n_current: int
    cells: list[DistributionCell]
    special: Special
    results: list[Outcome]
    left_out: list[LeftOut]


class ComparedFeature(Shape):
    """One feature by every statistic of its kind."""

    feature: str = Field(examples=["word_count"])
    kind: Literal["number", "text"] = Field(examples=["number"])
    missing_reference: int = Field(
        description="By raw values what is not a number, by counts decisions without the feature; "
        "left out."
    )
    missing_current: int
    sampled: bool = Field(
        description="Whether only a draw of the values was read, as there were too many."
    )
    results: list[Outcome]
    left_out: list[LeftOut]


class Comparison(Answer):
    """A window against its baseline."""

    reference: ComparedReference
    exact: bool = Field(description="Whether by raw values; else by counts.", examples=[True])
    items: list[ComparedFeature]
