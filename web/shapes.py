"""Shapes every answer shares; they document answers, which are written without passing them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

TIME = "2026-11-23T22:00:00.123456789Z"
TRACE_ID = "5b8efff798038103d269b633813fc60c"
SPAN_ID = "eee19b7ec3c1b174"

#: Attributes by name, and the type each was sent with.
Attributes = dict[str, Any]
AttributeTypes = dict[
    str, Literal["string", "int", "double", "bool", "array", "kvlist", "bytes", "none"]
]


class Shape(BaseModel):
    """Base of every shape: nothing beyond what is declared."""

    model_config = ConfigDict(extra="forbid")


class Interval(Shape):
    """The window an answer covers, as it was resolved."""

    from_: str = Field(alias="from", examples=["2026-11-23T21:00:00.000000000Z"])
    to: str = Field(description="Not included.", examples=["2026-11-23T22:00:00.000000000Z"])


class Answer(Shape):
    """What every answer about a window states."""

    window: Interval
    as_of: str = Field(
        description="When the store was read. What was acknowledged before is in the answer.",
        examples=[TIME],
    )


class PageOf(Answer):
    """One page of a list."""

    next_cursor: str | None = Field(description="Give it as `cursor` for the next page.")


class Version(Shape):
    """A named thing at a version; empty where it was not recorded."""

    name: str = Field(examples=["essay-grader"])
    version: str = Field(examples=["4.2"])
