"""Schedules of reports: which one, how often, on whose calendar; kept as records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from cost.reports.periods import Every, Period, containing, local_day
from sql.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sql.records import Record, Records

KIND = "report_schedule"

#: Most schedules there are.
SCHEDULES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Schedule:
    """A report that is made once a period.

    Parameters
    ----------
    tenant
        Whose charges it reports; empty for every tenant's.
    query
        Parameters of GET /v1/costs/report, but for its period and format.
    since_ns
        When it was made: the period of that time is the first that is reported.
    """

    tenant: str
    id: str
    name: str
    every: Every
    time_zone: str
    format: str
    query: Mapping[str, str]
    since_ns: int
    created_by: str

    def body(self) -> dict[str, Any]:
        """Write it as the body of a record."""
        return {
            "name": self.name,
            "every": self.every.value,
            "time_zone": self.time_zone,
            "format": self.format,
            "query": dict(self.query),
        }

    @classmethod
    def from_record(cls, record: Record) -> Self:
        """Read it back."""
        body = record.body
        return cls(
            tenant=record.tenant,
            id=record.id,
            name=body["name"],
            every=Every(body["every"]),
            time_zone=body["time_zone"],
            format=body["format"],
            query=body["query"],
            since_ns=record.recorded_at_ns,
            created_by=record.actor,
        )

    def periods(self, until_ns: int) -> Iterator[Period]:
        """Give every period that has ended since the schedule was made, oldest first."""
        period = containing(self.every, local_day(self.since_ns, self.time_zone))
        while period.window(self.time_zone).to_ns <= until_ns:
            yield period
            period = containing(self.every, period.after)

    def next_ns(self, now_ns: int) -> int:
        """Give when the current period ends."""
        period = containing(self.every, local_day(now_ns, self.time_zone))
        return period.window(self.time_zone).to_ns


def checked_zone(name: str) -> str:
    """Check a time zone; raises InvalidInputError for what is none."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidInputError(
            f"time_zone is {name!r}; use a name of the IANA list, such as Europe/Paris or UTC.",
            field="time_zone",
        ) from None
    return name


def schedules(records: Records, tenants: Sequence[str]) -> list[Schedule]:
    """Read the schedules of tenants; none means all, and those of all tenants too."""
    held = records.list(KIND, tenants, limit=SCHEDULES_MAX)
    return [Schedule.from_record(record) for record in held]


def schedule(records: Records, tenants: Sequence[str], schedule_id: str) -> Schedule:
    """Read one; raises NotFoundError where none of the tenants has it."""
    for found in schedules(records, tenants):
        if found.id == schedule_id:
            return found
    raise NotFoundError(f"There is no report schedule {schedule_id!r}.", field="schedule_id")
