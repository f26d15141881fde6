"""What is sent and answered about references."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from drift.codes import CELLS_MAX
from drift.definition import CELLS_MIN, DAYS_MAX, DIMENSIONS_MAX, WEEKS_MAX
from drift.reference import DIMENSIONS
from web.shapes import TIME, Shape

Name = Annotated[str, Field(max_length=1000)]


class BaselineBody(BaseModel):
    """Which counts windows are compared with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["fixed", "rolling", "seasonal"] = Field(
        "fixed",
        description="fixed: the reference's window. rolling: the `days` before the window that is "
        "judged. seasonal: the same hours of the week in the `weeks` before it.",
        examples=["seasonal"],
    )
    days: int | None = Field(None, ge=1, le=DAYS_MAX, description="Of rolling.", examples=[None])
    weeks: int | None = Field(None, ge=1, le=WEEKS_MAX, description="Of seasonal.", examples=[4])


class ReferenceBody(BaseModel):
    """A reference to define; of one that exists, its next version."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(
        "", max_length=128, description="Left out, one is made.", examples=["grader-june"]
    )
    tenant: str | None = Field(
        None,
        max_length=128,
        description="Left out, the tenant of the key; a key of several has to name it.",
        examples=["school-a"],
    )
    model: Name = Field(description="Whose decisions.", examples=["essay-grader"])
    from_: str = Field(
        alias="from",
        max_length=64,
        description="Start of the window, like `from` of any list; widened to the whole hour.",
        examples=["2026-11-01T00:00:00Z", "-14d"],
    )
    to: str = Field(
        "now", max_length=64, description="Its end; widened too.", examples=["2026-11-15T00:00:00Z"]
    )
    baseline: BaselineBody = Field(
        default_factory=lambda: BaselineBody.model_validate({}), examples=[{"kind": "fixed"}]
    )
    dimensions: list[Name] = Field(
        [],
        max_length=DIMENSIONS_MAX,
        description=f"What slices: {', '.join(DIMENSIONS)}, or feature:<name> of a text.",
        examples=[["model_version", "feature:language"]],
    )
    features: list[Name] = Field(
        [],
        max_length=10_000,
        description="Left out, every feature the window has.",
        examples=[["word_count", "@confidence"]],
    )
    cells: int = Field(
        64,
        ge=CELLS_MIN,
        le=CELLS_MAX,
        description="Most cells of a number, those below and above the reference included.",
        examples=[64],
    )
    reason: str = Field("", max_length=1000, examples=["after the release of version 4.2"])


class BaselineShape(Shape):
    """Which counts windows are compared with."""

    kind: Literal["fixed", "rolling", "seasonal"] = Field(examples=["seasonal"])
    days: int | None = Field(examples=[None])
    weeks: int | None = Field(examples=[4])


class ReferenceFeature(Shape):
    """One feature and what the reference's window holds of it."""

    feature: str = Field(
        description="Names that begin with @ are of the decision itself.", examples=["word_count"]
    )
    kind: Literal["number", "text"] = Field(examples=["number"])
    cells: int = Field(examples=[64])
    n: int = Field(description="Decisions that have it.", examples=[18300])
    missing: int = Field(description="Decisions without it.", examples=[12])
    mean: float | str | None = Field(
        description="Of the finite numbers; null without one.", examples=[412.5]
    )
    std: float | str | None = Field(description="Null below two numbers.", examples=[188.25])
    least: float | str | None = Field(examples=[3])
    greatest: float | str | None = Field(examples=[2044])


class ReferenceShape(Shape):
    """One version of a reference."""

    id: str = Field(examples=["grader-june"])
    version: int = Field(description="A version never changes.", examples=[1])
    tenant: str = Field(examples=["school-a"])
    model: str = Field(examples=["essay-grader"])
    from_: str = Field(alias="from", description="Whole hours.", examples=[TIME])
    to: str = Field(examples=[TIME])
    baseline: BaselineShape
    dimensions: list[str] = Field(examples=[["model_version"]])
    decisions: int = Field(description="In its window.", examples=[18312])
    defined_by: str = Field(description="Id of the key.", examples=["k1"])
    defined_at: str = Field(examples=[TIME])
    features: list[ReferenceFeature]


class ReferenceList(Shape):
    """References, by tenant and id."""

    as_of: str = Field(examples=[TIME])
    items: list[ReferenceShape]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page.")


class DeletedReference(Shape):
    """What was deleted."""

    id: str = Field(examples=["grader-june"])
    tenant: str = Field(examples=["school-a"])
    deleted: bool = Field(
        description="Its versions can still be read by number; monitors that name it say so.",
        examples=[True],
    )
