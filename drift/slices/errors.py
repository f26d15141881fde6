"""Errors of searches for slices.

AnswerableError
└── BusyError    503  as many searches run as may
"""

from __future__ import annotations

from sql.errors import AnswerableError


class BusyError(AnswerableError):
    """As many searches run as may; the same call succeeds later."""

    status = 503
    title = "Busy"
