"""What most people would write: decode with upb, walk in Python, insert with the driver."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from sql.client import Store
from sql.migrate import Migrator
from sql.settings import StoreSettings

if TYPE_CHECKING:
    from starlette.requests import Request

KINDS = {
    "string_value": "attr_string",
    "int_value": "attr_int",
    "double_value": "attr_double",
    "bool_value": "attr_bool",
}


def rows_of(body: bytes, tenant: str) -> list[dict[str, Any]]:
    """Decode a request into rows of the spans table."""
    rows: list[dict[str, Any]] = []
    for resource_spans in ExportTraceServiceRequest.FromString(body).resource_spans:
        resource = {a.key: a.value.string_value for a in resource_spans.resource.attributes}
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                maps: dict[str, dict[str, Any]] = {column: {} for column in KINDS.values()}
                for attribute in span.attributes:
                    kind = attribute.value.WhichOneof("value")
                    if kind in KINDS:
                        maps[KINDS[kind]][attribute.key] = getattr(attribute.value, kind)
                rows.append(
                    {
                        "tenant": tenant,
                        "start_time": span.start_time_unix_nano,
                        "trace_id": span.trace_id,
                        "span_id": span.span_id,
                        "parent_span_id": span.parent_span_id or bytes(8),
                        "name": span.name,
                        "kind": span.kind,
                        "duration_ns": span.end_time_unix_nano - span.start_time_unix_nano,
                        "status_code": span.status.code,
                        "service_name": resource.get("service.name", ""),
                        "service_version": resource.get("service.version", ""),
                        **maps,
                    }
                )
    return rows


class NaiveReceiver:
    """Decodes and inserts, at most `batch` requests at once."""

    def __init__(self, store: Store, batch: int) -> None:
        self._store = store
        self._batch = batch
        self._queue: asyncio.Queue[tuple[list[dict[str, Any]], asyncio.Future[None]]] = (
            asyncio.Queue()
        )

    async def traces(self, request: Request) -> Response:
        """Answer one export once its rows are stored."""
        rows = rows_of(await request.body(), request.headers.get("x-tenant", ""))
        if self._batch == 1:
            await asyncio.to_thread(self._insert, rows)
        else:
            stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            await self._queue.put((rows, stored))
            await stored
        return Response(status_code=200)

    async def batches(self) -> None:
        """Insert what is queued, for ever."""
        while True:
            taken = [await self._queue.get()]
            while len(taken) < self._batch and not self._queue.empty():
                taken.append(self._queue.get_nowait())
            rows = [row for request_rows, _ in taken for row in request_rows]
            await asyncio.to_thread(self._insert, rows)
            for _, stored in taken:
                stored.set_result(None)

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        self._store.insert("spans", rows)


async def ready(_request: Request) -> Response:
    """Say that the receiver is up."""
    return Response(status_code=200)


async def serve(options: argparse.Namespace) -> None:
    """Run the receiver until it is told to stop."""
    store = Store.open(
        StoreSettings(store=SecretStr(f"chdb://{options.data}"), store_acquire_timeout_s=600)
    )
    Migrator(store).apply()
    receiver = NaiveReceiver(store, options.batch)
    routes = [Route("/v1/traces", receiver.traces, methods=["POST"]), Route("/readyz", ready)]
    config = uvicorn.Config(
        Starlette(routes=routes), port=options.port, log_level="error", timeout_keep_alive=600
    )
    batches = asyncio.create_task(receiver.batches())
    await uvicorn.Server(config).serve()
    batches.cancel()
    store.close()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--batch", type=int, default=1)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
