"""The running service: every part in one event loop, started in order and stopped in reverse."""

from __future__ import annotations

import asyncio
import os
import random
import time
import uuid
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import structlog
from opentelemetry.trace import NoOpTracer

from answerable import allocator, foundation, listeners
from answerable.announcement import Announcement
from answerable.app import Parts, create_app
from answerable.dashboard_process import dashboard_child
from answerable.doors import CountingDoor
from answerable.metrics import ServiceMetrics
from answerable.readiness import Readiness
from answerable.self_telemetry import SelfTelemetry
from answerable.server import HttpServer
from answerable.shutdown import Shutdown
from collector.component import ReceiverContext, new_admission
from collector.pipeline import Pipeline
from collector.receivers.otlp_grpc import OtlpGrpcReceiver
from collector.receivers.otlp_http import OtlpHttpReceiver
from cost.meter import CostMeter
from drift.watch import DriftWatch
from sql.clock import system_clock
from sql.errors import StoreError

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable

    from opentelemetry.trace import Tracer

    from answerable.children import Child
    from answerable.foundation import Foundation
    from answerable.keyring import Keyring
    from answerable.settings import Settings
    from cost.parts import CostParts
    from drift.parts import DriftParts

_logger = structlog.get_logger(__name__)

#: The dashboards hold nothing that has to be saved.
_CHILD_GRACE_S = 5.0

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  Compared with, not bound.


