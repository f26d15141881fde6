"""`/v1/drift/incidents`: what drifted, with the evidence, and whether somebody saw to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from drift.api.incident_shapes import IncidentPage, IncidentShape, IncidentsQuery, SettleBody
from drift.api.monitors import Changer
from drift.incidents import START, STATES, Incident, Incidents
from drift.monitors.triggers import Sending, Triggers
from drift.parts import DriftParts
from sql.errors import InvalidInputError
from web import pages
from web.parameters import TenantQuery
from web.principal import Reader
from web.render import Json, interval, timestamp
from web.window import Window

IncidentId = Annotated[str, Path(max_length=300, description="As the list shows it.")]


class IncidentResource:
    """Lists incidents and lets them be acknowledged and closed."""

    def __init__(self, parts: DriftParts) -> None:
        self._clock = parts.clock
        self._incidents = Incidents(parts)
        self._triggers = Triggers(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/drift/incidents", tags=["drift"])
        router.get("", response_model=IncidentPage)(self.list_incidents)
        router.get("/{incident_id}", response_model=IncidentShape)(self.read_incident)
        router.post("/{incident_id}/acknowledge", response_model=IncidentShape)(self.acknowledge)
        router.post("/{incident_id}/close", response_model=IncidentShape)(self.close)
        return router

    def list_incidents(self, reader: Reader, query: Annotated[IncidentsQuery, Query()]) -> Response:
        """List the incidents opened in a window, newest first."""
        tenants = reader.scope(query.chosen)
        if query.state and query.state not in STATES:
            raise InvalidInputError(
                f"state is {query.state!r}; use one of {', '.join(STATES)}.", field="state"
            )
        now = self._clock()
        # The window's end is not included, and what was just opened is to be seen.
        place = pages.position("incidents", query, (int, str, str), now + 1)
        found = self._incidents.page(
            tenants,
            window=place.window,
            before=place.after or START,
            limit=query.limit + 1,
            state=query.state,
            model=query.model,
            monitor_id=query.monitor,
        )
        shown, more = found[: query.limit], len(found) > query.limit
        following = None
        if more:
            following = pages.next_cursor("incidents", place.window, shown[-1].position)
        return Json(
            {
                "window": interval(place.window),
                "as_of": timestamp(now),
                "items": [_item(one, self._triggers.get(one.tenant, one.id)) for one in shown],
                "next_cursor": following,
            }
        )

    def read_incident(
        self, reader: Reader, incident_id: IncidentId, query: Annotated[TenantQuery, Query()]
    ) -> Response:
        """Read one incident with its evidence and what it triggered."""
        found = self._incidents.get(reader.scope(query.chosen), incident_id)
        return Json(self._facts(found))

    def acknowledge(
        self,
        changer: Changer,
        incident_id: IncidentId,
        query: Annotated[TenantQuery, Query()],
        body: SettleBody,
    ) -> Response:
        """Say that somebody looks into it."""
        found = self._incidents.get(changer.scope(query.chosen), incident_id)
        return Json(
            self._facts(
                self._incidents.settle(found, "acknowledged", actor=changer.key_id, note=body.note)
            )
        )

    def close(
        self,
        changer: Changer,
        incident_id: IncidentId,
        query: Annotated[TenantQuery, Query()],
        body: SettleBody,
    ) -> Response:
        """Say that it is done with; drift that lasts opens another after the cool-down."""
        found = self._incidents.get(changer.scope(query.chosen), incident_id)
        return Json(
            self._facts(
                self._incidents.settle(found, "closed", actor=changer.key_id, note=body.note)
            )
        )

    def _facts(self, incident: Incident) -> dict[str, Any]:
        trigger = self._triggers.get(incident.tenant, incident.id)
        return {
            **_item(incident, trigger),
            "findings": list(incident.findings),
            "event": None if trigger is None else trigger.event,
        }


def _item(one: Incident, trigger: Sending | None) -> dict[str, Any]:
    first = one.findings[0]
    return {
        "id": one.id,
        "tenant": one.tenant,
        "state": one.state,
        "opened_at": timestamp(one.opened_ns),
        "model": one.model,
        "monitor_id": one.monitor_id,
        "monitor_version": one.monitor_version,
        "kind": one.kind,
        "severity": one.severity,
        "window": interval(Window(one.window_start_ns, one.window_end_ns)),
        "reference_id": one.reference_id,
        "drifted": len(one.keys),
        **{name: first[name] for name in ("feature", "dimension", "value", "statistic")},
        **{name: first[name] for name in ("estimate", "low", "high")},
        "note": one.note,
        "historical": one.historical,
        "changed_at": timestamp(one.changed_ns),
        "changed_by": one.changed_by,
        "version": one.version,
        "trigger": None if trigger is None else _trigger(trigger),
    }


def _trigger(one: Sending) -> dict[str, Any]:
    return {"state": one.state, "attempts": one.attempts, "error": one.error}
