"""OTLP over gRPC: the three Export methods on raw bytes.

The methods are served as streams of one message, the same on the wire as unary calls, so that
the key and the byte budget are checked before the message is read.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NoReturn

import grpc

from collector.component import Receiver
from collector.encodings import Encoding
from collector.envelope import receipt_protobuf
from collector.errors import OverloadedError
from collector.models import Signal
from collector.receivers.errors import NoMessageError, SlowBodyError
from collector.receivers.peers import FORWARDED, host_of_grpc_peer, is_loopback
from collector.status import Refusal, status_protobuf
from collector.validation import SERVICES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from collector.admission import Lease
    from collector.component import Call, ReceiverContext
    from collector.models import Receipt

    Context = grpc.aio.ServicerContext[bytes, bytes]

STATUS_DETAILS = "grpc-status-details-bin"

STATUS_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


class OtlpGrpcReceiver(Receiver):
    """Listens on `grpc_host`:`grpc_port` for traces, metrics and logs."""

    name = "otlp_grpc"

    def __init__(self, context: ReceiverContext) -> None:
        super().__init__(context)
        self.port = 0
        self._server: grpc.aio.Server | None = None
        self._tasks: set[asyncio.Task[Receipt | Refusal]] = set()

    async def start(self) -> None:
        """Bind and serve; `port` is the bound one afterwards."""
        settings = self.context.settings
        server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", settings.max_body_bytes),
                # Messages are inflated here instead, where the bytes are admitted first.
                ("grpc.per_message_decompression", 0),
                ("grpc.so_reuseport", 0),
            ]
        )
        server.add_generic_rpc_handlers(tuple(self._handler(signal) for signal in Signal))
        self.port = server.add_insecure_port(f"{settings.grpc_host}:{settings.grpc_port}")
        await server.start()
        self._server = server
        self._stopping = False

    async def stop(self, grace_s: float) -> None:
        """Answer UNAVAILABLE from now on and wait for the calls being handled."""
        self._stopping = True
        server, self._server = self._server, None
        if server is None:
            return
        started_ns = self.context.monotonic_ns()
        await server.stop(grace_s)
        # Submissions whose senders went away outlive their calls.
        spent_s = (self.context.monotonic_ns() - started_ns) / 1e9
        if not await self.wait_idle(max(0.0, grace_s - spent_s)):
            for task in self._tasks:
                task.cancel()

    def _handler(self, signal: Signal) -> grpc.GenericRpcHandler:
        async def export(_: AsyncIterator[bytes], context: Context) -> bytes:
            return await self._handle(signal, context)

        method: grpc.RpcMethodHandler[bytes, bytes] = grpc.stream_unary_rpc_method_handler(export)
        return grpc.method_handlers_generic_handler(SERVICES[signal], {"Export": method})

    async def _handle(self, signal: Signal, context: Context) -> bytes:
        call = self.new_call(signal)
        # Its own task, because gRPC cancels the handler when the sender goes away, and a body
        # that has been submitted must not be cancelled half-way.
        task = asyncio.create_task(self.run(call, self._export(call, context)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        outcome = await asyncio.shield(task)
        if isinstance(outcome, Refusal):
            code = STATUS_CODES[outcome.code]
            self.observe(call, code.name)
            await _abort(context, code, outcome)
        self.observe(call, "OK")
        return receipt_protobuf(signal, outcome)

    async def _export(self, call: Call, context: Context) -> Receipt:
        grant = self.context.authenticator.grant(
            _authorization(context),
            peer_is_loopback=_is_local(context),
        )
        call.tenant = grant.home
        self.check_open()
        self._check_concurrency()
        with self.lease(grant) as lease:
            wire = await self._read(context, lease, call)
            return await self.deliver(call, grant, lease, wire, _encoding(wire), json=False)

    def _check_concurrency(self) -> None:
        if self.calls > self.context.settings.grpc_max_concurrent:
            raise OverloadedError(
                "Overloaded: too many calls at one time; send the same request again later.",
                retry_after_s=self.context.admission.retry_after_s(),
            )

    async def _read(self, context: Context, lease: Lease, call: Call) -> bytes:
        timeout_s = self.context.settings.body_timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                wire = await context.read()
        except TimeoutError as error:
            raise SlowBodyError(f"The message did not arrive within {timeout_s:g} s.") from error
        if not isinstance(wire, bytes):
            raise NoMessageError(
                f"The call ended before its message, or it is over "
                f"{self.context.settings.max_body_mib} MiB."
            )
        call.wire_bytes = len(wire)
        lease.grow(len(wire))
        return wire


async def _abort(context: Context, code: grpc.StatusCode, refusal: Refusal) -> NoReturn:
    await context.abort(code, refusal.message, ((STATUS_DETAILS, status_protobuf(refusal)),))


def _authorization(context: Context) -> str | None:
    for key, value in context.invocation_metadata() or ():
        if key == "authorization":
            return value if isinstance(value, str) else value.decode("latin-1")
    return None


def _is_local(context: Context) -> bool:
    """Whether the peer is a program of this machine that speaks for itself."""
    if not is_loopback(host_of_grpc_peer(context.peer())):
        return False
    return not any(key in FORWARDED for key, _ in context.invocation_metadata() or ())


def _encoding(wire: bytes) -> Encoding:
    # The handler is not told whether a message was compressed, but its first bytes are: no
    # protobuf message begins with wire type 7, and an Export request begins with field 1.
    if wire[:2] == b"\x1f\x8b":
        return Encoding.GZIP
    if wire[:1] == b"\x78" and int.from_bytes(wire[:2], "big") % 31 == 0:
        return Encoding.DEFLATE
    return Encoding.IDENTITY
