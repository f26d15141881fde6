"""The app factory: every route, every error, one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from fastapi import Depends
from fastapi.exceptions import RequestValidationError
from opentelemetry.trace import Tracer
from starlette.exceptions import HTTPException

import collector.api
import cost.catalog
import drift.catalog
from answerable import __version__, calls, problems
from answerable.api import docs, health, keys, me
from answerable.api.caller import authenticate
from answerable.auth import Gate
from answerable.description import DESCRIPTION, DescribedApi
from answerable.front import Front
from answerable.keyring import Keyring
from answerable.metrics import ServiceMetrics
from answerable.readiness import Readiness
from answerable.requests import RequestFrame
from collector.receivers.otlp_http import OtlpHttpReceiver
from cost.parts import CostParts
from drift.parts import DriftParts
from sql.client import Store
from sql.clock import Clock
from sql.errors import AnswerableError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp


#: Paths an export and a read share.
SHARED_PATHS = frozenset({"/v1/traces"})


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is put together from.

    Parameters
    ----------
    ids
        Makes request identifiers.
    traced
        Draws whether an export request gets a span of its own.
    """

    store: Store
    cost: CostParts
    drift: DriftParts
    keyring: Keyring
    gate: Gate
    readiness: Readiness
    metrics: ServiceMetrics
    receiver: OtlpHttpReceiver
    clock: Clock
    monotonic_ns: Callable[[], int]
    ids: Callable[[], str]
    tracer: Tracer
    traced: Callable[[], bool]


def create_app(parts: Parts, *, http_threads: int) -> ASGIApp:
    """Build what the HTTP server runs.

    Parameters
    ----------
    http_threads
        API requests that query the store at one time.
    """
    api = _api(parts, http_threads)
    framed = RequestFrame(
        api,
        ids=parts.ids,
        monotonic_ns=parts.monotonic_ns,
        metrics=parts.metrics,
        tracer=parts.tracer,
    )
    return Front(
        framed,
        [*parts.receiver.routes, *calls.routes(parts, framed)],
        shared=SHARED_PATHS,
        checks_locality=parts.gate.allows_anonymous_local,
        tracer=parts.tracer,
        traced=parts.traced,
    )


def _api(parts: Parts, http_threads: int) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = http_threads
        yield

    api = DescribedApi(
        title="Answerable",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        exception_handlers=_handlers(),
    )
    api.state.gate = parts.gate
    api.include_router(health.router(parts.readiness, parts.metrics, parts.gate))
    api.include_router(docs.router(api))
    guarded = [
        me.router(),
        keys.router(parts.keyring, parts.clock),
        *collector.api.routers(parts.store, parts.clock),
        *(build(parts.cost).router() for build in cost.catalog.RESOURCES.values()),
        *(build(parts.drift).router() for build in drift.catalog.RESOURCES.values()),
    ]
    for router in guarded:
        api.include_router(router, dependencies=[Depends(authenticate)])
    return api


def _handlers() -> dict[
    int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]
]:
    async def expected(request: Request, error: AnswerableError) -> Response:
        return problems.of_answerable(request, error)

    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return problems.of_validation(request, error)

    async def refused(request: Request, error: HTTPException) -> Response:
        return problems.of_http(request, error)

    async def crashed(request: Request, error: Exception) -> Response:
        return problems.of_crash(request, error)

    return {
        AnswerableError: expected,
        RequestValidationError: invalid,
        HTTPException: refused,
        Exception: crashed,
    }
