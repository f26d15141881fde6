"""The read API: what was stored, over HTTP, for whoever may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from collector.api.decisions import Decisions
from collector.api.ledger import Ledger
from collector.api.overview import Overview
from collector.api.services import Services
from collector.api.traces import Traces
from collector.api.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import APIRouter

    from sql.client import Store


class Resource(Protocol):
    """What answers under one path."""

    def router(self) -> APIRouter:
        """Build the routes."""
        ...


#: Every resource, by the first part of its path under /v1/.
RESOURCES: dict[str, Callable[[Store, Callable[[], int]], Resource]] = {
    "overview": Overview,
    "ledger": Ledger,
    "traces": Traces,
    "decisions": Decisions,
    "usage": Usage,
    "services": Services,
}


def routers(store: Store, clock_ns: Callable[[], int]) -> list[APIRouter]:
    """Build the routes of every resource.

    The application puts a `sql.access.Principal` on `request.state.principal` and renders
    AnswerableError and RequestValidationError. `/v1/traces` is read by GET and written by POST,
    so it also keeps the OTLP routes from answering for these.

    Parameters
    ----------
    clock_ns
        Now, in UTC nanoseconds; relative windows and `as_of` are reckoned from it.
    """
    return [resource(store, clock_ns).router() for resource in RESOURCES.values()]