class Service:
    """One run of the service.

    Parameters
    ----------
    announce
        Told once everything listens.
    """

    def __init__(self, settings: Settings, announce: Callable[[Announcement], None]) -> None:
        self._settings = settings
        self._announce = announce
        self._metrics = ServiceMetrics()
        self._rng = random.Random()  # noqa: S311  Jitter and sampling, no secrets.
        self._child: Child | None = None
        self._before_stop: list[Callable[[float], Awaitable[None]]] = []
        self._shutdown = Shutdown(settings.server.drain_timeout_s, self._kill_child)

    def before_stop(self, step: Callable[[float], Awaitable[None]]) -> None:
        """Add a step to the stop that comes before the service's own; it gets its seconds."""
        self._before_stop.append(step)

    async def run(self) -> int:
        """Run until SIGTERM or SIGINT and return the exit code.

        Raises
        ------
        AnswerableError
            When it cannot start; the message is for the operator.
        """
        allocator.tune()
        self._shutdown.install()
        async with AsyncExitStack() as stack:
            server = await self._start(stack)
            ended = asyncio.create_task(server.ended())
            asked = asyncio.create_task(self._shutdown.wait())
            await asyncio.wait([ended, asked], return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
            self._shutdown.begin()
        _logger.info("stopped")
        return 0 if self._shutdown.asked else 1

    async def _start(self, stack: AsyncExitStack) -> HttpServer:
        # Ports first: a start that must fail should do so before it touches the store.
        listener = self._listen(stack)
        dashboard_port = self._claim_others()
        base = await asyncio.to_thread(foundation.lay, self._settings, system_clock)
        stack.push_async_callback(asyncio.to_thread, base.store.close)
        self._keep_keys_fresh(stack, base.keyring)
        pipeline = await self._start_pipeline(stack, base)
        context = self._receiver_context(base, pipeline)
        tracer = self._start_self_telemetry(stack, base, pipeline, context)
        readiness = Readiness(
            base.store,
            lambda: pipeline.accepting,
            self._settings.server.data_dir.expanduser(),
            disk_free_min_mib=self._settings.server.disk_free_min_mib,
        )
        server = await self._start_http(stack, base, context, readiness, tracer, listener)
        grpc_port = await self._start_grpc(stack, context)
        self._start_dashboards(stack, listener, dashboard_port)
        for step in self._before_stop:
            stack.push_async_callback(self._shutdown.step, step)
        stack.callback(setattr, readiness, "draining", True)
        self._announce(self._announcement(base, listener, grpc_port, dashboard_port))
        return server

    def _listen(self, stack: AsyncExitStack) -> socket.socket:
        server = self._settings.server
        listener = listeners.listen(
            server.host, server.http_port, "--http-port", backlog=server.http_backlog
        )
        stack.callback(listener.close)
        return listener

    def _claim_others(self) -> int:
        """Check the ports other parts will take; return the dashboards', 0 for none."""
        server = self._settings.server
        listeners.free(server.host, self._settings.receivers.grpc_port, "--grpc-port")
        if not server.dashboards:
            return 0
        return listeners.free(server.host, server.dashboard_port, "--dashboard-port")

    def _keep_keys_fresh(self, stack: AsyncExitStack, keyring: Keyring) -> None:
        async def refresh() -> None:
            while True:
                await asyncio.sleep(self._settings.server.key_cache_ttl_s)
                try:
                    await asyncio.to_thread(keyring.refresh)
                except StoreError as error:
                    # The keys known last stay in force: a store that is away locks nobody out.
                    self._metrics.failed("keys", error)

        task = asyncio.create_task(refresh())
        stack.callback(task.cancel)

    async def _start_pipeline(self, stack: AsyncExitStack, base: Foundation) -> Pipeline:
        pipeline = Pipeline(
            base.store,
            self._settings.pipeline,
            clock_ns=system_clock,
            ids=_new_id,
            measures=self._metrics,
        )
        await pipeline.start()
        stack.push_async_callback(self._shutdown.step, pipeline.stop)
        return pipeline

    def _receiver_context(self, base: Foundation, pipeline: Pipeline) -> ReceiverContext:
        return ReceiverContext(
            door=CountingDoor(pipeline, self._metrics),
            authenticator=base.gate,
            admission=new_admission(self._settings.receivers, self._rng),
            settings=self._settings.receivers,
            metrics=self._metrics,
            clock_ns=system_clock,
            monotonic_ns=time.monotonic_ns,
        )

    def _start_self_telemetry(
        self, stack: AsyncExitStack, base: Foundation, pipeline: Pipeline, context: ReceiverContext
    ) -> Tracer:
        gauges: dict[str, tuple[str, Callable[[], float]]] = {
            "queue_bytes": ("Bodies waiting for the store.", lambda: pipeline.queued_bytes),
            "spool_bytes": ("Groups waiting on disk.", lambda: pipeline.spooled_bytes),
            "inflight_bytes": ("Requests held.", lambda: context.admission.held_bytes),
            "store_busy_handles": ("Statements running.", lambda: base.store.busy_handles),
        }
        for name, (what, read) in gauges.items():
            self._metrics.watch(f"answerable_{name}", what, read)
        if not self._settings.server.self_telemetry:
            return NoOpTracer()
        telemetry = SelfTelemetry(
            pipeline,
            self._settings.server,
            system_clock,
            observed={f"answerable.{name}": read for name, (_, read) in gauges.items()},
            instance=_new_id(),
        )
        stack.push_async_callback(asyncio.to_thread, telemetry.stop)
        return telemetry.tracer

    async def _start_http(
        self,
        stack: AsyncExitStack,
        base: Foundation,
        context: ReceiverContext,
        readiness: Readiness,
        tracer: Tracer,
        listener: socket.socket,
    ) -> HttpServer:
        settings = self._settings.server
        cost, drift = await self._start_engines(stack, base)
        receiver = OtlpHttpReceiver(context)
        parts = Parts(
            store=base.store,
            cost=cost,
            drift=drift,
            keyring=base.keyring,
            gate=base.gate,
            readiness=readiness,
            metrics=self._metrics,
            receiver=receiver,
            clock=system_clock,
            monotonic_ns=time.monotonic_ns,
            ids=_new_id,
            tracer=tracer,
            traced=lambda: self._rng.random() < settings.self_trace_ratio,
        )
        server = HttpServer(
            create_app(parts, http_threads=settings.http_threads), listener, settings
        )
        await receiver.start()
        await server.start()
        stack.push_async_callback(self._shutdown.step, server.stop)
        stack.push_async_callback(self._shutdown.step, receiver.stop)
        return server

    async def _start_engines(
        self, stack: AsyncExitStack, base: Foundation
    ) -> tuple[CostParts, DriftParts]:
        chosen, failed = self._settings, self._metrics.failed
        meter = CostMeter(base.store, system_clock, _new_id, chosen.cost, failed)
        watch = DriftWatch(base.store, system_clock, _new_id, chosen.drift, failed)
        for engine in (meter, watch):
            await engine.start()
            stack.push_async_callback(self._shutdown.step, engine.stop)
        return meter.parts, watch.parts

    async def _start_grpc(self, stack: AsyncExitStack, context: ReceiverContext) -> int:
        receiver = OtlpGrpcReceiver(context)
        try:
            await receiver.start()
        except RuntimeError as error:
            raise listeners.PortError(
                f"OTLP/gRPC cannot listen on {context.settings.grpc_host} port "
                f"{context.settings.grpc_port}: {error}; see --grpc-port."
            ) from error
        stack.push_async_callback(self._shutdown.step, receiver.stop)
        return receiver.port

    def _start_dashboards(self, stack: AsyncExitStack, listener: socket.socket, port: int) -> None:
        if not port:
            return
        server = self._settings.server
        # The pages run on this machine, so a wildcard address is not what they connect to.
        api_url = _url(_WILDCARDS.get(server.host, server.host), listeners.port_of(listener))
        self._child = dashboard_child(server, api_url, port, os.environ, time.monotonic_ns)
        self._child.start()
        stop = self._child.stop
        stack.push_async_callback(
            self._shutdown.step, lambda grace_s: stop(min(grace_s, _CHILD_GRACE_S))
        )

    def _announcement(
        self, base: Foundation, listener: socket.socket, grpc_port: int, dashboard_port: int
    ) -> Announcement:
        server = self._settings.server
        host = _WILDCARDS.get(server.host, server.host)
        return Announcement(
            http_url=_url(host, listeners.port_of(listener)),
            grpc_target=_url(host, grpc_port).removeprefix("http://"),
            dashboard_url=_url(host, dashboard_port) if dashboard_port else "",
            data_dir=str(server.data_dir.expanduser().resolve()),
            store=base.store.address.shown,
            pid=os.getpid(),
            anonymous_local=server.allow_anonymous_local,
            new_admin_key=base.new_admin_key,
        )

    def _kill_child(self) -> None:
        if self._child is not None:
            self._child.kill()


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _new_id() -> str:
    return uuid.uuid4().hex
