"""Compares the sums that reports read with the charges they were made of, day by day.

The sums are made of what was booked between two watermarks. A charge that took longer to be seen
than `rollup_lag_s` would be missing from them; this says so rather than let a report be wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from sql.signals import Severity
from web.window import DAY_NS

if TYPE_CHECKING:
    from cost.parts import CostParts

_logger = structlog.get_logger(__name__)


#: The kind of the signal that a difference raises.
SIGNAL = "charge_sums_differ"


class Verification:
    """The job that checks the sums of the last full days."""

    def __init__(self, parts: CostParts) -> None:
        self._store = parts.store
        self._clock = parts.clock
        self._signals = parts.signals
        self._settings = parts.settings

    @property
    def interval_s(self) -> float:
        """Seconds between two checks."""
        return self._settings.verification_interval_s

    def run(self) -> None:
        """Check the last days, today's included as far as they are summed up."""
        today_ns = self._clock() // DAY_NS * DAY_NS
        for back in range(self._settings.verification_days):
            self._check(today_ns - back * DAY_NS)

    def _check(self, day_ns: int) -> None:
        bounds = {"from_ns": day_ns, "to_ns": day_ns + DAY_NS}
        for row in self._store.query("cost/rollup_differences", bounds):
            tenant = row.pop("tenant")
            body = {name: str(value) for name, value in row.items()}
            _logger.error("charge_sums_differ", tenant=tenant, day_ns=day_ns, **body)
            self._signals.raise_(
                SIGNAL,
                "charges",
                tenant=tenant,
                value=float(row["difference_cost"]),
                threshold=0.0,
                severity=Severity.CRITICAL,
                body=body,
                time_ns=day_ns,
            )
