"""The command line's side of the HTTP API: errors become messages and exit codes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

import httpx

from answerable.cli.output import (
    EXIT_FAILED,
    EXIT_NOT_ALLOWED,
    EXIT_UNREACHABLE,
    EXIT_USAGE,
    fail,
)
from collector.receivers.peers import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TIMEOUT_S = 30.0

_CODES = {400: EXIT_USAGE, 401: EXIT_NOT_ALLOWED, 403: EXIT_NOT_ALLOWED}


class Remote:
    """A running service.

    Parameters
    ----------
    key
        Empty where the service needs none on this machine.
    """

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, path: str) -> dict[str, Any]:
        """Read a path."""
        return self._ask("GET", path)

    def post(
        self, path: str, body: dict[str, Any], *, timeout_s: float = TIMEOUT_S
    ) -> dict[str, Any]:
        """Send a body."""
        return self._ask("POST", path, json=body, timeout=timeout_s)

    def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Put a body in the place of what is there."""
        return self._ask("PUT", path, json=body)

    def delete(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        """Delete what is at a path."""
        return self._ask("DELETE", path, params=params)

    def send(self, path: str, params: dict[str, str], content: bytes) -> dict[str, Any]:
        """Send a file."""
        return self._ask("POST", path, params=params, content=content)

    def download(
        self,
        path: str,
        params: dict[str, str],
        target: Path,
        *,
        body: dict[str, Any] | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> httpx.Headers:
        """Write what is at a path to a file, all of it or nothing; give the answer's headers.

        Parameters
        ----------
        body
            Posted, where the file is what comes of it.
        """
        part = target.with_name(f"{target.name}.part")
        try:
            with (
                self._client() as client,
                client.stream(
                    "GET" if body is None else "POST",
                    f"{self._url}{path}",
                    headers=self._headers,
                    params=params,
                    json=body,
                    timeout=timeout_s,
                ) as response,
            ):
                if not response.is_success:
                    response.read()
                    _read(response)
                with part.open("wb") as file:
                    for piece in response.iter_bytes():
                        file.write(piece)
            part.replace(target)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            part.unlink(missing_ok=True)
            fail(
                f"The service at {self._url} did not answer to the end: {error}.", EXIT_UNREACHABLE
            )
        except OSError as error:
            part.unlink(missing_ok=True)
            fail(f"{target} cannot be written: {error.strerror}.")
        return response.headers

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            with self._client() as client:
                response = client.request(
                    method, f"{self._url}{path}", headers=self._headers, **more
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            fail(f"The service at {self._url} cannot be reached: {error}.", EXIT_UNREACHABLE)
        return _read(response)

    def _client(self) -> httpx.Client:
        host = urlsplit(self._url).hostname or ""
        local = host == "localhost" or is_loopback(host)
        # A proxy of the environment cannot reach this machine's own addresses.
        return httpx.Client(timeout=TIMEOUT_S, trust_env=not local)


def remote(url: str, key: str | None) -> Remote:
    """Reach the service with the key that is given, or the environment's.

    It ends with a message where the address is none.
    """
    if not url.startswith(("http://", "https://")):
        fail(f"--url is {url!r}; it starts with http:// or https://.", EXIT_USAGE)
    return Remote(url, key or os.environ.get("ANSWERABLE_KEY") or "")


def address(path: str, asked: Mapping[str, str | None]) -> str:
    """Write a path with the parameters that are not empty."""
    given = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{given}" if given else path


def _read(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        fail(f"{response.url} answered {response.status_code} and no JSON; is it Answerable?")
    if response.is_success:
        return cast("dict[str, Any]", body)
    detail = body.get("detail") if isinstance(body, dict) else None
    code = _CODES.get(response.status_code, EXIT_FAILED)
    return fail(str(detail or f"The service answered {response.status_code}."), code)
