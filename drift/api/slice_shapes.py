"""Body and answers of searches for slices."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from drift.reference import DIMENSIONS
from drift.slices.targets import Target
from web.parameters import ListQuery, Text
from web.shapes import TIME, Interval, PageOf, Shape

_EXAMPLE: dict[str, Any] = {
    "tenant": "school-a",
    "model": "essay-grader",
    "from": "-7d",
    "to": "now",
    "target": "low_confidence",
    "k": 5,
}


class FindBody(BaseModel):
    """What to search for."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    tenant: Text = Field("", description="May be left out by a key of one tenant.")
    model: str = Field(min_length=1, max_length=300, examples=["essay-grader"])
    from_: str = Field("-1d", alias="from", max_length=64, examples=["-7d"])
    to: str = Field("now", max_length=64, examples=["now"])
    target: Target = Field(
        description="error: the share of decisions their label contradicts. low_confidence: 1 less "
        "confidence. drift: the share of the window among window and reference."
    )
    reference: Text = Field("", description="Reference whose window drift is found against.")
    reference_from: str = Field(
        "", max_length=64, description="In place of `reference`: the start of a window."
    )
    reference_to: str = Field("", max_length=64, description="And its end.")
    features: list[Text] = Field(
        default_factory=list,
        max_length=1000,
        description="Names; left out, all that were sent. @outcome, @confidence, @input_tokens, "
        "@output_tokens and @duration_s may be named too.",
    )
    dimensions: list[Text] = Field(
        default_factory=lambda: [*DIMENSIONS],
        max_length=len(DIMENSIONS),
        description=f"Of {', '.join(DIMENSIONS)}; left out, all.",
    )
    alpha: float = Field(0.95, gt=0, le=1, description="Weight of the error against the size.")
    support_share: float = Field(
        0.01, gt=0, le=0.5, description="Least share of the searched rows a slice has."
    )
    level_max: int = Field(3, ge=1, le=4, description="Most conditions of a slice.")
    k: int = Field(10, ge=1, le=100, description="Slices wanted.")
    cells: int = Field(8, ge=2, le=64, description="Most cells a number is cut into.")
    holdout_share: float = Field(
        0.5, ge=0, le=0.9, description="Share of the rows that only tests; 0 tests nothing."
    )
    level: float = Field(
        0.05, gt=0, lt=1, description="False discovery rate of what is called confirmed."
    )
    seed: int = Field(0, ge=0, le=2**32 - 1, description="Chooses the rows that are held out.")


class SearchesQuery(ListQuery):
    """Which searches."""

    from_: str = Field(
        "-90d",
        alias="from",
        max_length=64,
        description="Searches whose window touches the one from here.",
        examples=["-90d"],
    )
    model: Text = ""
    target: Target | None = None


class PredicateShape(Shape):
    """One condition of a slice."""

    feature: str = Field(examples=["essay_words"])
    is_dimension: bool = Field(description="Whether it is no feature but a column of decisions.")
    op: Literal["equals", "between", "is_missing", "is_nan"]
    value: str | float | None = Field(description="Of equals.")
    from_: float | str | None = Field(alias="from", description="Of between: not included.")
    to: float | str | None = Field(description="Of between: included.")
    text: str = Field(examples=["400 < essay_words <= 650"])


class SliceShape(Shape):
    """One slice."""

    predicates: list[PredicateShape]
    size: int = Field(description="Rows of the searched part.")
    share: float = Field(description="Of the searched part.")
    mean: float = Field(description="What was looked for, of its searched rows.")
    score: float
    holdout_size: int | None
    holdout_mean: float | None
    holdout_rest_mean: float | None = Field(description="Of the held-out rows outside the slice.")
    test: str | None = Field(description="hypergeometric, welch or none.")
    p_value: float | None
    q_value: float | None = Field(description="After correction for all slices of the answer.")
    confirmed: bool | None = Field(description="None where nothing was held out.")
    confidence_reference: float | None
    confidence_current: float | None


class ReferenceShape(Shape):
    """What drift was found against."""

    id: str | None
    version: int | None
    window: Interval


class PortionShape(Shape):
    """What was read of a window."""

    decisions: int
    rows: int
    modulo: int = Field(description="One decision in so many was read, by hash of its id.")


class SearchSummary(Shape):
    """A search without its slices."""

    id: str
    tenant: str
    model: str
    target: Target
    window: Interval
    created_at: str = Field(examples=[TIME])
    created_by: str
    reference: ReferenceShape | None
    rows: int = Field(description="Rows that counted.")
    rows_searched: int
    rows_held_out: int
    rows_left_out: int = Field(description="Rows whose confidence is no probability.")
    read: list[PortionShape] = Field(description="Of the reference first, where there is one.")
    read_because: str = Field(description="Why not every decision was read, or that it was.")
    base: float | None = Field(description="What was looked for, of all searched rows.")
    found: int
    confirmed: int
    reason: str | None = Field(description="Why there are no slices, where there are none.")
    evaluated: int
    evaluated_by_level: list[int]
    pruned: int
    complete: bool = Field(description="False where the search stopped at its limit.")
    support: int = Field(description="Least rows of a slice.")
    predicates: int
    features: list[str]
    features_left_out: int
    engine: str = Field(examples=["numpy, 2 threads"])
    engine_reason: str = Field(description="Why this one.")
    seconds: float
    asked: dict[str, Any] = Field(description="What it takes to search again.")


class SearchShape(SearchSummary):
    """A search and the slices it found, the best first."""

    items: list[SliceShape]


class SearchesShape(PageOf):
    """Searches, newest first."""

    items: list[SearchSummary]
