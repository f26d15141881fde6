"""Shapes of the answer that sums up a window."""

from pydantic import Field

from web.shapes import TIME, Answer, Shape


class Totals(Shape):
    """Sums over the window."""

    spans: int
    logs: int
    metric_points: int
    decisions: int
    errors: int = Field(description="Failed spans.")
    tokens_input: int = Field(description="Cache reads and writes included.")
    tokens_output: int = Field(description="Reasoning included.")
    requests: int = Field(description="Calls of models.")


class Point(Shape):
    """One bucket of time; empty ones are there as well."""

    time: str = Field(description="Start of the bucket.", examples=[TIME])
    spans: int
    errors: int
    decisions: int
    tokens: int


class ServiceTotals(Shape):
    """One service."""

    service: str = Field(examples=["grader"])
    spans: int
    errors: int
    p95_ns: int = Field(description="To within 1 %.")


class ModelTotals(Shape):
    """One model."""

    provider: str = Field(examples=["openai"])
    model: str = Field(examples=["gpt-5-mini"])
    requests: int
    tokens: int


class Route(Shape):
    """Decisions of one route."""

    decisions: int
    mean_confidence: float | None = Field(description="Of the decisions that have one.")


class DecisionTotals(Shape):
    """How decisions went."""

    by_route: dict[str, Route]
    mean_confidence: float | None


class OverviewAnswer(Answer):
    """The first page."""

    bucket_s: int = Field(description="Seconds a point of the series covers.")
    totals: Totals
    series: list[Point] = Field(description="At most 120 points.")
    services: list[ServiceTotals] = Field(description="The 100 with the most spans.")
    models: list[ModelTotals] = Field(description="The 100 with the most requests.")
    decisions: DecisionTotals
