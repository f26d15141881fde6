"""What the receiver tests share: a door and keys in memory, real servers, real clients."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
import httpx
import uvicorn
import uvloop
from google.rpc.status_pb2 import Status
from starlette.applications import Starlette

from collector.catalog import RECEIVERS
from collector.component import Receiver, ReceiverContext, new_admission
from collector.models import Grant, Receipt, Signal, Submission
from collector.receivers.settings import ReceiverSettings
from collector.validation import SERVICES
from sql.errors import ForbiddenError, UnauthenticatedError
from tests.collector.receivers.bodies import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "Bearer good"


@dataclass
class MemoryDoor:
    """Keeps what it is handed and answers what it is told."""

    outcome: Receipt | Exception = field(default_factory=Receipt)
    hold_s: float = 0.0
    submissions: list[Submission] = field(default_factory=list)
    refusals: list[tuple[Signal, str, str, int]] = field(default_factory=list)

    async def submit(self, submission: Submission) -> Receipt:
        self.submissions.append(submission)
        if self.hold_s:
            await asyncio.sleep(self.hold_s)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def refuse(self, signal: Signal, tenant: str, reason: str, *, wire_bytes: int) -> None:
        self.refusals.append((signal, tenant, reason, wire_bytes))


class KeyRing:
    """One good key, one revoked, one for another tenant; loopback alone is not enough."""

    def __init__(self) -> None:
        self.loopback: list[bool] = []

    def grant(self, authorization: str | None, *, peer_is_loopback: bool) -> Grant:
        self.loopback.append(peer_is_loopback)
        if authorization == KEY:
            return Grant(key_id="k1", tenant="school")
        if authorization == "Bearer other":
            return Grant(key_id="k2", tenant="", tenants=("a", "b"))
        if authorization == "Bearer outside":
            raise ForbiddenError("This key may not ingest.")
        if authorization == "Bearer revoked":
            raise UnauthenticatedError("The key was revoked.")
        raise UnauthenticatedError("Send Authorization: Bearer KEY.")


@dataclass
class Counts:
    """Requests as the metrics hook sees them."""

    seen: list[dict[str, Any]] = field(default_factory=list)

    def request(self, **labels: Any) -> None:
        self.seen.append(labels)


@dataclass
class Served:
    """A receiver that listens on a real port, and everything it touches."""

    receiver: Receiver
    door: MemoryDoor
    keys: KeyRing
    counts: Counts
    port: int
    loop: asyncio.AbstractEventLoop
    http: httpx.Client

    def call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    def held_bytes(self) -> int:
        return self.receiver.context.admission.held_bytes

    def settle(self, timeout_s: float = 5.0) -> None:
        """Wait until no request is being handled."""
        until(lambda: self.receiver.calls == 0, timeout_s)


def until(condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.005)


def new_receiver(name: str, settings: ReceiverSettings | None = None) -> Receiver:
    """Build a receiver over memory; call it inside a running loop."""
    settings = settings or ReceiverSettings(grpc_port=0)
    context = ReceiverContext(
        door=MemoryDoor(),
        authenticator=KeyRing(),
        admission=new_admission(settings, random.Random(7)),
        settings=settings,
        metrics=Counts(),
        clock_ns=time.time_ns,
        monotonic_ns=time.monotonic_ns,
    )
    return RECEIVERS[name](context)


@contextmanager
def serve(name: str, **settings: Any) -> Iterator[Served]:
    """Run a receiver in a thread of its own: uvicorn for HTTP, grpc.aio for gRPC."""
    ready: list[Served] = []
    done = threading.Event()
    thread = threading.Thread(
        target=uvloop.run, args=(_run(name, settings, ready, done),), name=f"serve-{name}"
    )
    thread.start()
    try:
        until(lambda: bool(ready) or not thread.is_alive())
        yield ready[0]
    finally:
        if ready:
            ready[0].http.close()
        done.set()
        thread.join(20)
    assert not thread.is_alive()


async def _run(
    name: str, settings: dict[str, Any], ready: list[Served], done: threading.Event
) -> None:
    receiver = new_receiver(name, ReceiverSettings(**{"grpc_port": 0, **settings}))
    context = receiver.context
    await receiver.start()
    server: uvicorn.Server | None = None
    running: asyncio.Task[None] | None = None
    port = getattr(receiver, "port", 0)
    if hasattr(receiver, "routes"):
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=receiver.routes),
                http="httptools",
                lifespan="off",
                log_config=None,
                timeout_graceful_shutdown=2,
            )
        )
        running = asyncio.create_task(server._serve([listener]))
        while not server.started:
            await asyncio.sleep(0.005)
    ready.append(
        Served(
            receiver,
            context.door,
            context.authenticator,
            context.metrics,
            port,
            asyncio.get_running_loop(),
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20),
        )
    )
    await asyncio.to_thread(done.wait)
    await receiver.stop(1.0)
    if server is not None and running is not None:
        server.should_exit = True
        await running


@dataclass(frozen=True)
class Answer:
    """What a sender was told, the same for both protocols."""

    code: int
    rejected: int = 0
    message: str = ""
    status: Status | None = None


def _partial(signal: Signal, content: bytes) -> Answer:
    response = RESPONSES[signal].FromString(content)
    if not response.HasField("partial_success"):
        return Answer(0)
    partial = response.partial_success
    rejected = next(value for key, value in _fields(partial).items() if key.startswith("rejected"))
    return Answer(0, rejected, partial.error_message)


def _fields(message: Any) -> dict[str, Any]:
    return {key.name: getattr(message, key.name) for key in message.DESCRIPTOR.fields}


def send_http(served: Served, signal: Signal, body: bytes, key: str | None = KEY) -> Answer:
    headers = {"content-type": "application/x-protobuf"}
    if key is not None:
        headers["authorization"] = key
    answer = served.http.post(f"/v1/{signal}", content=body, headers=headers)
    assert answer.headers["content-type"] == "application/x-protobuf"
    if answer.status_code == 200:
        return _partial(signal, answer.content)
    status = Status.FromString(answer.content)
    return Answer(status.code, message=status.message, status=status)


def send_grpc(
    served: Served,
    signal: Signal,
    body: bytes,
    key: str | None = KEY,
    compression: grpc.Compression = grpc.Compression.NoCompression,
) -> Answer:
    options = [("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(f"127.0.0.1:{served.port}", options=options) as channel:
        export = channel.unary_unary(f"/{SERVICES[signal]}/Export")
        metadata = [("authorization", key)] if key is not None else []
        try:
            content = export(body, metadata=metadata, timeout=20, compression=compression)
        except grpc.RpcError as error:
            return _grpc_failure(error)
        return _partial(signal, content)


def _grpc_failure(error: Any) -> Answer:
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    status = Status.FromString(details) if details is not None else None
    return Answer(error.code().value[0], message=error.details(), status=status)


SENDERS: dict[str, Callable[..., Answer]] = {"otlp_http": send_http, "otlp_grpc": send_grpc}


def post(
    served: Served, body: Any, path: str = "/v1/traces", **headers: str | None
) -> httpx.Response:
    """POST with the good key as protobuf; a header given as None is left out."""
    sent: dict[str, str | None] = {"authorization": KEY, "content-type": "application/x-protobuf"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in sent.items() if value is not None}
    return served.http.post(path, content=body, headers=kept)
