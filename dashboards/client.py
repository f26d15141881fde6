"""A typed client of the read API; knows HTTP and problem bodies, not Streamlit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

import httpx

from dashboards.errors import ApiError, ApiUnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.contract import Decision, Ledger, Me, Overview, Page, Trace

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Params = dict[str, str]


def open_transport(api_url: str, *, timeout_s: float, connections: int) -> httpx.Client:
    """Open the connection pool all visitors share; it holds no key.

    A proxy from the environment is not used for a loopback address, where it cannot work.
    """
    return httpx.Client(
        base_url=api_url,
        timeout=timeout_s,
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        trust_env=urlsplit(api_url).hostname not in _LOOPBACK,
        headers={"Accept": "application/json", "User-Agent": "answerable-dashboards"},
    )


class ApiClient:
    """The read API as one visitor sees it.

    Parameters
    ----------
    http
        The shared pool of `open_transport`.
    key
        The visitor's API key, or None where the service allows anonymous reading.
    """

    def __init__(self, http: httpx.Client, key: str | None) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def me(self) -> Me:
        """Who this client acts as."""
        return cast("Me", self.get("/v1/me"))

    def overview(self, params: Params) -> Overview:
        """Totals and series of one window."""
        return cast("Overview", self.get("/v1/overview", params))

    def ledger(self, params: Params) -> Ledger:
        """Read what became of everything that was sent."""
        return cast("Ledger", self.get("/v1/ledger", params))

    def traces(self, params: Params) -> Page:
        """One page of trace summaries, newest first."""
        return cast("Page", self.get("/v1/traces", params))

    def trace(self, trace_id: str, params: Params) -> Trace:
        """One whole trace."""
        return cast("Trace", self.get(f"/v1/traces/{quote(trace_id, safe='')}", params))

    def decisions(self, params: Params) -> Page:
        """One page of decisions, newest first."""
        return cast("Page", self.get("/v1/decisions", params))

    def decision(self, decision_id: str, params: Params) -> Decision:
        """One decision with everything recorded about it."""
        return cast("Decision", self.get(f"/v1/decisions/{quote(decision_id, safe='')}", params))

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Read one answer; empty parameters are not sent.

        Raises
        ------
        DashboardError
            When the API refuses, or does not answer.
        """
        return _body(self._sent("GET", path, params))

    def download(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """Read an answer that is a file."""
        response = self._sent("GET", path, params, accept="*/*")
        if not response.is_success:
            _body(response)
        return response.content

    def send(
        self,
        path: str,
        body: bytes,
        kind: str,
        params: Params,
        *,
        method: str = "POST",
        timeout_s: float | None = None,
    ) -> dict[str, Any]:
        """Send a body of the media type `kind`.

        Parameters
        ----------
        timeout_s
            Where the service has to compute, such as a search: longer than reading takes.
        """
        sent = self._sent(method, path, params, body=body, kind=kind, timeout_s=timeout_s)
        return _body(sent)

    def remove(self, path: str, params: Params) -> None:
        """Delete what stands at a path."""
        response = self._sent("DELETE", path, params)
        if not response.is_success:
            _body(response)

    def _sent(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        *,
        accept: str = "application/json",
        body: bytes | None = None,
        kind: str | None = None,
        timeout_s: float | None = None,
    ) -> httpx.Response:
        timeout = self._http.timeout if timeout_s is None else httpx.Timeout(timeout_s)
        wanted = {name: value for name, value in (params or {}).items() if value}
        headers = {**self._headers, "Accept": accept}
        if kind is not None:
            headers["Content-Type"] = kind
        try:
            return self._http.request(
                method, path, params=wanted, headers=headers, content=body, timeout=timeout
            )
        except httpx.TimeoutException as error:
            waited = f"No answer from {self._http.base_url} in time ({type(error).__name__})."
            raise ApiUnreachableError("The service is slow", waited) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            message = f"Cannot reach {self._http.base_url}: {error}"
            raise ApiUnreachableError("The service is not reachable", message) from error


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError as error:
        raise _not_ours(response) from error
    if not isinstance(body, dict):
        raise _not_ours(response)
    if not response.is_success:
        raise _problem(response, body)
    return body


def _problem(response: httpx.Response, body: dict[str, Any]) -> ApiError:
    """Read an RFC 9457 body; what it lacks is filled from the status line."""
    title = str(body.get("title") or response.reason_phrase or "Request refused")
    field = body.get("field")
    detail = str(body.get("detail") or "")
    return ApiError(response.status_code, title, detail, str(field) if field else None)


def _not_ours(response: httpx.Response) -> ApiError | ApiUnreachableError:
    if response.is_success:
        said = f"{response.url} answered {response.status_code} with something that is not JSON."
        return ApiUnreachableError("That address is not the Answerable API", said)
    return ApiError(response.status_code, response.reason_phrase or "Request refused", "")
