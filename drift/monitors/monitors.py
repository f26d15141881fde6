"""Monitors as they are kept: made, changed, removed, found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drift.lookup import only
from drift.monitors import webhook
from drift.monitors.monitor import KIND, Monitor
from drift.monitors.variables import Variables
from sql.errors import ConflictError
from sql.records import LIMIT_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.parts import DriftParts


class Monitors:
    """Keeps monitors as versions of records."""

    def __init__(self, parts: DriftParts) -> None:
        self._records = parts.records
        self._settings = parts.settings

    def list(self, tenants: Sequence[str]) -> list[Monitor]:
        """Read every monitor, by tenant and name; no tenants means all of them."""
        held = self._records.list(KIND, tenants, limit=LIMIT_MAX)
        return [Monitor.from_record(record) for record in held]

    def find(self, tenants: Sequence[str], monitor_id: str) -> Monitor:
        """Read one.

        Raises
        ------
        NotFoundError
            When none of the tenants has it.
        ConflictError
            When several have one of this name.
        """
        found = [one for one in self.list(tenants) if one.id == monitor_id]
        return only(found, "a", "monitor", monitor_id)

    def create(self, monitor: Monitor, *, actor: str, reason: str) -> Monitor:
        """Keep a new monitor.

        Raises
        ------
        ConflictError
            When the tenant has one of this name, or there are as many as there may be.
        InvalidInputError
            When its webhook cannot be.
        """
        held = self.list(())
        if len(held) >= self._settings.drift_monitors_max:
            raise ConflictError(f"There are {len(held)} monitors; delete one first.")
        if any((one.tenant, one.id) == (monitor.tenant, monitor.id) for one in held):
            raise ConflictError(
                f"The tenant {monitor.tenant!r} has a monitor {monitor.id!r}; change that one, or "
                "choose another id.",
                field="id",
            )
        return self._put(monitor, actor, reason, None)

    def change(self, monitor: Monitor, *, actor: str, reason: str, version: int) -> Monitor:
        """Write the next version of one; raises ConflictError where `version` is not the newest."""
        return self._put(monitor, actor, reason, version)

    def remove(self, monitor: Monitor, *, actor: str, reason: str) -> None:
        """End one; what it found stays."""
        self._records.delete(KIND, monitor.id, tenant=monitor.tenant, actor=actor, reason=reason)

    def _put(self, monitor: Monitor, actor: str, reason: str, version: int | None) -> Monitor:
        if monitor.trigger is not None:
            webhook.checked(
                monitor.trigger.webhook,
                monitor.trigger.secret_env,
                variables=Variables.of(self._settings.drift_trigger_variables, monitor.tenant),
                private=self._settings.drift_trigger_private,
            )
        record = self._records.put(
            KIND,
            monitor.id,
            monitor.body(),
            tenant=monitor.tenant,
            actor=actor,
            reason=reason,
            expect_version=version,
        )
        return Monitor.from_record(record)
