"""OTLP over HTTP: a plain ASGI endpoint for each signal, mounted beside the rest of the API."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from starlette.routing import Route

from collector.component import Receiver
from collector.encodings import encoding_of
from collector.envelope import Format, answer_body, format_of
from collector.errors import UnsupportedError
from collector.models import Signal
from collector.receivers.errors import MethodError
from collector.receivers.peers import is_loopback
from collector.receivers.request_body import RequestBody
from collector.status import Refusal

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from collector.component import Call
    from collector.models import Receipt

GZIP_ABOVE_BYTES = 1024
"""Answers larger than this are compressed for senders that ask."""


class OtlpHttpReceiver(Receiver):
    """`POST /v1/{traces,metrics,logs}`, protobuf and JSON.

    It does not listen itself: the application mounts `routes` in its own server.
    """

    name = "otlp_http"

    @property
    def routes(self) -> list[Route]:
        """One route for each signal, every method included: 405 is ours to answer."""
        return [
            Route(f"/v1/{signal}", ExportEndpoint(self, signal), include_in_schema=False)
            for signal in Signal
        ]

    async def start(self) -> None:
        """Accept requests; also after a stop."""
        self._stopping = False

    async def stop(self, grace_s: float) -> None:
        """Answer 503 from now on and wait for the requests being handled."""
        self._stopping = True
        await self.wait_idle(grace_s)


class ExportEndpoint:
    """The ASGI application of one path."""

    def __init__(self, receiver: OtlpHttpReceiver, signal: Signal) -> None:
        self._receiver = receiver
        self._signal = signal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        call = self._receiver.new_call(self._signal)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        body = RequestBody(receive, _declared(headers), self._receiver.context.settings)
        outcome = await self._receiver.run(call, self._export(call, scope, headers, body))
        status = outcome.status if isinstance(outcome, Refusal) else 200
        if status != 499:
            await _answer(send, self._signal, headers, body, outcome)
        self._receiver.observe(call, str(status))

    async def _export(
        self, call: Call, scope: Scope, headers: dict[bytes, bytes], body: RequestBody
    ) -> Receipt:
        if scope["method"] != "POST":
            raise MethodError(f"{scope['method']} is not allowed here; use POST.")
        client = scope.get("client")
        authorization = headers.get(b"authorization")
        grant = self._receiver.context.authenticator.grant(
            authorization.decode("latin-1") if authorization is not None else None,
            peer_is_loopback=client is not None and is_loopback(client[0]),
        )
        call.tenant = grant.home
        self._receiver.check_open()
        format_ = format_of(headers.get(b"content-type", b"").decode("latin-1"))
        encoding = encoding_of(headers.get(b"content-encoding", b"").decode("latin-1"))
        body.check_declared()
        with self._receiver.lease(grant) as lease:
            wire = await body.read(lease, call)
            return await self._receiver.deliver(
                call, grant, lease, wire, encoding, json=format_ is Format.JSON
            )


def _declared(headers: dict[bytes, bytes]) -> int | None:
    length = headers.get(b"content-length")
    if length is None:
        # Without either header an HTTP/1.1 request has no body.
        return None if b"transfer-encoding" in headers else 0
    return int(length)


async def _answer(
    send: Send,
    signal: Signal,
    headers: dict[bytes, bytes],
    body: RequestBody,
    outcome: Receipt | Refusal,
) -> None:
    format_ = _answer_format(headers)
    content = answer_body(signal, format_, outcome)
    answer = [(b"content-type", format_.encode())]
    if len(content) > GZIP_ABOVE_BYTES and _takes_gzip(headers):
        content = gzip.compress(content, mtime=0)
        answer.append((b"content-encoding", b"gzip"))
    answer.append((b"content-length", b"%d" % len(content)))
    status = 200
    if isinstance(outcome, Refusal):
        status = outcome.status
        answer += _refusal_headers(outcome)
    unread = not body.complete
    if unread and (b"expect" in headers or not body.is_discardable()):
        answer.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": answer})
    await send({"type": "http.response.body", "body": content, "more_body": unread})
    if unread:
        # A sender that waits for 100 Continue has sent nothing and will send nothing.
        if b"expect" not in headers:
            await body.discard()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _answer_format(headers: dict[bytes, bytes]) -> Format:
    try:
        return format_of(headers.get(b"content-type", b"").decode("latin-1"))
    except UnsupportedError:
        return Format.JSON


def _refusal_headers(refusal: Refusal) -> list[tuple[bytes, bytes]]:
    headers: list[tuple[bytes, bytes]] = []
    if refusal.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % refusal.retry_after_s))
    extra = STATUS_HEADERS.get(refusal.status)
    if extra is not None:
        headers.append(extra)
    return headers


def _takes_gzip(headers: dict[bytes, bytes]) -> bool:
    for part in headers.get(b"accept-encoding", b"").lower().split(b","):
        coding, _, quality = part.replace(b" ", b"").partition(b";q=")
        if coding in {b"gzip", b"*"}:
            return quality.strip(b"0.") != b"" or quality == b""
    return False


STATUS_HEADERS: dict[int, tuple[bytes, bytes]] = {
    401: (b"www-authenticate", b"Bearer"),
    405: (b"allow", b"POST"),
    415: (b"accept-encoding", b"identity, gzip, deflate, zstd"),
}
