"""`/v1/monitors`: what is watched, what was found, and what would have been."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field

from drift.api import monitor_answers as answers
from drift.api import monitor_shapes as shapes
from drift.api.monitor_bodies import (
    DOCUMENTED,
    BackfillBody,
    DryRunBody,
    SentMonitor,
    monitor_of,
    tenant_of,
)
from drift.monitors.checks import check
from drift.monitors.history import History
from drift.monitors.monitor import Monitor
from drift.monitors.monitors import Monitors
from drift.monitors.results import Results
from drift.monitors.rule import STATES
from drift.parts import DriftParts
from sql.access import Principal, Role
from sql.errors import InvalidInputError
from web import pages, window
from web.parameters import ListQuery, TenantQuery, Text
from web.principal import Reader, having
from web.render import Json, interval, timestamp
from web.window import DAY_NS

#: How far back the state of a monitor is looked for.
_STANDING_NS = 90 * DAY_NS

MonitorId = Annotated[str, Path(max_length=200, description="As the list shows it.")]


#: Declares that an endpoint changes monitors, and hands it who does.
Changer = Annotated[Principal, Depends(having(Role.OPERATOR))]


class RemoveQuery(TenantQuery):
    """Whose monitor to remove, and why."""

    reason: Text = Field("", examples=["replaced"])


class ResultsQuery(ListQuery):
    """Which findings."""

    from_: str = Field("-7d", alias="from", max_length=64, examples=["-7d"])
    state: Text = Field("", description=f"One of {', '.join(STATES.values())}; any where left out.")
    feature: Text = Field("", examples=["word_count"])


class MonitorResource:
    """Makes, changes, removes and lists monitors, and shows what they found."""

    def __init__(self, parts: DriftParts) -> None:
        self._parts = parts
        self._monitors = Monitors(parts)
        self._results = Results(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/monitors", tags=["drift"])
        router.get("", response_model=shapes.MonitorList)(self.list_monitors)
        router.post(
            "", status_code=201, response_model=shapes.MonitorShape, openapi_extra=DOCUMENTED
        )(self.create_monitor)
        router.post("/dry-run", response_model=shapes.DryRunShape)(self.dry_run)
        router.get("/{monitor_id}", response_model=shapes.MonitorShape)(self.read_monitor)
        router.put("/{monitor_id}", response_model=shapes.MonitorShape, openapi_extra=DOCUMENTED)(
            self.change_monitor
        )
        router.delete("/{monitor_id}", response_model=shapes.RemovedMonitor)(self.remove_monitor)
        router.post("/{monitor_id}/backfill", response_model=shapes.BackfillShape)(self.backfill)
        router.get("/{monitor_id}/results", response_model=shapes.FindingPage)(self.list_results)
        return router

    def list_monitors(self, reader: Reader, query: Annotated[TenantQuery, Query()]) -> Response:
        """List monitors and how each stood in its newest judged window."""
        tenants = reader.scope(query.chosen)
        items = self._facts(self._monitors.list(tenants), tenants)
        return Json({"as_of": timestamp(self._parts.clock()), "items": items})

    def create_monitor(self, changer: Changer, body: SentMonitor) -> Response:
        """Watch a model from now on; the body is JSON or YAML."""
        tenant = tenant_of(changer, body.tenant)
        made = monitor_of(body, tenant, body.id or self._parts.ids())
        check(self._parts, made)
        history = History(self._parts)
        tolerance = history.tolerance(made)
        kept = self._monitors.create(made, actor=changer.key_id, reason=body.reason or "created")
        history.keep(kept, tolerance)
        return Json(answers.monitor_facts(kept, None), status_code=201)

    def read_monitor(
        self, reader: Reader, monitor_id: MonitorId, query: Annotated[TenantQuery, Query()]
    ) -> Response:
        """Read one monitor and how it stands."""
        found = self._monitors.find(reader.scope(query.chosen), monitor_id)
        return Json(self._facts([found], [found.tenant])[0])

    def change_monitor(
        self, changer: Changer, monitor_id: MonitorId, body: SentMonitor
    ) -> Response:
        """Write a monitor's next version; its earlier ones are kept, and what they found."""
        held = self._monitors.find(changer.scope(body.tenant), monitor_id)
        if body.id not in {"", monitor_id}:
            raise InvalidInputError(
                f"id is {body.id!r}, but this is {monitor_id!r}; a monitor keeps its id.",
                field="id",
            )
        changed = monitor_of(body, held.tenant, monitor_id)
        check(self._parts, changed)
        history = History(self._parts)
        tolerance = history.tolerance(changed)
        kept = self._monitors.change(
            changed,
            actor=changer.key_id,
            reason=body.reason or "changed",
            version=held.version if body.version is None else body.version,
        )
        history.keep(kept, tolerance)
        return Json(self._facts([kept], [kept.tenant])[0])

    def remove_monitor(
        self, changer: Changer, monitor_id: MonitorId, query: Annotated[RemoveQuery, Query()]
    ) -> Response:
        """Stop watching; what was found, and the incidents, stay."""
        found = self._monitors.find(changer.scope(query.chosen), monitor_id)
        self._monitors.remove(found, actor=changer.key_id, reason=query.reason or "removed")
        return Json({"id": found.id, "tenant": found.tenant})

    def dry_run(self, reader: Reader, body: DryRunBody) -> Response:
        """Judge the past with a monitor that need not exist, and keep nothing.

        The answer says how often it would have alarmed, how often it promises to be wrong, and how
        often it is on the reference itself, where nothing drifted.
        """
        tenant = tenant_of(reader, body.monitor.tenant)
        tried = monitor_of(body.monitor, tenant, body.monitor.id or "dry-run")
        check(self._parts, tried)
        now = self._parts.clock()
        span = window.parse(body.from_, body.to, now)
        found = History(self._parts).dry_run(tried, span)
        head = {"window": interval(span), "as_of": timestamp(now)}
        return Json({**head, **answers.dry_run_facts(found)})

    def backfill(
        self,
        changer: Changer,
        monitor_id: MonitorId,
        query: Annotated[TenantQuery, Query()],
        body: BackfillBody,
    ) -> Response:
        """Judge every whole window of the past and keep what is found; nobody is told."""
        found = self._monitors.find(changer.scope(query.chosen), monitor_id)
        span = window.parse(body.from_, body.to, self._parts.clock())
        states = History(self._parts).backfill(found, span, incidents=body.incidents)
        return Json({"window": interval(span), "windows": sum(states.values()), "states": states})

    def list_results(
        self, reader: Reader, monitor_id: MonitorId, query: Annotated[ResultsQuery, Query()]
    ) -> Response:
        """List what a monitor found, newest window first."""
        tenants = reader.scope(query.chosen)
        if query.state and query.state not in STATES.values():
            raise InvalidInputError(
                f"state is {query.state!r}; use one of {', '.join(STATES.values())}.",
                field="state",
            )
        now = self._parts.clock()
        place = pages.position("monitor_results", query, (int, str, str, str, str), now)
        found = self._monitors.find(tenants, monitor_id)
        rows = self._results.page(
            found, place, state=query.state, feature=query.feature, limit=query.limit + 1
        )
        shown, more = rows[: query.limit], len(rows) > query.limit
        key = (
            "start_ns",
            "feature",
            "dimension",
            "value",
            "statistic",
        )
        following = None
        if more:
            last = tuple(shown[-1][name] for name in key)
            following = pages.next_cursor("monitor_results", place.window, last)
        return Json(
            {
                "window": interval(place.window),
                "as_of": timestamp(now),
                "items": [answers.finding_facts(row) for row in shown],
                "next_cursor": following,
            }
        )

    def _facts(self, monitors: list[Monitor], tenants: list[str]) -> list[dict[str, Any]]:
        standing = self._results.standing(tenants, self._parts.clock() - _STANDING_NS)
        return [answers.monitor_facts(one, standing.get((one.tenant, one.id))) for one in monitors]
