"""The ASGI middleware that asks a budget before every request."""

import asyncio
from datetime import UTC, datetime, timedelta

import fastapi
import httpx
import pytest
from fastapi.responses import StreamingResponse

import answerable_instrument as answerable
from tests.doubles.budget_server import BudgetServer


@pytest.fixture
def server():
    with BudgetServer() as running:
        yield running


@pytest.fixture
def get(server, fresh_counts):
    service = answerable.BudgetService(server.url, timeout_s=1.0)

    def asked(path="/ask", headers=None, **options):
        chosen = {"resolve": resolve, "on_unreachable": "fail_closed", "service": service}
        app = application(**{**chosen, **options})

        async def main():
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(main())

    yield asked
    service.close()


def resolve(scope):
    user = dict(scope["headers"]).get(b"x-user")
    return {"amount": "10", "currency": "USD", "user": user.decode()} if user else None


def application(**options):
    app = fastapi.FastAPI()
    app.add_middleware(answerable.BudgetMiddleware, **options)

    @app.get("/ask")
    async def ask():
        call = answerable.current_budget()
        if call is not None:
            call.cost("1.5")
        return {"decision": call and call.decision}

    @app.get("/stream")
    async def stream(request: fastapi.Request):
        call = request.scope["answerable.budget"]

        async def words():
            for word in ("all", "is", "well"):
                yield word
                call.cost(1)

        return StreamingResponse(words())

    @app.get("/boom")
    async def boom():
        raise RuntimeError("boom")

    return app


USER = {"x-user": "ana"}


def test_a_request_is_reserved_and_settled(server, get):
    answer = get(headers=USER)
    assert answer.json() == {"decision": "allow"}
    assert server.body("reserve")["user"] == "ana"
    assert str(server.spent) == "1.5"


def test_a_request_that_needs_no_budget_passes(server, get):
    assert get().json() == {"decision": None}
    assert get("/ask", USER, exclude_paths=["/ask"]).json() == {"decision": None}
    assert server.requests == []


def test_a_resolver_may_be_asynchronous(server, get):
    async def later(scope):
        await asyncio.sleep(0)
        return {"amount": 1}

    assert get(resolve=later).json() == {"decision": "allow"}


def test_a_stream_is_settled_once_it_has_ended(server, get):
    assert get("/stream", USER).text == "alliswell"
    assert server.spent == 3


def test_a_failed_request_gives_its_money_back(server, get):
    assert get("/boom", USER).status_code == 500
    assert server.verbs() == ["reserve", "release"]


def test_a_denial_that_ends_by_itself_is_429_with_retry_after(server, get):
    reset = datetime.now(UTC) + timedelta(seconds=90)
    text = reset.strftime("%Y-%m-%dT%H:%M:%S.000000000Z")
    server.answer = {"decision": "deny", "held": False, "reason": "over_limit", "resets_at": text}
    answer = get(headers=USER)
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert 80 <= int(answer.headers["retry-after"]) <= 91
    assert answer.json()["reason"] == "over_limit"


def test_a_denial_that_somebody_must_change_is_402(server, get):
    server.answer = {"decision": "deny", "held": False, "reason": "zero_budget"}
    answer = get(headers=USER)
    assert answer.status_code == 402
    assert "retry-after" not in answer.headers
    body = answer.json()
    assert (body["status"], body["title"], body["decision"]) == (402, "Budget denied", "deny")
    assert server.verbs() == ["reserve"]


def test_a_deferral_is_429_unless_the_application_looks_at_it(server, get):
    server.answer = {"decision": "defer", "held": False}
    assert get(headers=USER).status_code == 429
    assert get(headers=USER, on_defer="pass").json() == {"decision": "defer"}


def test_an_unreachable_budget_is_503_or_passes(server, get):
    server.status = 503
    closed = get(headers=USER)
    assert closed.status_code == 503
    assert closed.headers["retry-after"] == "5"
    assert get(headers=USER, on_unreachable="fail_open").json() == {"decision": "allow"}
