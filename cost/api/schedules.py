"""`/v1/reports`: reports that are made every day, week or month, and their files."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from cost.api.report import SAFE_HEADERS, FormatName
from cost.parts import CostParts
from cost.reports.files import ReportFile, ReportFiles
from cost.reports.formats import FORMATS
from cost.reports.orders import order_of
from cost.reports.periods import Every, containing, local_day
from cost.reports.schedules import (
    KIND,
    SCHEDULES_MAX,
    Schedule,
    checked_zone,
    schedule,
    schedules,
)
from sql.access import Principal, Role
from sql.errors import ConflictError, InvalidInputError
from web.parameters import TenantQuery
from web.principal import Reader
from web.render import Json, timestamp
from web.shapes import TIME, Shape

ScheduleId = Annotated[str, Path(max_length=200, description="As the list shows it.")]


class NewSchedule(BaseModel):
    """A report to be made again and again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=200, examples=["Monthly chargeback"])
    every: Every = Field(examples=["monthly"])
    time_zone: str = Field(
        "UTC",
        max_length=64,
        description="Whose days they are, as the IANA list names it.",
        examples=["Europe/Paris"],
    )
    format: FormatName = Field("html", examples=["csv"])
    tenant: str = Field(
        "",
        max_length=1000,
        description="Whose charges; left out, the key's one tenant, or every tenant's for a key "
        "that has them all.",
        examples=["school-a"],
    )
    query: dict[str, str] = Field(
        default_factory=dict,
        description="Parameters of GET /v1/costs/report, without period, tenant and format.",
        examples=[{"kind": "chargeback", "group_by": "tenant,project", "currency": "EUR"}],
    )


class ScheduleShape(Shape):
    """A schedule."""

    id: str = Field(examples=["0b5f9f0c7c2f4d3f8f2d2f6f1c1b7a55"])
    tenant: str | None = Field(description="None for every tenant.", examples=["school-a"])
    name: str = Field(examples=["Monthly chargeback"])
    every: Every
    time_zone: str = Field(examples=["Europe/Paris"])
    format: FormatName
    query: dict[str, str]
    created_at: str = Field(examples=[TIME])
    created_by: str = Field(examples=["k1"])
    period_ends_at: str = Field(
        description="When the current period ends; its report follows a little later.",
        examples=[TIME],
    )


class ScheduleList(Shape):
    """Schedules by tenant."""

    items: list[ScheduleShape]


class FileShape(Shape):
    """A report that was made."""

    name: str = Field(examples=["chargeback_2026-11_by-tenant-project.html"])
    size_bytes: int = Field(examples=[18231])
    made_at: str = Field(examples=[TIME])
    link: str = Field(examples=["/v1/reports/0b5f/files/chargeback_2026-11_by-tenant.html"])


class FileList(Shape):
    """Files of a schedule by name."""

    items: list[FileShape]


class ReportSchedules:
    """Keeps schedules and hands out what was made."""

    def __init__(self, parts: CostParts) -> None:
        self._parts = parts
        self._files = ReportFiles(parts.settings.report_dir)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/reports", tags=["reports"])
        router.post("", status_code=201, response_model=ScheduleShape)(self.create_schedule)
        router.get("", response_model=ScheduleList)(self.list_schedules)
        router.delete("/{schedule_id}", response_model=ScheduleShape)(self.delete_schedule)
        router.get("/{schedule_id}/files", response_model=FileList)(self.list_report_files)
        router.get("/{schedule_id}/files/{name}", response_class=FileResponse)(
            self.read_report_file
        )
        return router

    def create_schedule(self, reader: Reader, body: NewSchedule) -> Response:
        """Make a report every day, week or month from now on; the current period is the first."""
        reader.require(Role.FINANCE, Role.OPERATOR)
        records, now = self._parts.records, self._parts.clock()
        made = Schedule(
            tenant=_owner(reader, body.tenant),
            id=self._parts.ids(),
            name=body.name,
            every=body.every,
            time_zone=checked_zone(body.time_zone),
            format=body.format,
            query=body.query,
            since_ns=now,
            created_by=reader.key_id,
        )
        # What cannot be made is refused now and not at the end of the month.
        order_of(made, containing(made.every, local_day(now, made.time_zone)), now)
        if len(schedules(records, ())) >= SCHEDULES_MAX:
            raise ConflictError(f"There are {SCHEDULES_MAX} schedules; delete one first.")
        records.put(
            KIND, made.id, made.body(), tenant=made.tenant, actor=reader.key_id, reason="created"
        )
        return Json(self._shown(made), status_code=201)

    def list_schedules(self, reader: Reader, query: Annotated[TenantQuery, Query()]) -> Response:
        """List schedules; those of all tenants are seen by keys for all tenants only."""
        found = schedules(self._parts.records, reader.scope(query.chosen))
        return Json({"items": [self._shown(one) for one in found]})

    def delete_schedule(
        self, reader: Reader, schedule_id: ScheduleId, query: Annotated[TenantQuery, Query()]
    ) -> Response:
        """End a schedule. Its files stay on disk and are no longer handed out."""
        reader.require(Role.FINANCE, Role.OPERATOR)
        records = self._parts.records
        found = schedule(records, reader.scope(query.chosen), schedule_id)
        records.delete(KIND, found.id, tenant=found.tenant, actor=reader.key_id, reason="deleted")
        return Json(self._shown(found))

    def list_report_files(
        self, reader: Reader, schedule_id: ScheduleId, query: Annotated[TenantQuery, Query()]
    ) -> Response:
        """List what a schedule has made."""
        found = schedule(self._parts.records, reader.scope(query.chosen), schedule_id)
        return Json({"items": [_file(found, one) for one in self._files.list(found.id)]})

    def read_report_file(
        self,
        reader: Reader,
        schedule_id: ScheduleId,
        name: Annotated[str, Path(max_length=200, description="As the list shows it.")],
        query: Annotated[TenantQuery, Query()],
    ) -> Response:
        """Read a report that was made."""
        found = schedule(self._parts.records, reader.scope(query.chosen), schedule_id)
        path = self._files.path(found.id, name)
        form = FORMATS[found.format]
        return FileResponse(
            path,
            media_type=form.media_type,
            filename=path.name,
            content_disposition_type="inline" if form.inline else "attachment",
            headers=SAFE_HEADERS,
        )

    def _shown(self, one: Schedule) -> dict[str, Any]:
        return {
            "id": one.id,
            "tenant": one.tenant or None,
            **one.body(),
            "created_at": timestamp(one.since_ns),
            "created_by": one.created_by,
            "period_ends_at": timestamp(one.next_ns(self._parts.clock())),
        }


def _owner(reader: Principal, tenant: str) -> str:
    """Find whose charges a schedule reports; empty for every tenant's."""
    if tenant:
        return reader.scope(tenant)[0]
    if reader.all_tenants:
        return ""
    if len(reader.tenants) > 1:
        raise InvalidInputError(
            f"The key has {len(reader.tenants)} tenants; name the one to report.", field="tenant"
        )
    return reader.tenants[0]


def _file(found: Schedule, one: ReportFile) -> dict[str, Any]:
    return {
        "name": one.name,
        "size_bytes": one.size_bytes,
        "made_at": timestamp(one.made_at_ns),
        "link": f"/v1/reports/{found.id}/files/{one.name}",
    }
