"""Incidents: what a monitor found drifted, with the evidence, kept as versions of a record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import orjson

from drift.lookup import only
from sql.errors import ConflictError
from sql.records import FAR_FUTURE_NS, Record
from web.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.parts import DriftParts

KIND = "drift_incident"
STATES = ("open", "acknowledged", "closed")
#: Findings an incident shows; how many there are it counts.
FINDINGS_MAX = 50
#: Who writes what no person did.
ACTOR = "answerable"
#: Most incidents read at once.
PAGE_MAX = 1000

_EVER = Window(0, FAR_FUTURE_NS)
#: Before the first page.
START = (FAR_FUTURE_NS, "", "")


@dataclass(frozen=True, slots=True)
class Incident:
    """One version of an incident.

    Parameters
    ----------
    window_start_ns, window_end_ns
        The window that confirmed it.
    findings
        The evidence, the largest effect first, at most `FINDINGS_MAX`.
    keys
        Feature, dimension, value and statistic of everything that is part of it.
    historical
        Whether a backfill found it: it is closed from the start, and nobody was told.
    """

    tenant: str
    id: str
    monitor_id: str
    monitor_version: int
    kind: str
    model: str
    reference_id: str
    severity: str
    state: str
    window_start_ns: int
    window_end_ns: int
    opened_ns: int
    findings: tuple[dict[str, Any], ...]
    keys: tuple[tuple[str, ...], ...]
    historical: bool = False
    note: str = ""
    changed_by: str = ""
    changed_ns: int = 0
    version: int = 0

    def body(self) -> dict[str, Any]:
        """Write it as the body of a record."""
        return {
            "monitor_id": self.monitor_id,
            "monitor_version": self.monitor_version,
            "kind": self.kind,
            "model": self.model,
            "reference_id": self.reference_id,
            "severity": self.severity,
            "state": self.state,
            "window_start_ns": self.window_start_ns,
            "window_end_ns": self.window_end_ns,
            "opened_ns": self.opened_ns,
            "findings": list(self.findings),
            "keys": [list(key) for key in self.keys],
            "historical": self.historical,
            "note": self.note,
        }

    @classmethod
    def from_record(cls, record: Record) -> Self:
        """Read a version back."""
        body = dict(record.body)
        body["findings"] = tuple(body["findings"])
        body["keys"] = tuple(tuple(key) for key in body["keys"])
        return cls(
            **body,
            tenant=record.tenant,
            id=record.id,
            changed_by=record.actor,
            changed_ns=record.recorded_at_ns,
            version=record.version,
        )

    @property
    def position(self) -> tuple[int, str, str]:
        """Where the next page starts."""
        return (self.opened_ns, self.tenant, self.id)

    def holds(self, key: Sequence[str]) -> bool:
        """Whether a finding is part of it."""
        return tuple(key) in self.keys


class Incidents:
    """Opens, extends, reads and closes incidents."""

    def __init__(self, parts: DriftParts) -> None:
        self._records = parts.records
        self._store = parts.store

    def put(self, incident: Incident, *, actor: str = ACTOR, reason: str) -> Incident:
        """Write an incident's next version."""
        record = self._records.put(
            KIND,
            incident.id,
            incident.body(),
            tenant=incident.tenant,
            actor=actor,
            reason=reason,
            expect_version=incident.version,
        )
        return Incident.from_record(record)

    def page(
        self,
        tenants: Sequence[str],
        *,
        window: Window = _EVER,
        before: tuple[int | str, ...] = START,
        limit: int = PAGE_MAX,
        **wanted: str,
    ) -> list[Incident]:
        """Read incidents, those opened last first; no tenants means all of them.

        Parameters
        ----------
        window
            When they were opened.
        before
            `position` of the last one of the page before.
        wanted
            id, state, model, monitor_id; any where left out.
        """
        names = ("before_ns", "before_tenant", "before_id")
        parameters = {
            "tenants": [*tenants],
            "from_ns": window.from_ns,
            "to_ns": window.to_ns,
            **dict(zip(names, before, strict=True)),
            **{name: wanted.get(name, "") for name in ("id", "state", "model", "monitor_id")},
            "limit": limit,
        }
        rows = self._store.query("drift/incidents", parameters)
        return [
            Incident.from_record(Record(**{**row, "body": orjson.loads(row["body"])}))
            for row in rows
        ]

    def get(self, tenants: Sequence[str], incident_id: str) -> Incident:
        """Read one.

        Raises
        ------
        NotFoundError
            When none of the tenants has it.
        ConflictError
            When several have one of this name.
        """
        return only(self.page(tenants, id=incident_id), "an", "incident", incident_id)

    def settle(self, incident: Incident, state: str, *, actor: str, note: str) -> Incident:
        """Acknowledge or close an incident.

        Raises
        ------
        ConflictError
            When it is closed already, or acknowledged and is to be again.
        """
        if STATES.index(state) <= STATES.index(incident.state):
            raise ConflictError(f"The incident {incident.id!r} is {incident.state} already.")
        settled = replace(incident, state=state, note=note or incident.note)
        return self.put(settled, actor=actor, reason=note or state)
