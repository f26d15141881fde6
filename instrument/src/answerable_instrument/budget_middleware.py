"""ASGI middleware: no request is worked on that its budget does not allow."""

import inspect
import json
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, Literal

from answerable_instrument.budget_answers import DEFER, Answer
from answerable_instrument.budget_errors import BudgetDenied, BudgetUnavailableError
from answerable_instrument.budget_service import BudgetService
from answerable_instrument.budgeted_calls import BudgetedCall, Unreachable
from answerable_instrument.budgets import budget
from answerable_instrument.middleware import App, Receive, Scope, Send

#: Where the application finds the call of its request in the scope.
SCOPE_KEY: Final = "answerable.budget"

#: Gives the arguments of ``budget()`` for a request, or None where none is needed.
Resolver = Callable[[Scope], Mapping[str, Any] | Awaitable[Mapping[str, Any] | None] | None]

_RETRY_AFTER_S_MAX: Final = 86_400


class BudgetMiddleware:
    """Reserve for every request, and answer 429 or 402 in its place where that is denied.

    A denial that ends by itself, as when a month is over, is a 429 with ``Retry-After``; one that
    somebody has to change is a 402. Bodies are ``application/problem+json``. The application
    reports what it used through ``current_budget()`` or ``scope["answerable.budget"]``; the
    reservation is settled once the response, a stream included, has ended.

    Parameters
    ----------
    app
        The application to wrap.
    resolve
        Function, also asynchronous, from the ASGI scope to the arguments of ``budget()``, such as
        ``{"model": "gpt-5-mini", "max_tokens": 800, "user": ...}``; None lets a request pass
        without a reservation.
    on_unreachable
        What to do without an answer: ``fail_open`` goes on, ``fail_closed`` answers 503.
    on_defer
        ``deny`` answers 429 where the budget asks to defer; ``pass`` lets the application look
        at ``decision``.
    service
        Whom to ask; else where telemetry goes.
    exclude_paths
        Paths that are never asked about, such as ``/healthz``.
    """

    def __init__(
        self,
        app: App,
        resolve: Resolver,
        *,
        on_unreachable: Unreachable,
        on_defer: Literal["deny", "pass"] = "deny",
        service: BudgetService | None = None,
        exclude_paths: Iterable[str] = (),
    ) -> None:
        self._app = app
        self._resolve = resolve
        self._on_unreachable = on_unreachable
        self._on_defer: Literal["raise", "return"] = "raise" if on_defer == "deny" else "return"
        self._service = service
        self._exclude_paths = frozenset(exclude_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with a reservation, or answer in its place."""
        if scope["type"] != "http" or scope.get("path") in self._exclude_paths:
            await self._app(scope, receive, send)
            return
        found = self._resolve(scope)
        wanted = await found if inspect.isawaitable(found) else found
        if wanted is None:
            await self._app(scope, receive, send)
            return
        call = self._call(wanted)
        try:
            await call.__aenter__()
        except BudgetDenied as denial:
            await _answer(send, *_denied(denial.answer))
            return
        except BudgetUnavailableError as error:
            await _answer(send, 503, "Budget unavailable", {"detail": str(error)}, retry_after_s=5)
            return
        await self._run(call, scope, receive, send)

    def _call(self, wanted: Mapping[str, Any]) -> BudgetedCall:
        chosen: dict[str, Any] = {
            "on_unreachable": self._on_unreachable,
            "on_defer": self._on_defer,
            "service": self._service,
        }
        return budget(**{**chosen, **wanted})

    async def _run(self, call: BudgetedCall, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app({**scope, SCOPE_KEY: call}, receive, send)
        except BaseException as error:
            await call.__aexit__(type(error), error, error.__traceback__)
            raise
        await call.__aexit__(None, None, None)


def _denied(answer: Answer) -> tuple[int, str, dict[str, Any], int | None]:
    """Say no: 429 where waiting helps, 402 where it does not."""
    deferred = answer.decision == DEFER
    told = {"detail": answer.detail, "decision": answer.decision, "reason": answer.reason}
    if answer.resets_at is None and not deferred:
        return 402, "Budget denied", told, None
    left_s = None
    if answer.resets_at is not None:
        left_s = math.ceil(answer.resets_at.timestamp() - time.time())
    title = "Deferred by the budget" if deferred else "Budget exhausted"
    return 429, title, told, left_s


async def _answer(
    send: Send, status: int, title: str, told: Mapping[str, Any], retry_after_s: int | None
) -> None:
    body = json.dumps({"type": "about:blank", "title": title, "status": status, **told}).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if retry_after_s is not None:
        bounded = min(max(1, retry_after_s), _RETRY_AFTER_S_MAX)
        headers.append((b"retry-after", str(bounded).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
