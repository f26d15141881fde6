"""What a monitor is: which part of a model it watches, against what, and when it may alarm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from drift.monitors.variables import PATTERN
from web.window import DAY_NS, HOUR_NS

if TYPE_CHECKING:
    from sql.records import Record

#: The kind of its records.
KIND = "monitor"

KindName = Literal[
    "feature",
    "prediction",
    "confidence",
    "length",
    "missing",
    "schema",
    "embedding",
    "performance",
    "calibration",
]
SeverityName = Literal["info", "warning", "critical"]
WindowName = Literal["1h", "6h", "1d", "7d"]

#: Length of a window, in nanoseconds.
WINDOWS_NS: dict[str, int] = {
    "1h": HOUR_NS,
    "6h": 6 * HOUR_NS,
    "1d": DAY_NS,
    "7d": 7 * DAY_NS,
}
#: 1970 began on a Thursday; weeks begin on Monday.
_MONDAY_NS = 4 * DAY_NS

#: CloudEvents type of what a trigger sends unless it names another.
EVENT = "ai.answerable.drift.retrain"

_UNITS_NS = {"h": HOUR_NS, "d": DAY_NS}
_DURATION = re.compile(r"(\d{1,4})(h|d)", re.ASCII)

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:\-]{0,127}$")]
Word = Annotated[str, Field(max_length=256)]


class Trigger(BaseModel):
    """Who is told of an incident, to retrain or to roll back.

    Parameters
    ----------
    webhook
        Address that is sent the CloudEvent; empty keeps the event without sending it.
    secret_env
        Name of the service's environment variable that holds the signing secret; never the secret.
    event
        CloudEvents `type`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    webhook: Annotated[str, Field(max_length=2000)] = ""
    secret_env: Annotated[str, Field(pattern=f"^({PATTERN})?$")] = ""
    event: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,127}$")] = EVENT


class Monitor(BaseModel):
    """One version of a monitor.

    Parameters
    ----------
    features
        Names, or `*` for every feature of the reference; kinds that watch fixed columns ignore it.
    slices
        Dimensions whose values are judged each for itself, besides everything together.
    statistic
        Effect size an alarm is measured by; empty for the kind's own.
    alpha
        Accepted share of windows with a false suspicion, over all features and slices together.
    tolerance
        Least effect worth an alarm, in the statistic's unit: the lower bound of its interval has to
        reach it. None: as `tolerance_by` says.
    tolerance_by
        What stands for a tolerance that is not stated. chance: what samples of these sizes show on
        average without drift. reference: that too, and at least how far windows of the reference
        lie apart; see `drift.monitors.spread`.
    traffic_share_min
        Least share of the window's decisions a slice needs to alarm.
    rows_min
        Fewer decisions in window or reference are not judged.
    confirmations
        Following disjoint windows that have to show the same before an incident is opened.
    cool_down
        At most one incident in this time, such as `24h` or `7d`.
    version
        Of its record; 0 before it is kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Name
    tenant: Annotated[str, Field(max_length=128)]
    name: Annotated[str, Field(max_length=200)] = ""
    model: Annotated[str, Field(min_length=1, max_length=256)]
    kind: KindName = "feature"
    reference: Annotated[str, Field(max_length=128)] = ""
    features: Annotated[tuple[Word, ...], Field(min_length=1, max_length=1000)] = ("*",)
    slices: Annotated[tuple[Word, ...], Field(max_length=16)] = ()
    statistic: Annotated[str, Field(max_length=64)] = ""
    window: WindowName = "1h"
    alpha: Annotated[float, Field(gt=0, le=0.2)] = 0.01
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    tolerance_by: Literal["chance", "reference"] = "chance"
    traffic_share_min: Annotated[float, Field(ge=0, le=1)] = 0.01
    rows_min: Annotated[int, Field(ge=1, le=1_000_000)] = 50
    confirmations: Annotated[int, Field(ge=0, le=10)] = 1
    cool_down: Annotated[str, Field(max_length=8)] = "24h"
    trigger: Trigger | None = None
    enabled: bool = True
    severity: SeverityName = "warning"
    version: int = 0
    created_at_ns: int = 0
    changed_by: str = ""

    @field_validator("cool_down")
    @classmethod
    def _duration(cls, text: str) -> str:
        if not _DURATION.fullmatch(text):
            raise ValueError(f"cool_down is {text!r}; write hours or days, such as 24h or 7d")
        return text

    @model_validator(mode="after")
    def _reference_named(self) -> Self:
        if not self.reference and self.kind not in {"performance", "calibration"}:
            raise ValueError(f"reference is empty; a monitor of kind {self.kind} needs one")
        return self

    @property
    def window_ns(self) -> int:
        """Length of a window."""
        return WINDOWS_NS[self.window]

    @property
    def cool_down_ns(self) -> int:
        """Time after an incident in which there is no other."""
        amount, unit = self.cool_down[:-1], self.cool_down[-1]
        return int(amount) * _UNITS_NS[unit]

    @property
    def from_reference(self) -> bool:
        """Whether its tolerance is taken from windows of the reference."""
        return self.tolerance is None and self.tolerance_by == "reference"

    def window_of(self, at_ns: int) -> int:
        """Give the start of the window that holds a time: windows are whole hours, days, weeks."""
        offset = _MONDAY_NS if self.window == "7d" else 0
        return (at_ns - offset) // self.window_ns * self.window_ns + offset

    def watches(self, feature: str) -> bool:
        """Whether it watches a feature."""
        return "*" in self.features or feature in self.features

    def body(self) -> dict[str, Any]:
        """Write it as the body of a record."""
        kept = {"id", "tenant", "version", "created_at_ns", "changed_by"}
        return self.model_dump(mode="json", exclude=kept)

    @classmethod
    def from_record(cls, record: Record) -> Self:
        """Read a version back."""
        return cls(
            **record.body,
            id=record.id,
            tenant=record.tenant,
            version=record.version,
            created_at_ns=record.recorded_at_ns,
            changed_by=record.actor,
        )
