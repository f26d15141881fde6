"""The read API over a real store: an application of its own, and a sender of real frames."""

import asyncio
import itertools
import random
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from answerable import problems
from collector import frames
from collector.api import routers
from collector.models import Grant, Signal, Submission
from sql.access import Principal, Role
from sql.client import Store
from sql.errors import AnswerableError
from tests.conftest import FakeClock

MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS

#: Runs a test over both transports to the engine.
BOTH = pytest.mark.parametrize("api_store", ["embedded", "served"], indirect=True)


def any_value(value):
    """Build an AnyValue of the type of a Python value; None is the empty one."""
    found = AnyValue()
    match value:
        case bool():
            found.bool_value = value
        case int():
            found.int_value = value
        case float():
            found.double_value = value
        case str():
            found.string_value = value
        case bytes():
            found.bytes_value = value
        case list():
            found.array_value.SetInParent()
            found.array_value.values.extend(any_value(item) for item in value)
        case dict():
            found.kvlist_value.SetInParent()
            found.kvlist_value.values.extend(key_values(value))
    return found


def key_values(attributes):
    return [KeyValue(key=key, value=any_value(value)) for key, value in attributes.items()]


@dataclass
class Sender:
    """Stores requests as the service does: framed, by one insert of the engine."""

    store: Store
    folder: Path
    clock: FakeClock
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    def trace_id(self):
        return self.rng.randbytes(16)

    def send(self, signal, request, *, tenant="acme", tenants=(), key_id="k1"):
        number = next(self.numbers)
        body = request.SerializeToString()
        grant = Grant(key_id=key_id, tenant=tenant, tenants=tenants)
        # Arrived a moment ago, for a window ends before now.
        submission = Submission(signal, body, 1, len(body), self.clock() - 1000, grant)
        frame = frames.Frame(submission, f"r{number:06d}", frames.digest(signal, grant, body))
        path = self.folder / f"{number}.frames"
        path.write_bytes(b"".join(frame.chunks()))
        settings = frames.wire_settings(signal, embedded=self.store.is_embedded)
        self.store.insert_file(frames.table(signal), path, "Protobuf", settings=settings)

    def spans(self, *spans, service="shop", resource=None, **grant):
        """Store spans, each given as keyword arguments of `span`."""
        request = ExportTraceServiceRequest()
        group = request.resource_spans.add()
        named = {"service.name": service, **(resource or {})}
        group.resource.attributes.extend(key_values(named))
        scope = group.scope_spans.add()
        scope.scope.name = "tests"
        for one in spans:
            self._add(scope, **one)
        self.send(Signal.TRACES, request, **grant)

    def logs(self, *records, service="shop", **grant):
        request = ExportLogsServiceRequest()
        group = request.resource_logs.add()
        group.resource.attributes.extend(key_values({"service.name": service}))
        scope = group.scope_logs.add()
        for record in records:
            held = dict(record)
            attributes = held.pop("attributes", {})
            body = held.pop("body", None)
            scope.log_records.add(attributes=key_values(attributes), body=any_value(body), **held)
        self.send(Signal.LOGS, request, **grant)

    def _add(self, scope, *, start_ns, duration_ns=5_000_000, error=False, attributes=None, **rest):
        rest.setdefault("name", "work")
        rest.setdefault("trace_id", self.rng.randbytes(16))
        rest.setdefault("span_id", self.rng.randbytes(8))
        span = scope.spans.add(
            start_time_unix_nano=start_ns,
            end_time_unix_nano=start_ns + duration_ns,
            attributes=key_values(attributes or {}),
            **rest,
        )
        if error:
            span.status.code = 2


def decision(**attributes):
    """Name decision attributes without their prefix; `__` stands for a dot."""
    return {f"answerable.{key.replace('__', '.')}": value for key, value in attributes.items()}


def principal(*tenants, roles=(Role.VIEWER,)):
    return Principal("k1", "tests", frozenset(roles), tenants)


@dataclass
class Api:
    """An application with nothing but the read API."""

    store: Store
    clock: FakeClock
    reader: Principal = field(default_factory=principal)

    def __post_init__(self):
        self.app = FastAPI()
        self.app.add_exception_handler(AnswerableError, _rendered(problems.of_answerable))
        self.app.add_exception_handler(RequestValidationError, _rendered(problems.of_validation))
        self.routers = routers(self.store, self.clock)
        for router in self.routers:
            self.app.include_router(router)

    def response(self, path, reader=None, **params):
        async def ask():
            transport = httpx.ASGITransport(self._as(reader or self.reader))
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                asked = {name.rstrip("_"): value for name, value in params.items()}
                return await client.get(path, params=asked or None)

        return asyncio.run(ask())

    def get(self, path, reader=None, **params):
        answer = self.response(path, reader, **params)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        body = answer.json()
        self._shape(path).model_validate(body)
        return body

    def problem(self, path, reader=None, **params):
        answer = self.response(path, reader, **params)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        body = answer.json()
        assert body["status"] == answer.status_code
        return body

    def pages(self, path, limit, **params):
        """Read a whole list page by page; a page is never empty but at the end."""
        cursor, items = "", []
        for _ in range(1000):
            answer = self.get(path, limit=limit, cursor=cursor, **params)
            page = answer["recent" if path == "/v1/ledger" else "items"]
            assert len(page) <= limit
            items += page
            cursor = answer["next_cursor"]
            if cursor is None:
                return items
            assert page
        raise AssertionError("the list does not end")

    def _shape(self, path):
        """Find the shape the documentation promises for a path; it forbids anything more."""
        matching = (
            route.response_model
            for router in self.routers
            for route in router.routes
            if route.path_regex.match(path.partition("?")[0])
        )
        return next(matching)

    def _as(self, reader):
        async def app(scope, receive, send):
            await self.app({**scope, "state": {"principal": reader}}, receive, send)

        return app


def _rendered(render):
    async def handler(request, error):
        return render(request, error)

    return handler
