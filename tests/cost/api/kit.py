"""The cost meter's resources over a real store, in an application of their own."""

import asyncio
from dataclasses import dataclass, field

import httpx
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from answerable import problems
from sql.access import Principal, Role
from sql.errors import AnswerableError


def principal(*tenants, roles=(Role.VIEWER,)):
    return Principal("k1", "tests", frozenset(roles), tenants)


@dataclass
class Api:
    """An application of some routers, asked as one principal unless told otherwise."""

    routers: list
    reader: Principal = field(default_factory=principal)

    def __post_init__(self):
        self.app = FastAPI()
        self.app.add_exception_handler(AnswerableError, _rendered(problems.of_answerable))
        self.app.add_exception_handler(RequestValidationError, _rendered(problems.of_validation))
        for router in self.routers:
            self.app.include_router(router)

    def response(self, path, reader=None, method="GET", json=None, **params):
        async def ask():
            transport = httpx.ASGITransport(self._as(reader or self.reader))
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                asked = {name.rstrip("_"): value for name, value in params.items()}
                return await client.request(method, path, params=asked or None, json=json)

        return asyncio.run(ask())

    def get(self, path, reader=None, **params):
        answer = self.response(path, reader, **params)
        assert answer.status_code == 200, answer.text
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
        for _ in range(10_000):
            answer = self.get(path, limit=limit, cursor=cursor, **params)
            assert len(answer["items"]) <= limit
            items += answer["items"]
            cursor = answer["next_cursor"]
            if cursor is None:
                return items
            assert answer["items"]
        raise AssertionError("the list does not end")

    def _shape(self, path):
        """Find the shape the documentation promises for a path; it forbids anything more."""
        matching = (
            route.response_model
            for router in self.routers
            for route in router.routes
            if route.path_regex.match(path) and "GET" in route.methods
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
