"""The budget service over HTTP: kept connections, one bound on the time of every call."""

import http.client
import json
import os
import threading
import time
import weakref
from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from answerable_instrument.budget_errors import BudgetRefusedError, BudgetUnavailableError
from answerable_instrument.configuration import configured_target
from answerable_instrument.guard import note
from answerable_instrument.targets import Target, resolve_target

_ANSWER_BYTES_MAX: Final = 1 << 20
_PATH: Final = "/v1/budgets/"

Verb = Literal["reserve", "settle", "release", "extend"]


class BudgetService:
    """Asks one budget service; safe to share between threads.

    Parameters
    ----------
    endpoint
        Base URL; else ``ANSWERABLE_BUDGET_ENDPOINT``, else where telemetry goes.
    key
        API key; else the one telemetry is sent with.
    timeout_s
        Longest wait for one answer, connecting included, in seconds.
    connections_max
        Connections that are kept open.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        key: str | None = None,
        *,
        timeout_s: float = 2.0,
        connections_max: int = 8,
    ) -> None:
        target = _target(endpoint or os.environ.get("ANSWERABLE_BUDGET_ENDPOINT"), key)
        if target.exposes_key:
            note("setup", "budget", "the key crosses the network unencrypted; use https")
        self.timeout_s = timeout_s
        self._problem = target.problem
        self._url = urlsplit(target.endpoint)
        self._headers = {name: text for name, text in target.headers.items() if text}
        self._headers["content-type"] = "application/json"
        self._connections_max = connections_max
        self._lock = threading.Lock()
        self._idle: list[http.client.HTTPConnection] = []
        self._closed = False
        self._pid = os.getpid()
        weakref.finalize(self, _close, self._idle)

    def ask(self, verb: Verb, body: Mapping[str, object]) -> dict[str, Any]:
        """Ask about a budget and return the answer; raises as `post` does."""
        return self.post(f"{_PATH}{verb}", body)

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Send one request to a path of the service and return its answer.

        Raises
        ------
        BudgetUnavailableError
            Without an answer in time, or where the service says it cannot answer now.
        BudgetRefusedError
            Where it says that the request is wrong.
        """
        if self._problem is not None:
            raise BudgetUnavailableError(self._problem)
        deadline = time.monotonic() + self.timeout_s
        status, content = self._exchanged(path, json.dumps(body).encode(), deadline)
        try:
            answer = json.loads(content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise BudgetUnavailableError(f"{self._url.netloc} answered {status} and no JSON")
        if status == 200:
            return answer
        detail = str(answer.get("detail") or f"the service answered {status}")
        if 400 <= status < 500 and status != 429:
            raise BudgetRefusedError(status, detail)
        raise BudgetUnavailableError(detail)

    def close(self) -> None:
        """Close the connections that are kept, and keep none from now on."""
        with self._lock:
            self._closed = True
            _close(self._idle)

    def _exchanged(self, path: str, body: bytes, deadline: float) -> tuple[int, bytes]:
        kept = self._kept()
        if kept is not None:
            try:
                return self._exchange(kept, path, body, deadline)
            except (http.client.HTTPException, ConnectionError):
                # The other side closed a connection it had kept; reservations carry an
                # identifier, so the same request again is the same request.
                kept.close()
            except OSError as error:
                kept.close()
                raise self._unavailable(error) from error
        fresh = self._fresh()
        try:
            return self._exchange(fresh, path, body, deadline)
        except (http.client.HTTPException, OSError) as error:
            fresh.close()
            raise self._unavailable(error) from error

    def _exchange(
        self, connection: http.client.HTTPConnection, path: str, body: bytes, deadline: float
    ) -> tuple[int, bytes]:
        connection.timeout = _left(deadline)
        if connection.sock is None:
            connection.connect()
        connection.sock.settimeout(_left(deadline))
        whole = f"{self._url.path.rstrip('/')}{path}"
        connection.request("POST", whole, body, self._headers)
        connection.sock.settimeout(_left(deadline))
        response = connection.getresponse()
        content = response.read(_ANSWER_BYTES_MAX)
        if response.will_close or not response.isclosed():
            connection.close()
        else:
            self._keep(connection)
        return response.status, content

    def _unavailable(self, error: Exception) -> BudgetUnavailableError:
        reason = str(error) or type(error).__name__
        return BudgetUnavailableError(f"no answer from {self._url.netloc}: {reason}")

    def _kept(self) -> http.client.HTTPConnection | None:
        with self._lock:
            if self._pid != os.getpid():
                # After a fork both processes would write into the same connections.
                self._pid = os.getpid()
                _close(self._idle)
            return self._idle.pop() if self._idle else None

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < self._connections_max:
                self._idle.append(connection)
                return
        connection.close()

    def _fresh(self) -> http.client.HTTPConnection:
        kind = (
            http.client.HTTPSConnection
            if self._url.scheme == "https"
            else http.client.HTTPConnection
        )
        return kind(self._url.hostname or "", self._url.port, timeout=self.timeout_s)


def _close(connections: list[http.client.HTTPConnection]) -> None:
    while connections:
        connections.pop().close()


class _Default:
    """The service of callers that bring none; one for each target."""

    lock = threading.Lock()
    services: dict[tuple[str, ...], BudgetService] = {}  # noqa: RUF012  Shared on purpose.


def default_service() -> BudgetService:
    """Return the service that the set-up and the environment name."""
    target = _target(os.environ.get("ANSWERABLE_BUDGET_ENDPOINT"), None)
    name = (target.endpoint, target.headers.get("authorization", ""))
    with _Default.lock:
        if name not in _Default.services:
            _Default.services.clear()
            _Default.services[name] = BudgetService()
        return _Default.services[name]


def _target(endpoint: str | None, key: str | None) -> Target:
    configured = configured_target()
    if configured is not None and configured.protocol != "grpc" and not endpoint and not key:
        return configured
    return resolve_target(endpoint, key, "http/protobuf", os.environ)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left
