"""The outermost layer of the HTTP server: exports take the short way, all else is the API.

An export request never meets the API's middleware or its router: one dict look-up and it is with
its receiver. What every model call asks takes the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from answerable.locality import is_local

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from opentelemetry.trace import Tracer
    from starlette.routing import Route
    from starlette.types import ASGIApp, Receive, Scope, Send

#: Read methods of these paths belong to the API, where it has them.
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Front:
    """The ASGI application that the server runs.

    Parameters
    ----------
    exports
        The receiver's routes, and the short ways of the API; each answers every method of its path.
    shared
        Paths of them whose reads are answered by `api`.
    checks_locality
        Whether a sender on this machine may come without a key. Its address is then only
        passed on where nothing says that the request comes from elsewhere.
    traced
        Draws whether an export request gets a span.
    """

    def __init__(
        self,
        api: ASGIApp,
        exports: Sequence[Route],
        *,
        shared: frozenset[str],
        checks_locality: bool,
        tracer: Tracer,
        traced: Callable[[], bool],
    ) -> None:
        self._api = api
        self._exports: Mapping[str, ASGIApp] = {route.path: route.app for route in exports}
        self._shared = shared
        self._checks_locality = checks_locality
        self._tracer = tracer
        self._traced = traced

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the server's start and stop."""
        export = self._export(scope) if scope["type"] == "http" else None
        if export is None:
            await self._api(scope, receive, send)
            return
        if self._checks_locality and not is_local(scope):
            scope["client"] = None
        if not self._traced():
            await export(scope, receive, send)
            return
        with self._tracer.start_as_current_span(f"export {scope['path']}"):
            await export(scope, receive, send)

    def _export(self, scope: Scope) -> ASGIApp | None:
        path: str = scope["path"]
        if path in self._shared and scope["method"] in _READS:
            return None
        return self._exports.get(path)
