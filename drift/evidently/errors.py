"""Errors of Evidently's reports.

AnswerableError
├── EvidentlyAbsentError    501  no interpreter with Evidently is set, or it has none
├── EvidentlyFailedError    502  Evidently could not draw this report
├── EvidentlySlowError      504  it took longer than it may
└── EvidentlyBusyError      503  as many reports are drawn as may be
"""

from __future__ import annotations

from sql.errors import AnswerableError


class EvidentlyAbsentError(AnswerableError):
    """There is no Evidently to draw with; the message says how to install it."""

    status = 501
    title = "Evidently is not installed"


class EvidentlyFailedError(AnswerableError):
    """Evidently ended with an error, which the message holds."""

    status = 502
    title = "Evidently failed"


class EvidentlySlowError(AnswerableError):
    """The report took longer than `evidently_timeout_s`."""

    status = 504
    title = "Evidently took too long"


class EvidentlyBusyError(AnswerableError):
    """As many reports are drawn as may be; the same call succeeds later."""

    status = 503
    title = "Busy"
