"""Questions about incidents and their answers."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from drift.incidents import STATES
from web.parameters import ListQuery, Text
from web.shapes import TIME, Interval, PageOf, Shape

INCIDENT = "essay-grader-features-1795644000"

StateName = Literal["open", "acknowledged", "closed"]


class IncidentsQuery(ListQuery):
    """Which incidents, by when they were opened."""

    from_: str = Field("-30d", alias="from", max_length=64, examples=["-30d"])
    limit: int = Field(50, ge=1, le=200, description="Most items in the answer.")
    state: Text = Field("", description=f"One of {', '.join(STATES)}; any where left out.")
    model: Text = Field("", examples=["essay-grader"])
    monitor: Text = Field("", examples=["essay-grader-features"])


class SettleBody(BaseModel):
    """What was done about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    note: str = Field("", max_length=2000, examples=["New form went live; reference redefined."])


class TriggerState(Shape):
    """Whether somebody was told."""

    state: Literal["kept", "pending", "delivered", "dead"] = Field(
        description="kept: nobody was to be told. dead: given up.", examples=["delivered"]
    )
    attempts: int = Field(examples=[1])
    error: str = Field(description="Why the last attempt failed.", examples=[""])


class IncidentItem(Shape):
    """An incident, with the largest effect of all that drifted."""

    id: str = Field(examples=[INCIDENT])
    tenant: str = Field(examples=["school-a"])
    state: StateName
    opened_at: str = Field(examples=[TIME])
    model: str = Field(examples=["essay-grader"])
    monitor_id: str = Field(examples=["essay-grader-features"])
    monitor_version: int = Field(examples=[1])
    kind: str = Field(examples=["feature"])
    severity: str = Field(examples=["warning"])
    window: Interval
    reference_id: str = Field(examples=["essay-grader-june"])
    drifted: int = Field(description="Features and slices that are part of it.", examples=[3])
    feature: str = Field(examples=["word_count"])
    dimension: str = Field(examples=[""])
    value: str = Field(examples=[""])
    statistic: str = Field(examples=["population_stability"])
    estimate: float | None = Field(examples=[0.041])
    low: float | None = Field(examples=[0.028])
    high: float | None = Field(examples=[0.057])
    note: str = Field(examples=[""])
    historical: bool = Field(
        description="Found by a backfill: closed from the start, and nobody was told.",
        examples=[False],
    )
    changed_at: str = Field(examples=[TIME])
    changed_by: str = Field(examples=["k1"])
    version: int = Field(examples=[1])
    trigger: TriggerState | None = Field(description="None where the monitor triggers nothing.")


class IncidentShape(IncidentItem):
    """An incident in full."""

    findings: list[dict[str, Any]] = Field(
        description="The evidence, at most 50.",
        examples=[[{"feature": "word_count", "estimate": 0.041, "low": 0.028}]],
    )
    event: dict[str, Any] | None = Field(
        description="The CloudEvent that was triggered.", examples=[{"specversion": "1.0"}]
    )


class IncidentPage(PageOf):
    """Incidents, newest first."""

    items: list[IncidentItem]
