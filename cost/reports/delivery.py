"""Makes the reports that are due: each period once, also after the service was away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from cost.reports.files import ReportFiles
from cost.reports.formats import FORMATS
from cost.reports.orders import order_of
from cost.reports.report import build
from cost.reports.schedules import schedules
from cost.reports.sums import Sums
from sql.errors import AnswerableError
from sql.signals import Severity
from web.window import SECOND_NS

if TYPE_CHECKING:
    from cost.parts import CostParts
    from cost.reports.conversion import RatesAt
    from cost.reports.periods import Period
    from cost.reports.schedules import Schedule

_logger = structlog.get_logger(__name__)

SIGNAL = "report"

#: Files made for one schedule in one run; the rest of a long absence follows in the next.
_FILES_MAX = 50


class ReportDelivery:
    """The job that makes scheduled reports.

    A report is a file and then a signal. Each is made where it is missing, so a crash between the
    two, or before either, is made good by the next run and nothing is made twice.
    """

    def __init__(self, parts: CostParts, rates_at: RatesAt) -> None:
        self._parts = parts
        self._sums = Sums(parts.store, rates_at)
        self._files = ReportFiles(parts.settings.report_dir)

    @property
    def interval_s(self) -> float:
        """Seconds between two looks at what is due."""
        return self._parts.settings.report_interval_s

    def run(self) -> None:
        """Make what is due; a report that fails holds up no other.

        Raises
        ------
        AnswerableError
            The first failure, after all the others were tried.
        """
        failed: AnswerableError | None = None
        for schedule in schedules(self._parts.records, ()):
            try:
                self._deliver(schedule)
            except AnswerableError as error:
                _logger.warning("report_failed", schedule=schedule.id, error=error.detail)
                failed = failed or error
        if failed is not None:
            raise failed

    def _deliver(self, schedule: Schedule) -> None:
        settled_ns = self._parts.clock() - round(self._parts.settings.report_delay_s * SECOND_NS)
        made = 0
        for period in schedule.periods(settled_ns):
            if made == _FILES_MAX:
                return
            made += self._make(schedule, period)

    def _make(self, schedule: Schedule, period: Period) -> bool:
        """Make the file and the signal of a period where they are missing."""
        order = order_of(schedule, period, self._parts.clock())
        form = FORMATS[schedule.format]
        name = form.named(order)
        missing = not self._files.has(schedule.id, name)
        if missing:
            report = build(self._parts.store, self._sums, order, self._parts.clock())
            self._files.write(schedule.id, name, form.write(report))
        return self._announce(schedule, period, name) or missing

    def _announce(self, schedule: Schedule, period: Period, name: str) -> bool:
        subject = f"{schedule.id}/{period.name}"
        ended_ns = period.window(schedule.time_zone).to_ns
        signals = self._parts.signals
        held = signals.list(
            [schedule.tenant],
            start_ns=ended_ns,
            end_ns=ended_ns + 1,
            kinds=[SIGNAL],
            subjects=[subject],
            limit=1,
        )
        if held:
            return False
        signals.raise_(
            SIGNAL,
            subject,
            tenant=schedule.tenant,
            value=1.0,
            threshold=0.0,
            severity=Severity.INFO,
            link=f"/v1/reports/{schedule.id}/files/{name}",
            body={
                "schedule": schedule.name,
                "period": period.name,
                "format": schedule.format,
                "file": name,
            },
            time_ns=ended_ns,
        )
        return True
