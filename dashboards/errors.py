"""The errors of the dashboards.

DashboardError
├── ApiError              the API answered with a problem body (RFC 9457)
└── ApiUnreachableError   no answer: refused, timed out, or not an answer of ours
"""

from __future__ import annotations


class DashboardError(Exception):
    """Base of what a page may meet while it reads the API."""

    def __init__(self, title: str, detail: str) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.title = title
        self.detail = detail


class ApiError(DashboardError):
    """The API refused the request.

    Parameters
    ----------
    status
        HTTP status of the answer.
    title, detail
        What the problem body says, in English.
    field
        The parameter at fault, where the API names one.
    """

    def __init__(self, status: int, title: str, detail: str, field: str | None = None) -> None:
        super().__init__(title, detail)
        self.status = status
        self.field = field


class ApiUnreachableError(DashboardError):
    """The API did not answer, or what answered is not the API."""
