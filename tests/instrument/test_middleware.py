"""The ASGI middleware under Starlette and FastAPI, over httpx's in-process transport."""

import asyncio

import fastapi
import httpx
import pytest
from opentelemetry.trace import SpanKind, StatusCode
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

import answerable_instrument as answerable

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def call(app, path="/", *, method="GET", raise_errors=True, **headers):
    async def main():
        transport = httpx.ASGITransport(app, raise_app_exceptions=raise_errors)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(
                method, path, headers={k.replace("_", "-"): v for k, v in headers.items()}
            )

    return asyncio.run(main())


def fastapi_app(**options):
    app = fastapi.FastAPI()
    app.add_middleware(answerable.AnswerableMiddleware, **options)

    @app.get("/essays/{number}")
    async def essay(number: int):
        with answerable.decision("grade") as decision:
            decision.features(number=number)
        return {"tenant": answerable.current_tenant()}

    @app.get("/sync")
    def sync():
        with answerable.decision("in a thread"):
            return {"tenant": answerable.current_tenant()}

    @app.get("/boom")
    async def boom():
        raise RuntimeError("boom")

    @app.get("/teapot")
    async def teapot():
        return fastapi.Response(status_code=503)

    return app


def server_span(spans):
    (span,) = [span for span in spans.all() if span.kind is SpanKind.SERVER]
    return span


def test_a_request_has_a_server_span_with_the_stable_attributes(spans):
    response = call(fastapi_app(), "/essays/7?secret=1")
    assert response.status_code == 200
    span = server_span(spans)
    assert span.name == "GET /essays/{number}"
    assert dict(span.attributes) == {
        "http.request.method": "GET",
        "url.path": "/essays/7",
        "url.scheme": "http",
        "http.route": "/essays/{number}",
        "http.response.status_code": 200,
    }
    assert spans.named("grade").parent.span_id == span.context.span_id
    assert span.status.status_code is StatusCode.UNSET


def test_an_incoming_trace_is_continued(spans):
    call(fastapi_app(), "/essays/7", traceparent=TRACEPARENT)
    span = server_span(spans)
    assert f"{span.context.trace_id:032x}" == TRACEPARENT.split("-")[1]
    assert f"{span.parent.span_id:016x}" == TRACEPARENT.split("-")[2]


@pytest.mark.parametrize("path", ["/essays/7", "/sync"])
def test_the_tenant_header_reaches_decisions_but_not_the_next_request(spans, path):
    app = fastapi_app(tenant_header="X-Tenant")
    assert call(app, path, x_tenant="north").json() == {"tenant": "north"}
    assert {span.attributes["tenant.id"] for span in spans.all()} == {"north"}
    assert len(spans.all()) == 2
    assert call(app, path).json() == {"tenant": None}


def test_the_header_is_not_believed_unless_named(spans):
    assert call(fastapi_app(), "/essays/7", x_tenant="north").json() == {"tenant": None}


def test_the_tenant_may_come_from_a_function(spans):
    app = fastapi_app(tenant=lambda scope: scope["path"].strip("/").split("/")[0])
    assert call(app, "/essays/7").json() == {"tenant": "essays"}


def test_a_tenant_function_that_fails_costs_only_the_tenant(spans):
    app = fastapi_app(tenant=lambda scope: scope["nothing"])
    assert call(app, "/essays/7").json() == {"tenant": None}
    assert answerable.warnings_seen() == {"internal": 1}
    assert server_span(spans).attributes["http.response.status_code"] == 200


def test_exceptions_pass_through_and_are_recorded(spans):
    # Outermost, where no error handler of the framework comes first.
    error = RuntimeError("boom")

    async def app(scope, receive, send):
        raise error

    with pytest.raises(RuntimeError) as caught:
        call(answerable.AnswerableMiddleware(app))
    assert caught.value is error
    span = server_span(spans)
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["http.response.status_code"] == 500
    assert span.attributes["error.type"] == "RuntimeError"


def test_an_exception_of_an_endpoint_is_an_error(spans):
    assert call(fastapi_app(), "/boom", raise_errors=False).status_code == 500
    span = server_span(spans)
    assert span.name == "GET /boom"
    assert span.attributes["error.type"] == "RuntimeError"


def test_a_server_error_without_exception_is_an_error(spans):
    call(fastapi_app(), "/teapot")
    span = server_span(spans)
    assert span.attributes["error.type"] == "503"
    assert span.status.status_code is StatusCode.ERROR


def test_an_active_server_span_is_used(spans):
    app = answerable.AnswerableMiddleware(fastapi_app(), tenant_header="x-tenant")
    tracer = spans.provider.get_tracer("opentelemetry.instrumentation.asgi")

    async def outer(scope, receive, send):
        with tracer.start_as_current_span("GET", kind=SpanKind.SERVER):
            await app(scope, receive, send)

    call(outer, "/essays/7", x_tenant="north")
    span = server_span(spans)
    assert span.instrumentation_scope.name == "opentelemetry.instrumentation.asgi"
    assert span.attributes["tenant.id"] == "north"
    assert spans.named("grade").parent.span_id == span.context.span_id


def test_unknown_methods_and_routes_keep_cardinality_low(spans):
    call(fastapi_app(), "/nowhere/17", method="BREW")
    span = server_span(spans)
    assert span.name == "HTTP"
    assert span.attributes["http.request.method"] == "_OTHER"
    assert span.attributes["http.request.method_original"] == "BREW"
    assert "http.route" not in span.attributes
    assert span.attributes["http.response.status_code"] == 404


def test_excluded_paths_have_no_span(spans):
    app = fastapi_app(exclude_paths=["/teapot"])
    call(app, "/teapot")
    assert spans.all() == ()


def test_starlette_and_mounted_routes(spans):
    async def page(request):
        return PlainTextResponse("hi")

    app = Starlette(routes=[Mount("/api", routes=[Route("/pages/{name}", page)])])
    app.add_middleware(answerable.AnswerableMiddleware)
    assert call(app, "/api/pages/one").text == "hi"
    assert server_span(spans).attributes["http.route"].endswith("/pages/{name}")


def test_lifespan_and_websockets_are_left_alone(spans):
    seen = []

    async def app(scope, receive, send):
        seen.append((scope["type"], answerable.current_tenant()))

    wrapped = answerable.AnswerableMiddleware(app, tenant_header="x-tenant")

    async def main():
        await wrapped({"type": "lifespan"}, None, None)
        scope = {"type": "websocket", "path": "/", "headers": [(b"x-tenant", b"north")]}
        await wrapped(scope, None, None)

    asyncio.run(main())
    assert seen == [("lifespan", None), ("websocket", "north")]
    assert spans.all() == ()


def test_hostile_headers_do_no_harm(spans):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})

    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/\ud800",
        "headers": [(b"traceparent", b"\xff\xff"), (b"x-tenant", b"\xff" * 5000), (b"\xfe", b"")],
    }
    wrapped = answerable.AnswerableMiddleware(app, tenant_header="x-tenant")
    asyncio.run(wrapped(scope, None, send))
    assert sent[0]["status"] == 204
    assert len(server_span(spans).attributes["tenant.id"]) <= 256
    assert server_span(spans).attributes["url.path"] == "/?"
