"""Is it alive, is it ready, and its metrics: for probes and Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from answerable.auth import Gate
from answerable.locality import is_local
from answerable.metrics import CONTENT_TYPE, ServiceMetrics
from answerable.readiness import OK, Readiness
from sql.access import Role


class Health(BaseModel):
    """The process answers."""

    status: str = OK


class Ready(BaseModel):
    """Whether requests should be sent here.

    Parameters
    ----------
    store
        `ok`, or what is wrong with it.
    checks
        Every check by name.
    """

    status: str
    store: str
    checks: dict[str, str]


def router(readiness: Readiness, metrics: ServiceMetrics, gate: Gate) -> APIRouter:
    """Build the router; its routes need no key, with one exception at /metrics."""
    api = APIRouter(tags=["health"])

    @api.get("/healthz", summary="Alive")
    async def healthz() -> Health:
        """Answer 200 as long as the process runs; restart it when this does not answer."""
        return Health()

    @api.get("/readyz", summary="Ready", responses={503: {"model": Ready}})
    def readyz(response: Response) -> Ready:
        """Answer 200 when the store answers, data is taken and there is disk; else 503."""
        checks = readiness.checks()
        ready = all(state == OK for state in checks.values())
        response.status_code = 200 if ready else 503
        return Ready(status="ready" if ready else "not ready", store=checks["store"], checks=checks)

    @api.get(
        "/metrics",
        summary="Prometheus metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}},
    )
    async def prometheus(request: Request) -> Response:
        """Answer this machine's own programs without a key, others with one that may read."""
        if not is_local(request.scope):
            principal = gate.principal(request.headers.get("authorization"), is_local=False)
            principal.require(Role.VIEWER, Role.OPERATOR)
        return Response(metrics.page(), media_type=CONTENT_TYPE)

    return api
