"""What an incident triggers: a CloudEvent with the evidence, kept, and sent until it arrived.

A trigger is a record of its own, so that what was asked of the training pipeline, when, and whether
it was heard can be read years later. It never holds a secret.

References
----------
CloudEvents 1.0.2, https://github.com/cloudevents/spec (structured mode, JSON).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import structlog

from drift.incidents import ACTOR
from drift.monitors import webhook
from drift.monitors.variables import Variables
from sql.records import LIMIT_MAX
from sql.signals import Severity
from web.render import timestamp
from web.window import SECOND_NS

if TYPE_CHECKING:
    from drift.incidents import Incident
    from drift.monitors.monitor import Trigger
    from drift.parts import DriftParts
    from sql.records import Record

_logger = structlog.get_logger(__name__)

KIND = "drift_trigger"
#: Of those that wait, a mark that is deleted when they do no longer: a look at what is due reads
#: these and not every trigger there ever was.
WAITING = "drift_trigger_waiting"
#: kept: nobody is to be told. pending: to be sent. dead: given up, as a dead letter.
STATES = ("kept", "pending", "delivered", "dead")


@dataclass(frozen=True, slots=True)
class Sending:
    """One version of a trigger; its id is that of the incident.

    Parameters
    ----------
    event
        The CloudEvent as it is sent.
    due_ns
        When it is sent next.
    error
        Why the last attempt failed.
    """

    tenant: str
    id: str
    event: dict[str, Any]
    webhook: str
    secret_env: str
    state: str
    attempts: int = 0
    due_ns: int = 0
    error: str = ""
    version: int = 0

    def body(self) -> dict[str, Any]:
        """Write it as the body of a record."""
        return {
            "event": self.event,
            "webhook": self.webhook,
            "secret_env": self.secret_env,
            "state": self.state,
            "attempts": self.attempts,
            "due_ns": self.due_ns,
            "error": self.error,
        }

    @classmethod
    def from_record(cls, record: Record) -> Self:
        """Read a version back."""
        return cls(**record.body, tenant=record.tenant, id=record.id, version=record.version)


class Triggers:
    """Keeps triggers."""

    def __init__(self, parts: DriftParts) -> None:
        self._records = parts.records
        self._clock = parts.clock

    def queue(self, trigger: Trigger, incident: Incident) -> None:
        """Keep the event of an incident, to be sent where the trigger says; once an incident."""
        held = self.get(incident.tenant, incident.id)
        if held is None:
            held = Sending(
                tenant=incident.tenant,
                id=incident.id,
                event=event(trigger, incident, self._clock()),
                webhook=trigger.webhook,
                secret_env=trigger.secret_env,
                state="pending" if trigger.webhook else "kept",
                due_ns=self._clock(),
            )
            self.put(held, reason="incident opened")
        if held.state == "pending" and not self._records.get(WAITING, held.id, held.tenant):
            self._records.put(
                WAITING, held.id, {}, tenant=held.tenant, actor=ACTOR, reason="incident opened"
            )

    def put(self, sending: Sending, *, actor: str = ACTOR, reason: str) -> None:
        """Write a trigger's next version."""
        self._records.put(
            KIND,
            sending.id,
            sending.body(),
            tenant=sending.tenant,
            actor=actor,
            reason=reason,
            expect_version=sending.version,
        )

    def get(self, tenant: str, incident_id: str) -> Sending | None:
        """Read the trigger of an incident."""
        record = self._records.get(KIND, incident_id, tenant)
        return None if record is None else Sending.from_record(record)

    def waiting(self) -> list[Sending]:
        """Read the triggers that wait to be sent, of every tenant."""
        found = []
        for mark in self._records.list(WAITING, (), limit=LIMIT_MAX):
            held = self.get(mark.tenant, mark.id)
            if held is not None and held.state == "pending":
                found.append(held)
            else:
                # A crash came between the end of it and that of its mark.
                self.unmark(mark.tenant, mark.id)
        return found

    def unmark(self, tenant: str, incident_id: str) -> None:
        """Say that a trigger waits no longer."""
        self._records.delete(WAITING, incident_id, tenant=tenant, actor=ACTOR, reason="done")


class TriggerJob:
    """The job that sends what is due; what fails is tried again, ever later, and then given up."""

    def __init__(self, parts: DriftParts) -> None:
        self._triggers = Triggers(parts)
        self._signals = parts.signals
        self._clock = parts.clock
        self._settings = parts.settings

    @property
    def interval_s(self) -> float:
        """Seconds between two looks at what is due."""
        return self._settings.drift_trigger_interval_s

    def run(self) -> None:
        """Send what is due; one that fails holds up no other."""
        now = self._clock()
        for sending in self._triggers.waiting():
            if sending.due_ns <= now:
                self._send(sending)

    def _send(self, sending: Sending) -> None:
        settings = self._settings
        try:
            webhook.send(
                sending.webhook,
                sending.secret_env,
                sending.event,
                now_s=self._clock() // SECOND_NS,
                timeout_s=settings.drift_trigger_timeout_s,
                variables=Variables.of(settings.drift_trigger_variables, sending.tenant),
                private=settings.drift_trigger_private,
            )
        except webhook.WebhookError as error:
            self._failed(sending, error)
            return
        done = replace(sending, state="delivered", attempts=sending.attempts + 1, error="")
        self._triggers.put(done, reason="delivered")
        self._triggers.unmark(done.tenant, done.id)

    def _failed(self, sending: Sending, error: webhook.WebhookError) -> None:
        attempts = sending.attempts + 1
        dead = error.final or attempts >= self._settings.drift_trigger_attempts_max
        wait_s = self._settings.drift_trigger_backoff_s * 2 ** (attempts - 1)
        failed = replace(
            sending,
            state="dead" if dead else "pending",
            attempts=attempts,
            due_ns=self._clock() + round(wait_s * SECOND_NS),
            error=str(error),
        )
        _logger.warning("trigger_failed", incident=sending.id, attempts=attempts, dead=dead)
        if dead:
            self._bury(failed)
        self._triggers.put(failed, reason="given up" if dead else "to be tried again")
        if dead:
            self._triggers.unmark(failed.tenant, failed.id)

    def _bury(self, sending: Sending) -> None:
        """Say that nobody heard of an incident."""
        self._signals.raise_(
            "drift_trigger",
            sending.id,
            tenant=sending.tenant,
            value=float(sending.attempts),
            threshold=float(self._settings.drift_trigger_attempts_max),
            severity=Severity.CRITICAL,
            link=f"/v1/drift/incidents/{sending.id}",
            body={"incident_id": sending.id, "error": sending.error},
        )


def event(trigger: Trigger, incident: Incident, now_ns: int) -> dict[str, Any]:
    """Write an incident as a CloudEvent."""
    source = f"/v1/monitors/{quote(incident.monitor_id, safe='')}"
    return {
        "specversion": "1.0",
        "id": f"{incident.tenant}/{incident.id}",
        "source": source,
        "type": trigger.event,
        "subject": incident.model,
        "time": timestamp(now_ns),
        "datacontenttype": "application/json",
        "data": {
            "incident_id": incident.id,
            "tenant": incident.tenant,
            "model": incident.model,
            "monitor": {
                "id": incident.monitor_id,
                "version": incident.monitor_version,
                "kind": incident.kind,
            },
            "severity": incident.severity,
            "reference_id": incident.reference_id,
            "window": {
                "from": timestamp(incident.window_start_ns),
                "to": timestamp(incident.window_end_ns),
            },
            "drifted": len(incident.keys),
            "findings": list(incident.findings),
        },
    }
