"""The dependency every route behind a key hangs on: it sets `request.state.principal`."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from answerable.auth import Gate
from answerable.locality import is_local
from sql.access import Principal

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="API key",
    description="An API key: from `answerable keys create`, or the one of the first start.",
)


async def authenticate(
    request: Request,
    # Named only so that OpenAPI lists the scheme; the gate reads the header itself.
    _: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> None:
    """Check the caller's key; raises UnauthenticatedError."""
    gate = cast(Gate, request.app.state.gate)
    request.state.principal = gate.principal(
        request.headers.get("authorization"),
        is_local=gate.allows_anonymous_local and is_local(request.scope),
    )


def principal_of(request: Request) -> Principal:
    """Who is asking; for routes behind `authenticate`."""
    return cast(Principal, request.state.principal)


Caller = Annotated[Principal, Depends(principal_of)]
